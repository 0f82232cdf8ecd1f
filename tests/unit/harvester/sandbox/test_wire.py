"""The wire: what goes in comes out, however the bytes are cut; nothing but the declared types gets through."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.sandbox import wire
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition, Hop, Raw
from tests.unit.harvester.sandbox.answers import READING
from tests.unit.harvester.sandbox.impostor import FACTS, FALSE

_MOMENT = datetime(2024, 6, 1, 12, tzinfo=UTC)
_ISSUE = Issue("division-unknown", Severity.ERROR, Text("错", "wrong"), Text("改", "mend"), "/record", 7)
_HOP = Hop("330100", "https://hz.example/oai", "2024-06-01T00:00:00Z", "urn:mulu:catalogue:1", "")
_RECORD = CheckedRecord(
    "oai:x:1",
    Condition.LIVE,
    b"r" * 32,
    Raw(b"r" * 32, b"<r/>"),
    FALSE,
    b"d" * 32,
    _MOMENT,
    (_ISSUE,),
    (_HOP,),
    "record 1",
)

TO_CHILD: list[wire.ToChild] = [
    wire.Begin(READING),
    wire.Chunk(b"\x00\xff"),
    wire.End(),
    wire.End(broken=True),
    wire.Known([True, False]),
    wire.Explain(b"<r/>"),
    wire.Explained([_ISSUE]),
]
FROM_CHILD: list[wire.FromChild] = [
    wire.Ready(),
    wire.Ask([RecordKey("oai:x:1", b"r" * 32)]),
    wire.Batch([_RECORD, CheckedRecord("oai:x:2", Condition.KNOWN)]),
    wire.Explain(b"<r/>"),
    wire.Explained([_ISSUE]),
    wire.Failed(_ISSUE),
    wire.Crashed("ValueError at x.py:1"),
]


@given(st.data())
def test_messages_survive_any_cut(data: st.DataObject) -> None:
    stream = b"".join(map(wire.frame, FROM_CHILD))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=9)))
    frames = wire.Frames()
    payloads = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        payloads += frames.feed(stream[begin:end])
    assert [wire.from_child.decode(payload) for payload in payloads] == FROM_CHILD


@pytest.mark.parametrize("message", TO_CHILD, ids=lambda message: type(message).__name__)
def test_what_the_parent_says(message: wire.ToChild) -> None:
    (payload,) = wire.Frames().feed(wire.frame(message))
    assert wire.to_child.decode(payload) == message


def test_types_are_kept() -> None:
    (payload,) = wire.Frames().feed(wire.frame(wire.Batch([_RECORD])))
    message = wire.from_child.decode(payload)
    assert isinstance(message, wire.Batch)
    record = message.records[0]
    assert record.condition is Condition.LIVE
    assert record.document is not None
    assert record.document.facts == FACTS
    assert record.document.facts.sharing is FACTS.sharing
    assert (record.datestamp, record.issues, record.path) == (_MOMENT, (_ISSUE,), (_HOP,))


def test_a_frame_has_a_longest_length() -> None:
    frames = wire.Frames()
    assert frames.feed(wire.MAX_FRAME.to_bytes(4, "big")) == []
    with pytest.raises(wire.FrameTooLong):
        wire.Frames().feed((wire.MAX_FRAME + 1).to_bytes(4, "big"))
    with pytest.raises(wire.FrameTooLong):
        wire.frame(wire.Chunk(bytes(wire.MAX_FRAME)))


@pytest.mark.parametrize(
    "payload", [b"", b"\x80", b"\x92\xa5Batch\xc0", b"\x91\xa6Pickle", b"\x92\xa3Ask\x91\xc0"]
)
def test_nothing_else_is_understood(payload: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        wire.from_child.decode(payload)
