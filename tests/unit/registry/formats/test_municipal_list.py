"""Real municipal lists, and that nothing about a person leaves them."""

from __future__ import annotations

import pytest
from lxml import etree

from registry.formats import FORMATS, ParsedRecord, ReadContext
from registry.formats.municipal_list import NEVER_CARRIED
from schemas.xml import parse
from schemas.xsd import explain
from tests.shared import SHARED, needs_shared

LIST = FORMATS["municipal_list"]


def rows(name: str) -> list[etree._Element]:
    return list(parse((SHARED / "data/cn" / name).read_bytes()).iter(LIST.record_tag))


@needs_shared
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("xmjbxx.xml", ["36040312345678920120001"] * 2),
        ("项目基本信息申报表.xml", ["36040300000000120122000"]),
    ],
)
def test_real_lists_make_valid_records(name: str, keys: list[str]) -> None:
    assert [LIST.key(row) for row in rows(name)] == keys
    assert LIST.read is not None
    for row in rows(name):
        record = LIST.read(row, ReadContext())
        assert isinstance(record, ParsedRecord)
        assert record.issues == ()
        assert explain(record.element) == ()


@needs_shared
def test_contact_data_are_never_carried() -> None:
    assert LIST.read is not None
    for name in ("xmjbxx.xml", "xmjbxx1.xml", "项目基本信息申报表.xml"):
        for row in rows(name):
            contact = {text for each in NEVER_CARRIED if (text := row.findtext(each))}
            assert contact
            record = LIST.read(row, ReadContext())
            assert isinstance(record, ParsedRecord)
            carried = set(map(str, record.element.itertext()))
            assert not contact & carried


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024年3月5日", "2024-03-05"),
        ("2024.03.05", "2024-03-05"),
        ("2024-03-05T00:00:00", "2024-03-05"),
        ("2024-02-30", None),
        ("2024-03", None),
        ("三月", None),
    ],
)
def test_dates_are_read_as_people_write_them(written: str, day: str | None) -> None:
    row = parse(
        f"<PROPERTIES><项目编号>1</项目编号><项目名称>x</项目名称><建设单位>y</建设单位>"
        f"<行政区划代码>330100</行政区划代码><建设时间>{written}</建设时间></PROPERTIES>".encode()
    )
    assert LIST.read is not None
    record = LIST.read(row, ReadContext())
    assert isinstance(record, ParsedRecord)
    assert record.element.findtext("{*}project/{*}startDate") == day
    assert [issue.code for issue in record.issues] == ([] if day else ["municipal-date"])
