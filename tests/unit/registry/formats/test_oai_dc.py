"""Dublin Core both ways, and what a source's scope may fill in."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.formats import FORMATS, ParsedRecord, ReadContext
from registry.formats.catalogue import facts_of
from registry.model.source import Protocol, SourceDescription, SourceScope
from schemas.xml import canonical, parse

GOLDEN = Path(__file__).parents[3] / "golden"
PROJECT = (GOLDEN / "read/oai_dc/project.xml").read_bytes()
DC = FORMATS["oai_dc"]


def source(divisions: tuple[str, ...], categories: tuple[str, ...]) -> SourceDescription:
    scope = SourceScope((), divisions, categories)
    return SourceDescription(
        1, "s", 1, "420500", Protocol.OAI_PMH, "https://a.example/oai", "oai_dc", "a.example", scope
    )


def read(content: bytes, context: ReadContext) -> ParsedRecord | list[str]:
    assert DC.read is not None
    found = DC.read(parse(content), context)
    return found if isinstance(found, ParsedRecord) else [issue.path for issue in found]


def test_what_was_written_reads_back_to_the_same_facts() -> None:
    record = read(PROJECT, ReadContext())
    assert isinstance(record, ParsedRecord)
    assert DC.write is not None
    facts = facts_of(record.element)
    written = DC.write(canonical(record.element), facts)
    again = read(written, ReadContext(identifier="https://yichang.example/tenders/77"))
    assert isinstance(again, ParsedRecord)
    assert facts_of(again.element) == facts
    assert canonical(again.element) == canonical(record.element)


def test_rights_survive_the_way_through_dublin_core() -> None:
    closed = PROJECT.replace("有条件共享".encode(), "不予共享".encode()).replace(
        b"</oai_dc:dc>", b"<dc:rights>not open</dc:rights></oai_dc:dc>"
    )
    record = read(closed, ReadContext())
    assert isinstance(record, ParsedRecord)
    facts = facts_of(record.element)
    assert (facts.sharing.value, facts.open) == ("3", False)


BARE = PROJECT.replace("<dc:subject>2.2 招标投标</dc:subject>".encode(), b"").replace(
    b"<dc:coverage>420500</dc:coverage>", b""
)


def test_an_unambiguous_scope_fills_in_division_and_item() -> None:
    record = read(BARE, ReadContext.of(source(("420500",), ("project:2.2",))))
    assert isinstance(record, ParsedRecord)
    assert canonical(record.element) == canonical(
        parse((GOLDEN / "read/oai_dc/project.catalogue.xml").read_bytes())
    )


@pytest.mark.parametrize(
    ("divisions", "categories", "missing"),
    [
        ((), (), ["dc/subject", "dc/coverage"]),
        (("420500",), ("project",), ["dc/subject"]),
        (("420500",), ("project:2.1", "project:2.2"), ["dc/subject"]),
        (("420500", "420600"), ("project:2.2",), ["dc/coverage"]),
    ],
)
def test_an_ambiguous_scope_fills_in_nothing(
    divisions: tuple[str, ...], categories: tuple[str, ...], missing: list[str]
) -> None:
    assert read(BARE, ReadContext.of(source(divisions, categories))) == missing


def test_the_identifier_of_the_header_is_the_metadata_identifier() -> None:
    context = ReadContext().for_record("oai:a.example:77")
    record = read(PROJECT, context)
    assert isinstance(record, ParsedRecord)
    assert FORMATS["catalogue"].key(record.element) == "oai:a.example:77"
    assert DC.key(parse(PROJECT)) == "https://yichang.example/tenders/77"
