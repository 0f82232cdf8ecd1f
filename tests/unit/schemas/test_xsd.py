"""What the catalogue schema accepts, and how a refusal is explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from schemas.explanation import FAULTS
from schemas.xml import canonical, parse
from schemas.xsd import CATALOGUE, FILE, FOLDER, NAMESPACE, explain

GOLDEN = Path(__file__).parents[2] / "golden"
PENALTY = (GOLDEN / "write/catalogue/penalty.catalogue.xml").read_text(encoding="utf-8")
XS = "{http://www.w3.org/2001/XMLSchema}"

MINIMAL = f"""<record xmlns="{NAMESPACE}">
<mdId>1</mdId>
<resTitle>标题</resTitle>
<abstract>摘要</abstract>
<IdPoC><rpOrgName>单位</rpOrgName></IdPoC>
<TpCat><cateStd>标准</cateStd><cateName>类目</cateName><cateCode>1</cateCode></TpCat>
<resID>1/1</resID>
<catalogue>project</catalogue>
<item>2.1</item>
<division>330100</division>
<sharing>1</sharing>
<openness>1</openness>
</record>"""


@pytest.mark.parametrize("record", [MINIMAL, PENALTY], ids=["minimal", "rich"])
def test_valid_records_pass(record: str) -> None:
    assert explain(record.encode()) == ()
    assert CATALOGUE.validate(parse(canonical(parse(record.encode()))))


MANDATORY = ("mdId", "resTitle", "abstract", "IdPoC", "TpCat", "resID", "catalogue", "item", "division")


@pytest.mark.parametrize("name", [*MANDATORY, "sharing", "openness"])
def test_each_mandatory_element_is_missed_by_name(name: str) -> None:
    record = parse(MINIMAL.encode())
    [element] = record.iterfind(f"{{{NAMESPACE}}}{name}")
    record.remove(element)
    [issue] = explain(record)
    assert (issue.code, issue.path) == ("schema-missing", "/record")
    assert name in issue.message.zh
    assert name in issue.message.en


FAULTY = {
    "unknown element": ("<item>", "<colour>red</colour><item>", "schema-unexpected", "/record", 9),
    "wrong order": ("<mdId>1</mdId>", "<resID>0</resID><mdId>1</mdId>", "schema-missing", "/record", 1),
    "twice": ("<resID>1/1</resID>", "<resID>1</resID><resID>2</resID>", "schema-unexpected", "/record", 7),
    "no code": ("<sharing>1", "<sharing>7", "schema-code", "/record/sharing", 11),
    "no item": ("<item>2.1", "<item>21", "schema-pattern", "/record/item", 9),
    "no division": ("330100", "3301", "schema-pattern", "/record/division", 10),
    "time zone": (
        "<abstract>",
        "<pubDate>2024-01-01Z</pubDate><abstract>",
        "schema-pattern",
        "/record/pubDate",
        4,
    ),
    "no day": ("<abstract>", "<pubDate>2024-02-30</pubDate><abstract>", "schema-value", "/record/pubDate", 4),
    "too long": ("标题", "长" * 501, "schema-long", "/record/resTitle", 3),
    "empty": ("标题", " ", "schema-empty", "/record/resTitle", 3),
    "attribute": ("<item>", '<item lang="zh">', "schema-attribute", "/record/item", 9),
    "nested": ("标题", "标<b/>题", "schema-nested", "/record/resTitle", 3),
    "stray text": ("<IdPoC>", "<IdPoC>单位", "schema-text", "/record/IdPoC", 5),
    "other namespace": (f'"{NAMESPACE}"', '"urn:mulu:catalogue:2"', "schema-record", "/record", 1),
    "second of two": (
        "</IdPoC>",
        "</IdPoC><IdPoC><cntAdd>x</cntAdd></IdPoC>",
        "schema-missing",
        "/record/IdPoC[2]",
        5,
    ),
    "no link": ("<resID>", "<onLineSrc>http://[</onLineSrc><resID>", "schema-invalid", "/record", 7),
}


@pytest.mark.parametrize(("old", "new", "code", "path", "line"), FAULTY.values(), ids=FAULTY.keys())
def test_a_fault_is_explained_with_its_place(old: str, new: str, code: str, path: str, line: int) -> None:
    assert MINIMAL.count(old) == 1
    found = explain(MINIMAL.replace(old, new).encode())
    assert (found[0].code, found[0].path, found[0].line) == (code, path, line)
    assert all(each.message.zh and each.message.en and each.hint.zh and each.hint.en for each in found)


def test_every_kind_of_explanation_has_a_sample() -> None:
    assert {fault.code for fault in FAULTS} == {code for _, _, code, _, _ in FAULTY.values()}


def test_a_prefixed_record_in_an_answer_is_explained_by_the_same_path() -> None:
    prefixed = MINIMAL.replace("<", "<m:").replace("<m:/", "</m:").replace("xmlns=", "xmlns:m=")
    answer = parse(b"<answer>\n\n" + prefixed.replace("<m:sharing>1", "<m:sharing>7").encode() + b"</answer>")
    [issue] = explain(answer[0])
    assert (issue.code, issue.path, issue.line) == ("schema-code", "/record/sharing", 13)


def test_many_faults_are_cut_off() -> None:
    many = "<party><partyRole>x</partyRole><partyName>y</partyName></party>" * 200
    assert len(explain(MINIMAL.replace("<sharing>", f"{many}<sharing>").encode())) == 50


def test_lengths_are_counted_in_characters_at_the_limit() -> None:
    assert explain(MINIMAL.replace("标题", "长" * 500).encode()) == ()
    assert explain(MINIMAL.replace("摘要", "𠮷" * 10000).encode()) == ()
    assert explain(MINIMAL.replace("摘要", "𠮷" * 10001).encode()) != ()


def test_everything_in_the_schema_is_annotated_in_both_languages() -> None:
    kinds = (f"{XS}element", f"{XS}complexType", f"{XS}simpleType")
    for file in FOLDER.glob("*.xsd"):
        for node in etree.parse(str(file)).iter(*kinds):
            languages = [
                str(each.get("{http://www.w3.org/XML/1998/namespace}lang"))
                for each in node.iterfind(f"{XS}annotation/{XS}documentation")
            ]
            assert languages == ["zh", "en"], (file.name, node.get("name"))


def test_the_schema_loads_in_both_validators_from_its_file() -> None:
    assert etree.XMLSchema(file=str(FILE)).validate(parse(MINIMAL.encode()))
