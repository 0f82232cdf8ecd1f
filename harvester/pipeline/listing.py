"""The list of a source, answer by answer, until it ends, is left, or something ends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from harvester.errors import ProtocolFailure
from harvester.pipeline.asking import ask
from harvester.pipeline.course import Course
from harvester.pipeline.faults import (
    BEGUN_ANEW,
    MANY_ANSWERS,
    NOTHING_NEW,
    RENAMED,
    TOKEN_REPEATED,
    ListStopped,
    Unreadable,
)
from harvester.pipeline.intake import Intake
from harvester.pipeline.novelty import Tokens
from harvester.protocols.base import Envelope
from registry.model.issue import Issue, Text
from registry.model.run import Ending

_REPORTED = Text(zh="来源报告协议错误：{codes}。", en="the source reports protocol errors: {codes}.")
_INCOMPLETE = Text(
    zh="答复不完整或不符合协议。", en="the answer is incomplete, or not what the protocol promises."
)
_CODES_OF_AN_EMPTY_LIST = ("noRecordsMatch",)
_RESTARTS = 1


@dataclass(slots=True)
class Listing:
    """Goes through the list from where the course stands."""

    course: Course
    tokens: Tokens = field(default_factory=Tokens)
    lost_in_a_row: int = 0
    notes: tuple[Issue, ...] = ()

    def to_its_end(self) -> Ending:
        """FINISHED, INTERRUPTED or NOT_MODIFIED. Raises ``HarvestFailure`` where the list ends otherwise: an answer
        of which only a part could be read is told by ``progress.pages_lost``."""
        while not self.course.progress.listed:
            if self.course.road.stop():
                return Ending.INTERRUPTED
            self._guard_against_loops()
            if not self._next():
                return Ending.NOT_MODIFIED
        return Ending.FINISHED

    def _guard_against_loops(self) -> None:
        """A source can go on for ever where it hands out the tokens itself."""
        course = self.course
        if course.protocol.single is None:
            return
        limits, progress = course.road.limits, course.progress
        if progress.token and self.tokens.came(progress.token):
            raise course.counted(ListStopped(TOKEN_REPEATED.issue()))
        if course.pages.novelty.idle >= limits.idle:
            raise course.counted(ListStopped(NOTHING_NEW.issue(count=course.pages.novelty.idle)))
        if progress.answers >= limits.answers:
            raise course.counted(ListStopped(MANY_ANSWERS.issue(limit=limits.answers)))

    def _next(self) -> bool:
        """Take the next answer; False where nothing has changed."""
        course = self.course
        request = course.protocol.ask(course.source, course.window, course.progress.token)
        asked_at = course.road.clock()
        room = course.road.limits.records - course.progress.records
        intake = Intake(lambda records: course.take(records, inside=True), room)
        try:
            envelope = ask(course, request, intake, opened=self._opened)
        except Unreadable as lost:
            self._lose(lost, intake)
            return True
        except ListStopped:
            course.take(intake.gathered, inside=True)
            raise
        if envelope is None:
            return False
        if course.protocol.refuses(course.progress.token, envelope) and course.progress.restarts < _RESTARTS:
            self._begin_anew(envelope, intake)
            return True
        self._check(envelope, intake)
        self._take(envelope, intake, asked_at)
        return True

    def _take(self, envelope: Envelope, intake: Intake, asked_at: datetime) -> None:
        course = self.course
        records = intake.rest()
        doubt = course.protocol.doubt(course.progress.token, envelope)
        issues = (*self.notes, *envelope.issues, *(() if doubt is None else (doubt,)))
        course.progress = course.progress.after(envelope, intake.count, asked_at, doubted=doubt is not None)
        course.take(records, issues)
        self.notes, self.lost_in_a_row = (), 0
        if course.pages.novelty.repeats(records):
            course.pages.flush()

    def _lose(self, lost: Unreadable, intake: Intake) -> None:
        """Take what could be read of an answer, and go on behind it where that can be. Raises ``Unreadable`` where
        nothing more can be asked of the source; else the rest is left to be salvaged."""
        course, progress, limits = self.course, self.course.progress, self.course.road.limits
        single = course.protocol.single if progress.beginning and limits.singly else None
        self.lost_in_a_row += 1
        goes_on = single is not None and self.lost_in_a_row < limits.idle
        token = single.token_behind(lost.end) if single is not None and goes_on else ""
        course.progress = progress.losing(token, intake.count)
        course.take(intake.gathered, lost.issues, lost.raw_digest, inside=single is None)
        if single is None:
            raise lost

    def _begin_anew(self, envelope: Envelope, intake: Intake) -> None:
        """The source no longer knows its token: what was taken is left behind, and nothing comes twice."""
        course = self.course
        course.take(intake.gathered, envelope.issues, inside=True)
        self.notes = (BEGUN_ANEW.issue(answers=course.progress.answers),)
        self.tokens = Tokens()
        course.begin_anew()

    def _opened(self, headers: Mapping[str, str]) -> None:
        self.course.progress = self.course.progress.opened(headers)

    def _check(self, envelope: Envelope, intake: Intake) -> None:
        """Refuse an answer from which nothing may be concluded; the records that it held are kept."""
        course, progress = self.course, self.course.progress
        misfit = course.protocol.misfit(progress.token, envelope, intake.count)
        issues = envelope.issues if misfit is None else (*envelope.issues, misfit)
        codes = [code for code in envelope.error_codes if code not in _CODES_OF_AN_EMPTY_LIST]
        fault = None if misfit is None else misfit.message
        if codes:
            fault = _REPORTED.format(codes=", ".join(codes))
        elif not envelope.complete:
            fault = envelope.issues[0].message if envelope.issues else _INCOMPLETE
        elif progress.name and envelope.name and envelope.name != progress.name:
            renamed = RENAMED.issue(before=progress.name, after=envelope.name)
            fault, issues = renamed.message, (*issues, renamed)
        if fault is not None:
            course.take(intake.gathered, issues, inside=True)
            raise course.counted(ProtocolFailure(fault))
