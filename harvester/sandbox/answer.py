"""One answer on its road from bytes to checked records, without any process: what a child runs.

    cut into batches → ask which (identifier, raw digest) are known → check the others

The next batch is cut, and its question asked, before a batch is checked: in a child, the parent can then
take batch *k* while the child checks *k + 1*, without a thread on either side.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from harvester.errors import HarvestFailure
from harvester.parse import UNREADABLE, KeyedRecord, Parser
from harvester.protocols import PROTOCOLS
from harvester.protocols.base import Envelope
from harvester.sandbox.errors import AnswerRefused
from harvester.sandbox.limits import SandboxLimits
from harvester.sandbox.wire import Reading
from harvester.validate import Checker
from registry.formats import ParsedRecord
from registry.model.harvesting import RecordKey
from registry.model.issue import refuses
from registry.model.record import CheckedRecord
from registry.model.source import SourceDescription
from schemas.refusal import XmlRefused

Flags = Sequence[bool]
Ask = Callable[[Sequence[RecordKey]], Callable[[], Flags]]
"""Puts the question which keys are known; what it returns waits for the answer (one flag a key)."""

_LOOKAHEAD = 1


def check_answer(
    reading: Reading, limits: SandboxLimits, chunks: Iterable[bytes], ask: Ask
) -> Generator[list[CheckedRecord], None, Envelope]:
    """Batches of checked records in the order of the answer; returns what the answer says of itself.

    Where the answer may not be read further (``AnswerRefused``) or ``chunks`` breaks off
    (``HarvestFailure``), the records before that place are handed out first; then the failure is raised.
    """
    parser = Parser(reading.source, reading.archive_key)
    checker = Checker(reading.source, reading.today, limits.record_bytes)
    cutter = _Cutter(reading.source, parser, limits)
    waiting: deque[tuple[list[KeyedRecord], Callable[[], Flags]]] = deque()

    def put(batch: list[KeyedRecord]) -> None:
        waiting.append((batch, ask([record.key for record in batch])))

    def settle() -> list[CheckedRecord]:
        batch, flags = waiting.popleft()
        return [
            checker.known(record.key, record.raw) if known else _checked(record, parser, checker)
            for record, known in zip(batch, flags(), strict=True)
        ]

    failure: HarvestFailure | None = None
    envelope = Envelope(complete=False)
    try:
        for chunk in chunks:
            for batch in cutter.feed(chunk):
                put(batch)
                while len(waiting) > _LOOKAHEAD:
                    yield settle()
        envelope = cutter.close()
    except XmlRefused as refused:
        failure = AnswerRefused(refused.issue())
    except HarvestFailure as broken_off:
        failure = broken_off
    if rest := cutter.rest():
        put(rest)
    while waiting:
        yield settle()
    if failure is not None:
        raise failure
    return envelope


def _checked(record: KeyedRecord, parser: Parser, checker: Checker) -> CheckedRecord:
    """``record`` parsed and checked. A failure in our own code costs this record, not the answer."""
    key, raw = record
    try:
        if raw.deleted:
            return checker.deleted(key, raw)
        if refuses(raw.issues):
            return checker.unreadable(key, raw, ())
        parsed = parser.parse(record)
        if isinstance(parsed, ParsedRecord):
            return checker.check(key, raw, parsed)
        return checker.unreadable(key, raw, parsed)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile record brings about
        return checker.unreadable(key, raw, (UNREADABLE.issue(reason=type(error).__name__),))


class _Cutter:
    """Cuts an answer into keyed records, and these into batches limited in number and bytes."""

    def __init__(self, source: SourceDescription, parser: Parser, limits: SandboxLimits) -> None:
        self._reader = PROTOCOLS[source.protocol].reader(source)
        self._parser = parser
        self._limits = limits
        self._batch: list[KeyedRecord] = []
        self._bytes = 0

    def feed(self, chunk: bytes) -> Iterator[list[KeyedRecord]]:
        """The batches that are now full."""
        for raw in self._reader.feed(chunk):
            self._batch.append(self._parser.keyed(raw))
            self._bytes += len(raw.raw)
            if len(self._batch) >= self._limits.batch_records or self._bytes >= self._limits.batch_bytes:
                yield self.rest()

    def close(self) -> Envelope:
        return self._reader.close()

    def rest(self) -> list[KeyedRecord]:
        """The records cut since the last full batch."""
        batch, self._batch, self._bytes = self._batch, [], 0
        return batch
