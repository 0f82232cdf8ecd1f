"""One answer on its road from bytes to checked records, without any process: what a child runs.

    cut into batches → ask which (identifier, raw digest) are known → check the others

The next batch is cut, and its question asked, before a batch is checked, and a batch is handed over in pieces: in
a child, the parent can then take one piece while the child checks the next, without a thread on either side. A
question is worth a whole batch, since it costs the parent a query.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from harvester.errors import HarvestFailure
from harvester.parse import KeyedRecord, Parser
from harvester.protocols import PROTOCOLS
from harvester.protocols.base import Envelope
from harvester.sandbox.batch import BatchChecker
from harvester.sandbox.errors import AnswerRefused
from harvester.sandbox.limits import SandboxLimits
from harvester.sandbox.wire import Reading
from harvester.validate import Checker, Explain
from registry.model.harvesting import RecordKey
from registry.model.record import CheckedRecord
from schemas.gauge import nodes_at_most
from schemas.refusal import MANY_RECORDS, XmlRefused
from schemas.xsd import explain

Flags = Sequence[bool]
Ask = Callable[[Sequence[RecordKey]], Callable[[], Flags]]
"""Puts the question which keys are known; what it returns waits for the answer (one flag a key)."""

_LOOKAHEAD = 1
_CHECKED_AT_ONCE = (
    100  # records: enough for a stage to stay in the cache, few enough to hand over without a pause
)
_AT_ONCE = (
    4 << 20
)  # bytes of an answer that are waited for, since a whole page is parsed faster than a stream


def check_answer(
    reading: Reading, limits: SandboxLimits, chunks: Iterable[bytes], ask: Ask, explain: Explain = explain
) -> Generator[list[CheckedRecord], None, Envelope]:
    """Checked records in the order of the answer, some at a time; returns what the answer says of itself.

    ``explain`` says why the schema refuses a record. Where the answer may not be read further
    (``AnswerRefused``) or ``chunks`` breaks off (``HarvestFailure``), the records before that place are
    handed out first; then the failure is raised.
    """
    parser = Parser(reading.source, reading.archive_key)
    checker = BatchChecker(
        parser, Checker(reading.source, reading.today, limits.record_bytes, explain), limits
    )
    cutter = _Cutter(reading, parser, limits)
    waiting: deque[tuple[list[KeyedRecord], Callable[[], Flags]]] = deque()

    def put(batch: list[KeyedRecord]) -> None:
        waiting.append((batch, ask([record.key for record in batch])))

    def settle() -> Iterator[list[CheckedRecord]]:
        batch, pending = waiting.popleft()
        flags = pending()
        for at in range(0, len(batch), _CHECKED_AT_ONCE):
            piece = slice(at, at + _CHECKED_AT_ONCE)
            yield checker.check(batch[piece], flags[piece])

    failure: HarvestFailure | None = None
    envelope = Envelope(complete=False)
    try:
        for chunk in _gathered(chunks, limits.tree_nodes):
            for batch in cutter.feed(chunk):
                put(batch)
                while len(waiting) > _LOOKAHEAD:
                    yield from settle()
        envelope = cutter.close()
    except XmlRefused as refused:
        failure = AnswerRefused(refused.issue())
    except HarvestFailure as broken_off:
        failure = broken_off
    if rest := cutter.rest():
        put(rest)
    while waiting:
        yield from settle()
    if failure is not None:
        raise failure
    return envelope


def _gathered(chunks: Iterable[bytes], most_nodes: int) -> Iterator[bytes]:
    """The same bytes, the first of them in one piece, also where the rest breaks off. No more is waited for once
    that piece may hold so many nodes that it cannot be parsed at once."""
    rest = iter(chunks)
    begun = bytearray()
    nodes = 0
    failure: HarvestFailure | None = None
    try:
        for chunk in rest:
            begun += chunk
            nodes += nodes_at_most(chunk)
            if len(begun) >= _AT_ONCE or nodes > most_nodes:
                break
    except HarvestFailure as broken_off:
        failure = broken_off
    if begun:
        yield bytes(begun)
    if failure is not None:
        raise failure
    yield from rest


class _Cutter:
    """Cuts an answer into keyed records, and these into batches limited in number and bytes."""

    def __init__(self, reading: Reading, parser: Parser, limits: SandboxLimits) -> None:
        protocol = PROTOCOLS[reading.source.protocol]
        single = protocol.single if reading.identifiers else None
        self._reader = (
            single.identifier_reader(limits.tree) if single else protocol.reader(reading.source, limits.tree)
        )
        self._parser = parser
        self._limits = limits
        self._batch: list[KeyedRecord] = []
        self._bytes = 0
        self._left = limits.answer_records

    def feed(self, chunk: bytes) -> Iterator[list[KeyedRecord]]:
        """The batches that are now full. Raises ``XmlRefused``."""
        for raw in self._reader.feed(chunk):
            if not self._left:
                raise XmlRefused(MANY_RECORDS, limit=self._limits.answer_records)
            self._left -= 1
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
