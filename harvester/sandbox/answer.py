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
from harvester.protocols.base import Envelope, RawRecord
from harvester.sandbox.errors import AnswerRefused
from harvester.sandbox.limits import SandboxLimits
from harvester.sandbox.wire import Reading
from harvester.validate import Checker, Explain
from registry.formats import ParsedRecord
from registry.model.harvesting import RecordKey
from registry.model.issue import refuses
from registry.model.record import CheckedRecord
from schemas.refusal import XmlRefused
from schemas.xsd import explain

Flags = Sequence[bool]
Ask = Callable[[Sequence[RecordKey]], Callable[[], Flags]]
"""Puts the question which keys are known; what it returns waits for the answer (one flag a key)."""

_LOOKAHEAD = 1
_AT_ONCE = (
    4 << 20
)  # bytes of an answer that are waited for, since a whole page is parsed faster than a stream


def check_answer(
    reading: Reading, limits: SandboxLimits, chunks: Iterable[bytes], ask: Ask, explain: Explain = explain
) -> Generator[list[CheckedRecord], None, Envelope]:
    """Batches of checked records in the order of the answer; returns what the answer says of itself.

    ``explain`` says why the schema refuses a record. Where the answer may not be read further
    (``AnswerRefused``) or ``chunks`` breaks off (``HarvestFailure``), the records before that place are
    handed out first; then the failure is raised.
    """
    parser = Parser(reading.source, reading.archive_key)
    checker = Checker(reading.source, reading.today, limits.record_bytes, explain)
    cutter = _Cutter(reading, parser, limits)
    waiting: deque[tuple[list[KeyedRecord], Callable[[], Flags]]] = deque()

    def put(batch: list[KeyedRecord]) -> None:
        waiting.append((batch, ask([record.key for record in batch])))

    def settle() -> list[CheckedRecord]:
        batch, flags = waiting.popleft()
        return _check_batch(batch, flags(), parser, checker)

    failure: HarvestFailure | None = None
    envelope = Envelope(complete=False)
    try:
        for chunk in _gathered(chunks):
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


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, the first of them in one piece, also where the rest breaks off."""
    rest = iter(chunks)
    begun = bytearray()
    failure: HarvestFailure | None = None
    try:
        for chunk in rest:
            begun += chunk
            if len(begun) >= _AT_ONCE:
                break
    except HarvestFailure as broken_off:
        failure = broken_off
    if begun:
        yield bytes(begun)
    if failure is not None:
        raise failure
    yield from rest


def _check_batch(
    batch: Sequence[KeyedRecord], flags: Flags, parser: Parser, checker: Checker
) -> list[CheckedRecord]:
    """The records of ``batch``, in order: the known ones as they are, the others checked together.

    A failure in our own code (whatever a hostile record brings about) costs one record, not the answer: the
    batch is then checked again record by record.
    """
    unknown = [record for record, known in zip(batch, flags, strict=True) if not known]
    try:
        checked = iter(_check(unknown, parser, checker))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001
        checked = iter([_check_alone(record, parser, checker) for record in unknown])
    return [
        checker.known(record.key, record.raw) if known else next(checked)
        for record, known in zip(batch, flags, strict=True)
    ]


def _check_alone(record: KeyedRecord, parser: Parser, checker: Checker) -> CheckedRecord:
    try:
        return _check([record], parser, checker)[0]
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001
        return checker.unreadable(*record, (UNREADABLE.issue(reason=type(error).__name__),))


def _check(records: Sequence[KeyedRecord], parser: Parser, checker: Checker) -> list[CheckedRecord]:
    """Parse and check ``records``."""
    settled: list[CheckedRecord | None] = []
    parsed: list[tuple[RecordKey, RawRecord, ParsedRecord]] = []
    for record in records:
        key, raw = record
        reading = () if raw.deleted or refuses(raw.issues) else parser.parse(record)
        if isinstance(reading, ParsedRecord):
            parsed.append((key, raw, reading))
            settled.append(None)
        elif raw.deleted:
            settled.append(checker.deleted(key, raw))
        else:
            settled.append(checker.unreadable(key, raw, reading))
    checked = iter(checker.check(parsed))
    return [next(checked) if outcome is None else outcome for outcome in settled]


class _Cutter:
    """Cuts an answer into keyed records, and these into batches limited in number and bytes."""

    def __init__(self, reading: Reading, parser: Parser, limits: SandboxLimits) -> None:
        protocol = PROTOCOLS[reading.source.protocol]
        single = protocol.single if reading.identifiers else None
        self._reader = single.identifier_reader() if single else protocol.reader(reading.source)
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
