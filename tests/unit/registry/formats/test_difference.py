"""Two documents side by side."""

from __future__ import annotations

from registry.formats.difference import difference, fields
from tests.factories import catalogue_document


def test_the_fields_of_a_document_are_named_as_the_schema_does() -> None:
    found = {each.path: each for each in fields(catalogue_document("1", title="道路改造").content)}
    assert found["resTitle[1]"].value == "道路改造"
    assert found["resTitle[1]"].label.zh == "信息资源名称"
    assert found["IdPoC[1]/rpOrgName[1]"].label.zh.startswith("信息资源提供方 · ")
    assert found["sharing[1]"].meaning.zh
    assert (found["division[1]"].value, found["division[1]"].meaning.zh) == ("330100", "杭州市")
    assert (found["item[1]"].value, found["item[1]"].meaning.zh) == ("2.1", "基本信息")


def test_an_unknown_code_stands_for_nothing() -> None:
    content = catalogue_document("1", division="330199", item="99").content
    found = {each.path: each for each in fields(content)}
    assert [found[each].meaning.zh for each in ("division[1]", "item[1]")] == ["", ""]


def test_equal_documents_differ_in_nothing() -> None:
    content = catalogue_document("1").content
    rows = difference(content, content)
    assert rows and all(each.is_same for each in rows)


def test_what_changed_and_what_is_missing_is_told_in_its_place() -> None:
    before = catalogue_document("1", title="a").content
    after = before.replace(b"<resTitle>a</resTitle>", b"<resTitle>b</resTitle>")
    changed = [each for each in difference(before, after) if not each.is_same]
    assert [
        (each.path, each.before and each.before.value, each.after and each.after.value) for each in changed
    ] == [("resTitle[1]", "a", "b")]
    whole = difference(before, None)
    assert all(each.after is None for each in whole) and len(whole) == len(fields(before))
    assert [each.path for each in difference(None, after)] == [each.path for each in fields(after)]


def test_a_field_that_went_stands_where_it_stood() -> None:
    long = b"<mdId>1</mdId><resTitle>t</resTitle><pubDate>2024-01-01</pubDate>"
    long = b'<record xmlns="urn:mulu:catalogue:1">%b</record>' % long
    short = long.replace(b"<resTitle>t</resTitle>", b"")
    assert [(each.path, each.after is None) for each in difference(long, short)] == [
        ("mdId[1]", False), ("resTitle[1]", True), ("pubDate[1]", False),
    ]  # fmt: skip
    assert [(each.path, each.before is None) for each in difference(short, long)] == [
        ("mdId[1]", False), ("resTitle[1]", True), ("pubDate[1]", False),
    ]  # fmt: skip
