"""Golden pairs: what a reader makes of an element, what a writer makes of stored bytes.

``tests/golden/read/<prefix>/<case>.xml`` gives ``<case>.catalogue.xml`` (absent: refused) with the issues of
``<case>.issues`` (code, severity, path; absent: none). ``tests/golden/write/<prefix>/<case>.catalogue.xml``
gives ``<case>.xml``. Layout does not count.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from registry.formats import FORMATS, ParsedRecord, ReadContext
from registry.formats.catalogue import facts_of
from schemas.oaipmh import OAI_DC
from schemas.xml import canonical, parse
from schemas.xsd import CATALOGUE, explain
from tests.shared import SHARED, needs_shared

GOLDEN = Path(__file__).parents[3] / "golden"


def cases(way: str, ending: str) -> list[tuple[str, str]]:
    """(prefix, case) of every pair."""
    paths = sorted((GOLDEN / way).glob(f"*/*{ending}"))
    found = [(path.parent.name, path.name.removesuffix(ending)) for path in paths]
    return [(prefix, case) for prefix, case in found if "." not in case]


def expected_issues(path: Path) -> list[tuple[str, str, str]]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(code, severity, place) for code, severity, place in (line.split(" ", 2) for line in lines)]


@pytest.mark.parametrize(("prefix", "case"), cases("read", ".xml"))
def test_reading(prefix: str, case: str) -> None:
    folder, reader = GOLDEN / "read" / prefix, FORMATS[prefix].read
    assert reader is not None
    found = reader(parse((folder / f"{case}.xml").read_bytes()), ReadContext())
    issues = found.issues if isinstance(found, ParsedRecord) else found
    assert [(each.code, each.severity.value, each.path) for each in issues] == expected_issues(
        folder / f"{case}.issues"
    )
    golden = folder / f"{case}.catalogue.xml"
    assert isinstance(found, ParsedRecord) == golden.exists()
    if isinstance(found, ParsedRecord):
        assert canonical(found.element).decode() == canonical(parse(golden.read_bytes())).decode()
        assert prefix == "catalogue" or explain(found.element) == ()


@pytest.mark.parametrize("prefix", [prefix for prefix, each in FORMATS.items() if each.read and each.sample])
def test_a_sample_is_carried_over(prefix: str) -> None:
    reader = FORMATS[prefix].read
    assert reader is not None
    found = reader(parse(FORMATS[prefix].sample.encode()), ReadContext(namespace="hangzhou.example"))
    assert isinstance(found, ParsedRecord)


def test_every_format_that_is_read_has_a_sample() -> None:
    """But for the stored one, whose samples are those of the rules."""
    assert [prefix for prefix, each in FORMATS.items() if each.read and not each.sample] == ["catalogue"]


@pytest.mark.parametrize(("prefix", "case"), cases("write", ".catalogue.xml"))
def test_writing(prefix: str, case: str) -> None:
    folder, writer = GOLDEN / "write" / prefix, FORMATS[prefix].write
    assert writer is not None
    record = parse((folder / f"{case}.catalogue.xml").read_bytes())
    assert CATALOGUE.validate(record)
    written = writer(canonical(record), facts_of(record))
    assert (
        canonical(parse(written)).decode() == canonical(parse((folder / f"{case}.xml").read_bytes())).decode()
    )
    inside = parse(b'<e xmlns="urn:e">' + written + b"</e>")
    assert canonical(inside[0]) == canonical(parse(written)), "it must mean the same inside another document"


def test_every_reader_and_writer_has_a_golden_pair() -> None:
    for prefix, each in FORMATS.items():
        for way, act in (("read", each.read), ("write", each.write)):
            found = list((GOLDEN / way / prefix).glob("*.catalogue.xml"))
            assert bool(found) == (act is not None), (way, prefix)


@needs_shared
def test_written_dublin_core_is_valid(tmp_path: Path) -> None:
    for name in ("oai_dc.xsd", "simpledc20021212.xsd", "xml.xsd"):
        official = (SHARED / "data/xsd" / name).read_text(encoding="utf-8")
        beside = re.sub(r'schemaLocation="[^"]*/', 'schemaLocation="', official)
        (tmp_path / name).write_text(beside, encoding="utf-8")
    schema = etree.XMLSchema(etree.parse(str(tmp_path / "oai_dc.xsd")))
    writer = FORMATS["oai_dc"].write
    assert writer is not None
    for path in sorted((GOLDEN / "write/oai_dc").glob("*.catalogue.xml")):
        record = parse(path.read_bytes())
        written = parse(writer(canonical(record), facts_of(record)))
        assert written.tag == f"{{{OAI_DC}}}dc"
        schema.assertValid(written)
