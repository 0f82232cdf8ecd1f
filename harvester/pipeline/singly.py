"""Asking a source for records one by one, and taking what comes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import NamedTuple, Self

from harvester.errors import GaveWay, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.pipeline.asking import ask
from harvester.pipeline.course import Course
from harvester.pipeline.faults import UNANSWERED, Unreadable
from harvester.pipeline.intake import Intake
from harvester.protocols.base import SingleRecords
from harvester.protocols.faults import OTHER_RECORD
from harvester.retry import Postponed
from harvester.rules.base import quoted
from registry.errors import LeaseLost
from registry.model.issue import Issue
from registry.model.record import CheckedRecord, Condition

_PLACE = "GetRecord"
_ROOM = 10
_TAKEN_AT_ONCE = 50
_SILENCES = 3
"""So many records in a row that the source does not come to answer: it is left in peace."""


class Found(NamedTuple):
    """What a source says of a record: here it is (perhaps as deleted), or it has none (``gone``), or nothing."""

    record: CheckedRecord | None = None
    gone: bool = False
    issues: tuple[Issue, ...] = ()


@dataclass(slots=True)
class Bringing:
    """Asks for records one by one, each of which counts (``progress.asked``). An answer that cannot be read is a
    record that is refused. A context manager: what came has been taken behind it, whatever happened."""

    course: Course
    single: SingleRecords
    silences: int = 0
    _records: list[CheckedRecord] = field(default_factory=list)
    _issues: list[Issue] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or not issubclass(kind, LeaseLost):
            self._take()

    def ask(self, identifier: str) -> Found:
        """Ask for one record. Raises ``HarvestFailure`` where the source has given no answer to several in a row."""
        found = self._patiently(identifier)
        self.course.progress = replace(self.course.progress, asked=self.course.progress.asked + 1)
        self._issues += found.issues
        if found.record is not None:
            self._records.append(found.record)
            if len(self._records) >= _TAKEN_AT_ONCE:
                self._take()
        return found

    def _take(self) -> None:
        if self._records or self._issues:
            self.course.take(self._records, tuple(self._issues), singly=True)
            self._records, self._issues = [], []

    def _patiently(self, identifier: str) -> Found:
        try:
            found = self._ask(identifier)
            self.silences = 0
            return found
        except (TransportFailure, ProtocolFailure) as told:
            failure: HarvestFailure = told
        except Postponed as later:
            if isinstance(later.failure, GaveWay):
                raise
            failure = later.failure  # to come back for one record would mean to come back for ever
        self.silences += 1
        if self.silences >= _SILENCES:
            raise failure
        return Found(issues=(UNANSWERED.issue(identifier=quoted(identifier), reason=failure.text),))

    def _ask(self, identifier: str) -> Found:
        request = self.single.ask_record(self.course.source, identifier)
        intake = Intake(lambda _: None, _ROOM)
        try:
            envelope = ask(self.course, request, intake)
        except Unreadable as lost:
            refused = CheckedRecord(
                identifier, Condition.REFUSED, lost.raw_digest, issues=lost.issues, place=_PLACE
            )
            return Found(refused)
        if envelope is None:
            raise ProtocolFailure(OTHER_RECORD.message)
        if self.single.is_unknown(envelope):
            return Found(gone=True)
        misfit = self.single.misfit(request, envelope)
        if misfit is not None or envelope.error_codes or not envelope.complete:
            told = [*envelope.issues, *(() if misfit is None else (misfit,)), OTHER_RECORD.issue()]
            raise ProtocolFailure(told[0].message)
        records = intake.rest()
        if len(records) != 1 or records[0].identifier not in (identifier, ""):
            raise ProtocolFailure(OTHER_RECORD.message)
        return Found(records[0].standing_at(_PLACE))
