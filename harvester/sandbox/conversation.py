"""The parent's side of the conversation about one answer: feeds its bytes, answers what the child asks, believes
nothing that cannot be true."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from harvester.errors import HarvestFailure
from harvester.protocols.base import Envelope
from harvester.sandbox import wire
from harvester.sandbox.errors import AnswerRefused
from harvester.sandbox.process import Child
from harvester.sandbox.trust import untrue
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue
from registry.model.record import CheckedRecord

Known = Callable[[Sequence[RecordKey]], Sequence[bool]]

_CHUNK = 1 << 18


class Conversation:
    """With one child about one answer. ``explain`` has a refused record explained; ``patience``: seconds."""

    def __init__(
        self,
        child: Child,
        reading: wire.Reading,
        known: Known,
        explain: Callable[[bytes], list[Issue]],
        patience: float,
    ) -> None:
        self._child = child
        self._reading = reading
        self._known = known
        self._explain = explain
        self._patience = patience
        self._broken: HarvestFailure | None = None
        self._fed = self._asked = self._owed = self._explained = 0

    def about(
        self, chunks: Iterable[bytes]
    ) -> Generator[list[CheckedRecord], None, Envelope | HarvestFailure]:
        """The records of the answer. Returns how it ended, be it well or badly, with the child fit for another.

        Raises ``ChildDied``.
        """
        child = self._child
        child.answers += 1
        child.send(wire.Begin(self._reading))
        parts: Iterator[bytes] | None = _parts(chunks)
        while True:
            if parts is not None and child.wants_more:
                parts = self._feed(parts)
            for message in child.exchange(self._patience):
                match message:
                    case wire.Ask(keys):
                        self._answer(keys)
                    case wire.Batch(records):
                        yield self._believed(records)
                    case wire.Explain(content):
                        self._answer_why(content)
                    case wire.Done() | wire.Failed():
                        return self._outcome(message)
                    case _:
                        child.distrust("a message out of turn")

    def _feed(self, parts: Iterator[bytes]) -> Iterator[bytes] | None:
        """Send the next part of the answer; None where that was the last, or the answer broke off."""
        try:
            part = next(parts, None)
        except HarvestFailure as failure:
            self._broken, part = failure, None
        if part is None:
            self._child.send(wire.End(broken=self._broken is not None))
            return None
        self._fed += len(part)
        self._child.send(wire.Chunk(part))
        return parts

    def _answer(self, keys: list[RecordKey]) -> None:
        self._asked += len(keys)
        if not keys or self._asked > self._fed:  # no record takes less than a byte
            self._child.distrust("more records than bytes")
        self._owed += len(keys)
        self._child.send(wire.Known(list(self._known(keys))))

    def _answer_why(self, content: bytes) -> None:
        if self._explained == self._asked:
            self._child.distrust("more refused records than records")
        self._explained += 1
        self._child.send(wire.Explained(self._explain(content)))

    def _believed(self, records: list[CheckedRecord]) -> list[CheckedRecord]:
        """``records``, which were asked about and can be true."""
        if not 0 < len(records) <= self._owed:
            self._child.distrust("records that nobody asked for")
        self._owed -= len(records)
        if fault := untrue(records, self._reading.archive_key):
            self._child.distrust(fault)
        return records

    def _outcome(self, said: wire.Done | wire.Failed) -> Envelope | HarvestFailure:
        if self._owed:
            self._child.distrust("records that it asked about and kept")
        if self._broken is not None:
            return self._broken
        return said.envelope if isinstance(said, wire.Done) else AnswerRefused(said.issue)


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """``chunks`` in pieces that fit a frame and a pipe."""
    for chunk in chunks:
        for at in range(0, len(chunk), _CHUNK):
            yield chunk[at : at + _CHUNK]
