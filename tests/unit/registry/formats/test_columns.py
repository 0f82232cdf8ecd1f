"""The columns of import tables: what they fill, how values are read, and that the documentation lists them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from registry.formats.columns import COLUMNS, TABLE_COLUMNS, Column, column_of, content_of, mandatory_missing
from registry.formats.composing import compose
from schemas.xsd import CATALOGUE, NAMESPACE

DOCUMENTATION = Path(__file__).parents[4] / "docs" / "import.md"

MINIMAL = {
    "mdId": "JJ-1",
    "resTitle": "长江大堤加固工程",
    "abstract": "记录项目的基本信息。",
    "rpOrgName": "九江市住房和城乡建设局",
    "catalogue": "project",
    "item": "2.1",
    "division": "360400",
    "sharing": "1",
    "openness": "1",
}
"""The mandatory columns, and nothing else."""

WHOLE = MINIMAL | {
    "pubDate": "2025/6/30",
    "keyword": "水利；防洪;大堤",
    "onLineSrc": "https://www.jiujiang.example/1",
    "projectCode": "360400M000100Y420250001",
    "partyRole": "施工单位",
    "partyName": "九江示例建设有限公司",
    "partyId": "91350100M000100Y43",
    "qualificationName": "水利水电工程施工总承包",
    "achievementName": "长江大堤一期",
    "contractAmount": "1200.5",
    "awardName": "优质工程奖",
    "conductKind": "不良行为",
    "conductCode": "D1-3-05",
    "authority": "九江市住房和城乡建设局",
    "decisionDate": "2025年6月1日",
    "publicUntil": "20280601",
    "gradeLevel": "A",
    "sourceDepartment": "九江市住房和城乡建设局",
    "collectionDate": "2025.6.30",
    "updateCycle": "每月",
    "format": "电子表格；数据库",
    "secrecy": "普通",
}


def element(row: dict[str, str]) -> etree._Element:
    return etree.fromstring(etree.tostring(compose(content_of(row))))


def text(row: dict[str, str], path: str) -> str:
    return "|".join(
        each.text or ""
        for each in element(row).iterfind("/".join(f"{{{NAMESPACE}}}{n}" for n in path.split("/")))
    )


@pytest.mark.parametrize("row", [MINIMAL, WHOLE], ids=["minimal", "whole"])
def test_rows_make_valid_records(row: dict[str, str]) -> None:
    CATALOGUE.assertValid(element(row))


def test_every_column_fills_its_element() -> None:
    for column in COLUMNS:
        assert text(MINIMAL | {column.name: "1"}, column.path) == "1", column


def test_columns_stand_in_the_order_of_the_schema() -> None:
    filled = element({column.name: "1" for column in COLUMNS})
    tops = [etree.QName(each).localname for each in filled]
    assert tops == list(dict.fromkeys(column.path.partition("/")[0] for column in COLUMNS))


@pytest.mark.parametrize(
    "written", ["2025-06-30", "2025/6/30", "2025.6.30", "20250630", "2025年6月30日", "2025-06-30 00:00:00"]
)
def test_days_are_read_however_they_are_written(written: str) -> None:
    assert text(MINIMAL | {"pubDate": written}, "pubDate") == "2025-06-30"


@pytest.mark.parametrize("written", ["2025-02-30", "soon", "30/6/2025"])
def test_what_is_no_day_stays_for_the_rules_to_judge(written: str) -> None:
    assert text(MINIMAL | {"pubDate": written}, "pubDate") == written


@pytest.mark.parametrize(
    ("name", "written", "code"),
    [
        ("sharing", "无条件共享", "1"),
        ("sharing", "Not shared", "3"),
        ("sharing", "2", "2"),
        ("openness", "是", "1"),
        ("openness", "否", "0"),
        ("catalogue", "信用信息共享目录", "credit"),
        ("updateCycle", "每季度", "5"),
        ("sharing", "whatever", "whatever"),
    ],
)
def test_labels_stand_for_codes(name: str, written: str, code: str) -> None:
    assert text(MINIMAL | {name: written}, name) == code


def test_what_is_left_to_us_follows_from_the_rest() -> None:
    assert text(MINIMAL, "resID") == "JJ-1"
    assert text(MINIMAL, "TpCat/cateName") == "基本信息"
    assert text(WHOLE, "party/partyIdScheme") == "uscc"
    assert text(WHOLE | {"partyId": "M000100Y4"}, "party/partyIdScheme") == "organisation"
    assert text(WHOLE, "conduct/conductScheme") == "national"
    assert text(WHOLE, "conduct/conductStatus") == "effective"
    assert text(WHOLE, "DescKeys/keyword") == "水利|防洪|大堤"


@pytest.mark.parametrize("heading", ["信息资源名称", " 信息资源 名称 ", "resTitle", "RESTITLE"])
def test_headings_are_recognised(heading: str) -> None:
    found = column_of(heading)
    assert found is not None
    assert found.name == "resTitle"


@pytest.mark.parametrize("heading", ["条目标识符", "identifier", "Identifier"])
def test_the_identifier_of_an_entry_is_no_part_of_its_record(heading: str) -> None:
    found = column_of(heading)
    assert found == TABLE_COLUMNS[0]
    assert etree.tostring(element(MINIMAL | {found.name: "oai:a.b:1"})) == etree.tostring(element(MINIMAL))


def test_unknown_headings_are_not() -> None:
    assert column_of("resTitel") is None


def test_missing_columns_are_named() -> None:
    assert [each.name for each in mandatory_missing(())] == list(MINIMAL)


def _documented(column: Column) -> str:
    notes = [column.codes and f"code list `{column.codes}`", column.many and "many", column.is_day and "date"]
    name = f"**{column.zh}**" if column.mandatory else column.zh
    return f"| {name} | `{column.name}` | `{column.path}` | {', '.join(each for each in notes if each)} |"


def test_the_documentation_lists_every_column() -> None:
    rows = [line for line in DOCUMENTATION.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert rows[1:] == [_documented(column) for column in TABLE_COLUMNS]
