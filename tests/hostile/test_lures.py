"""Nobody opens a file or an address because a document asks for it: not the child, not its parser by itself."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from xml.sax import SAXException, handler, make_parser

import pytest

from harvester.sandbox import AnswerReader, AnswerRefused, InlineSandbox, Reading, Sandbox
from registry.model.source import Protocol
from tests.conftest import Tell
from tests.hostile.documents import luring
from tests.invariants.lures import Lures
from tests.shared import needs_shared
from tests.unit.harvester.protocols.samples import source
from tests.unit.harvester.sandbox.answers import READING, nothing_known, page, record

pytestmark = needs_shared


@pytest.fixture
def lures(tmp_path: Path) -> Iterator[Lures]:
    with Lures(tmp_path) as laid:
        yield laid


def verdict(reader: AnswerReader, reading: Reading, content: bytes) -> str:
    """What a reader says of an answer: the code of its refusal, or empty."""
    batches = reader.read(reading, [content], nothing_known)
    try:
        while True:
            next(batches)
    except StopIteration:
        return ""
    except AnswerRefused as refused:
        return refused.issue.code


@pytest.mark.parametrize("kind", [InlineSandbox, Sandbox], ids=["the parser by itself", "a child"])
def test_no_lure_is_touched(kind: type[InlineSandbox | Sandbox], lures: Lures, tell: Tell) -> None:
    """As an answer, and as one record in one."""
    plain = Reading(source(Protocol.XML_DOCUMENT), b"k" * 32, READING.today)
    reader, count = kind(), 0
    for document in luring(lures):
        for reading in (plain, READING):
            verdict(reader, reading, document.content)
        verdict(reader, READING, page(record("1", document.content)))
        count += 3
    if isinstance(reader, Sandbox):
        reader.close()
    assert lures.touched == []
    tell(f"lures ({kind.__name__}): {count} answers ask for a file or an address, 0 touched")


def test_who_follows_is_noticed(lures: Lures) -> None:
    """The positive control: a parser that loads what it is asked for touches both lures."""
    parser = make_parser()
    parser.setFeature(handler.feature_external_ges, True)
    for document in luring(lures):
        if document.name in ("external subset, file", "external subset, http"):
            with suppress(SAXException):
                parser.parse(io.BytesIO(document.content))
    _until(lambda: len(lures.touched) == 2)
    assert {violation.invariant for violation in lures.violations()} == {"I12"}


def _until(happened: Callable[[], bool]) -> None:
    for _ in range(500):
        if happened():
            return
        time.sleep(0.01)
    pytest.fail("waited in vain")
