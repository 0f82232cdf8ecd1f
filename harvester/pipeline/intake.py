"""The records of one answer, on their way from the reader into pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from harvester.errors import ProtocolFailure
from harvester.pipeline.faults import LIST_CHANGED, MANY_RECORDS, ListStopped
from harvester.pipeline.pages import PAGE_RECORDS
from harvester.protocols.base import Envelope
from registry.model.record import CheckedRecord

Take = Callable[[list[CheckedRecord]], None]


class Trace:
    """How many records there were, and a digest that tells whether they were the same."""

    def __init__(self) -> None:
        self.count = 0
        self._digest = blake2b(digest_size=16)

    @property
    def digest(self) -> bytes:
        return self._digest.digest()

    def add(self, records: list[CheckedRecord]) -> None:
        """These records came next."""
        self.count += len(records)
        for record in records:
            self._digest.update(record.identifier.encode() + b"\n" + record.raw_digest)


@dataclass(slots=True)
class Intake:
    """Gathers records; of a long answer, a transaction's worth at a time is taken before its end has come.

    An answer may be read again (:meth:`begin`). What was taken of it is then passed over, and must be the same:
    nothing is taken twice, and nothing is lost. ``taken`` counts those records. There is ``room`` for so many.
    """

    take: Take
    room: int
    gathered: list[CheckedRecord] = field(default_factory=list)
    taken: int = 0
    _trace: Trace = field(default_factory=Trace)
    _again: Trace | None = None

    @property
    def count(self) -> int:
        """How many records came in, taken or not."""
        return self.taken + len(self.gathered)

    def begin(self) -> None:
        """The answer is read from its beginning."""
        self.gathered.clear()
        self._again = Trace() if self.taken else None

    def add(self, batch: list[CheckedRecord]) -> None:
        """Take in a batch. Raises ``ProtocolFailure`` where it is not what came the first time, ``ListStopped``
        where there is no room for all of it."""
        again = self._again
        if again is not None:
            missing = self.taken - again.count
            again.add(batch[:missing])
            if again.count < self.taken:
                return
            if again.digest != self._trace.digest:
                raise ProtocolFailure(LIST_CHANGED)
            self._again, batch = None, batch[missing:]
        room = self.room - self.count
        self.gathered.extend(batch[:room])
        if len(batch) > room:
            raise ListStopped(MANY_RECORDS.issue(limit=self.room))
        if len(self.gathered) >= PAGE_RECORDS:
            self.hand_over()

    def hand_over(self) -> None:
        """Let what was gathered be taken before the answer ends."""
        records, self.gathered = self.gathered, []
        self.taken += len(records)
        self._trace.add(records)
        self.take(records)

    def rest(self) -> list[CheckedRecord]:
        """What was gathered since. Raises ``ProtocolFailure`` where less came than the first time."""
        if self._again is not None:
            raise ProtocolFailure(LIST_CHANGED)
        return self.gathered


def drain(batches: Iterator[list[CheckedRecord]], take: Take) -> Envelope:
    """Hand every batch to ``take``; what the generator returns at its end."""
    while True:
        try:
            batch = next(batches)
        except StopIteration as end:
            envelope: Envelope = end.value
            return envelope
        take(batch)
