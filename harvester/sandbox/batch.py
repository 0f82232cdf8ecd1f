"""One batch of records on its road from keyed to checked."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.parse import UNREADABLE, KeyedRecord, Parser
from harvester.protocols.base import RawRecord
from harvester.sandbox.limits import SandboxLimits
from harvester.sandbox.oversize import excess
from harvester.validate import Checker
from registry.formats import ParsedRecord
from registry.formats.base import Reading
from registry.model.harvesting import RecordKey
from registry.model.issue import refuses
from registry.model.record import CheckedRecord


class BatchChecker:
    """Checks the records of one answer, batch by batch."""

    def __init__(self, parser: Parser, checker: Checker, limits: SandboxLimits) -> None:
        self._parser = parser
        self._checker = checker
        self._limits = limits

    def check(self, batch: Sequence[KeyedRecord], flags: Sequence[bool]) -> list[CheckedRecord]:
        """The records of ``batch``, in order: the known ones (by ``flags``) as they are, the others checked
        together.

        A failure in our own code (whatever a hostile record brings about) costs one record, not the answer: the
        batch is then checked again record by record.
        """
        unknown = [record for record, known in zip(batch, flags, strict=True) if not known]
        try:
            checked = iter(self._check(unknown))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001
            checked = iter([self._check_alone(record) for record in unknown])
        return [
            self._checker.known(record.key, record.raw) if known else next(checked)
            for record, known in zip(batch, flags, strict=True)
        ]

    def _check_alone(self, record: KeyedRecord) -> CheckedRecord:
        try:
            return self._check([record])[0]
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001
            return self._checker.unreadable(*record, (UNREADABLE.issue(reason=type(error).__name__),))

    def _check(self, records: Sequence[KeyedRecord]) -> list[CheckedRecord]:
        settled: list[CheckedRecord | None] = []
        parsed: list[tuple[RecordKey, RawRecord, ParsedRecord]] = []
        for record in records:
            key, raw = record
            reading = () if raw.deleted else self._read(record)
            if isinstance(reading, ParsedRecord):
                parsed.append((key, raw, reading))
                settled.append(None)
            elif raw.deleted:
                settled.append(self._checker.deleted(key, raw))
            else:
                settled.append(self._checker.unreadable(key, raw, reading))
        checked = iter(self._checker.check(parsed))
        return [next(checked) if outcome is None else outcome for outcome in settled]

    def _read(self, record: KeyedRecord) -> Reading:
        """The record in the catalogue format, or why it is not read."""
        if oversize := excess(record.raw, self._limits):
            return (oversize,)
        return () if refuses(record.raw.issues) else self._parser.parse(record)
