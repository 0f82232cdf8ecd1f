"""Everything that is loaded lazily, loaded now: a confined child can open no file any more.

Rather than a list of what that is, the road itself is walked once: whatever it needs is there afterwards.
"""

from __future__ import annotations

import codecs
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import Final

from lxml import etree

from harvester.protocols import PROTOCOLS
from harvester.rules import RULES
from harvester.rules.samples import SOURCE, TODAY, sample_record
from harvester.sandbox.answer import check_answer
from harvester.sandbox.errors import AnswerRefused
from harvester.sandbox.explaining import reasons
from harvester.sandbox.limits import SandboxLimits
from harvester.sandbox.wire import Reading
from harvester.sandbox.workbook import sample_workbook
from harvester.tables.documents import document_of
from harvester.tables.sheets import TableRefused, read_rows
from registry.formats import FORMATS
from registry.formats.columns import TABLE_COLUMNS
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue
from schemas.xml import canonical

_ENCODINGS: Final = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "gb2312",
    "gbk",
    "gb18030",
    "latin-1",
    "ascii",
)
_NAMESPACE: Final = "http://www.openarchives.org/OAI/2.0/"


def warm() -> None:
    """Read an answer of every protocol in every format: records that the rules find faults in, one that the
    schema refuses, and an end that is not well-formed."""
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    for protocol in PROTOCOLS:
        for prefix, metadata in FORMATS.items():
            if metadata.read is not None:
                source = replace(SOURCE, protocol=protocol, metadata_prefix=prefix)
                for end in (b"", b"</broken>"):
                    with suppress(AnswerRefused):
                        _read(Reading(source, b"", TODAY), (_answer(prefix), end))
    traceback.extract_stack(limit=1)


def warm_to_explain() -> None:
    """Explain a record that is empty, and one in which everything is wrong that the schema can find."""
    reasons(_empty(FORMATS["catalogue"].record_tag))
    reasons(canonical(sample_record("<mdDateUpd>1</mdDateUpd>", "<division>1</division>", "<sharing/>")))
    traceback.extract_stack(limit=1)


def warm_to_tabulate() -> None:
    """Read a workbook with everything that a cell can be, texts in all encodings, mixed, and in none; and records."""
    codecs.lookup("cp437")  # names in a zip
    texts = [f"mdId,resTitle\n1,{'杭州市目录' * 9}\n".encode(each) for each in ("utf-8-sig", "gb18030")]
    tables = [("a.csv", each) for each in (*texts, b"".join(texts), b"\xff")]
    for name, content in (*tables, ("a.xlsx", sample_workbook())):
        with suppress(TableRefused):
            for _ in read_rows(name, BytesIO(content)):
                pass
    names = [column.name for column in TABLE_COLUMNS]
    sparse = {"catalogue": "project", "item": "2.1"}  # of which the rest is looked up
    for row in ({}, dict.fromkeys(names, "1"), sparse):
        lines = (names, [row.get(name, "") for name in names])
        with suppress(TableRefused):
            for _ in document_of("a.csv", BytesIO("\n".join(map(",".join, lines)).encode())):
                pass
    traceback.extract_stack(limit=1)


def _read(reading: Reading, chunks: Iterable[bytes]) -> None:
    for _ in check_answer(reading, SandboxLimits(), chunks, _nothing_known, _unexplained):
        pass


def _unexplained(element: etree._Element) -> tuple[Issue, ...]:  # noqa: ARG001 - another child explains
    return ()


def _nothing_known(keys: Sequence[RecordKey]) -> Callable[[], Sequence[bool]]:
    return lambda: [False] * len(keys)


def _answer(prefix: str) -> bytes:
    """A document of records, as a page of OAI-PMH; other protocols look for the records only."""
    elements = _catalogue_records() if prefix == "catalogue" else _records_of(prefix)
    records = b"".join(
        b"<record><header><identifier>%b</identifier><datestamp>2024-06-01</datestamp></header>"
        b"<metadata>%b</metadata></record>" % (f"oai:hangzhou.example:{number}".encode(), element)
        for number, element in enumerate(elements)
    )
    return b'<OAI-PMH xmlns="%b"><ListRecords>%b</ListRecords></OAI-PMH>' % (_NAMESPACE.encode(), records)


def _catalogue_records() -> list[bytes]:
    fragments = [rule.bad for rule in RULES.values() if rule.bad.startswith("<")]
    return [
        canonical(sample_record()),
        canonical(sample_record(*fragments)),
        _empty(FORMATS["catalogue"].record_tag),
    ]


def _records_of(prefix: str) -> list[bytes]:
    """One record that the format's reader carries over, and one that it refuses."""
    return [FORMATS[prefix].sample.encode(), _empty(FORMATS[prefix].record_tag)]


def _empty(tag: str) -> bytes:
    """An element without content: every format refuses it."""
    namespace, _, name = tag.rpartition("}")
    return f'<{name} xmlns="{namespace[1:]}"></{name}>'.encode()
