"""The walk itself, answer by answer. It never raises for what an endpoint does: it ends, and says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from harvester.errors import FatalFailure, GaveWay, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.pipeline.asking import ask
from harvester.pipeline.course import Course
from harvester.pipeline.faults import Unreadable
from harvester.pipeline.intake import Intake
from harvester.pipeline.road import Road
from harvester.protocols.base import Envelope
from harvester.retry import Postponed
from registry.model.harvesting import Sink
from registry.model.issue import Text
from registry.model.run import Ending, Pause, Verdict, Walk, Window
from registry.model.source import SourceDescription

_LOOP = Text(
    zh="来源重复给出同一个续传令牌,采集到此为止。",
    en="the source gave the same resumption token again; the walk ends here.",
)
_REPORTED = Text(zh="来源报告协议错误:{codes}。", en="the source reports protocol errors: {codes}.")
_INCOMPLETE = Text(
    zh="答复不完整或不符合协议。", en="the answer is incomplete, or not what the protocol promises."
)
_RENAMED = Text(
    zh="采集期间来源改了名:{before} → {after}。",
    en="the source changed its name during the walk: {before} became {after}.",
)
_CODES_OF_AN_EMPTY_LIST = ("noRecordsMatch",)


def walk(
    source: SourceDescription, window: Window, sink: Sink, road: Road, checkpoint: str = ""
) -> tuple[Walk, Verdict]:
    """Walk over a source from its beginning, or from a ``checkpoint`` that an earlier run left.

    Every page has been handed to ``sink.take``; the end has been told to ``sink.finish``, whose verdict is
    returned. What the sink itself raises (``LeaseLost``) passes through.
    """
    course = Course.at(checkpoint, source, window, sink, road)
    ended = _Walk(course).to_its_end()
    return ended, sink.finish(ended)


@dataclass(slots=True)
class _Walk:
    course: Course
    tokens: set[bytes] = field(default_factory=set)

    def to_its_end(self) -> Walk:
        """Walk; whatever the end, everything that came has been taken."""
        ended = self._walk()
        self.course.pages.flush()
        return ended

    def _walk(self) -> Walk:
        try:
            return self._ended(self._list(), Text("", ""))
        except Postponed as later:
            pause = Pause(later.seconds, later.attempts, isinstance(later.failure, GaveWay))
            return replace(self._ended(Ending.INTERRUPTED, later.failure.text), pause=pause)
        except TransportFailure as failure:
            return replace(self._ended(Ending.TRANSPORT, failure.text), asked_seconds=failure.retry_after)
        except FatalFailure as failure:
            return self._ended(Ending.FATAL, failure.text)
        except HarvestFailure as failure:
            return self._ended(Ending.PROTOCOL, failure.text)

    def _list(self) -> Ending:
        """Go through the list, answer by answer."""
        while not self.course.progress.listed:
            if self.course.road.stop():
                return Ending.INTERRUPTED
            self._guard_against_loops()
            if not self._next():
                return Ending.NOT_MODIFIED
        return Ending.FINISHED

    def _guard_against_loops(self) -> None:
        token = self.course.progress.token
        if not token:
            return
        trace = blake2b(token.encode(), digest_size=8).digest()
        if trace in self.tokens:
            raise self._noted(ProtocolFailure(_LOOP))
        self.tokens.add(trace)

    def _noted(self, failure: ProtocolFailure) -> ProtocolFailure:
        """A failure that asking did not see, counted."""
        self.course.attempts.note(failure)
        return failure

    def _next(self) -> bool:
        """Take the next answer; False where nothing has changed."""
        course = self.course
        request = course.protocol.ask(course.source, course.window, course.progress.token)
        asked_at = course.road.clock()
        intake = Intake(lambda records: course.take(records, inside=True))
        try:
            envelope = ask(course, request, intake, opened=self._opened)
        except Unreadable as lost:
            course.progress = replace(course.progress, pages_lost=course.progress.pages_lost + 1)
            course.take(intake.gathered, lost.issues, lost.raw_digest, inside=True)
            raise
        if envelope is None:
            return False
        self._check(envelope, intake)
        course.progress = course.progress.after(envelope, asked_at)
        course.take(intake.rest(), envelope.issues)
        return True

    def _opened(self, headers: Mapping[str, str]) -> None:
        self.course.progress = self.course.progress.opened(headers)

    def _check(self, envelope: Envelope, intake: Intake) -> None:
        """Refuse an answer from which nothing may be concluded; the records that it held are kept."""
        course, progress = self.course, self.course.progress
        records = intake.taken + len(intake.gathered)
        misfit = course.protocol.misfit(progress.token, envelope, records)
        issues = envelope.issues if misfit is None else (*envelope.issues, misfit)
        codes = [code for code in envelope.error_codes if code not in _CODES_OF_AN_EMPTY_LIST]
        fault = None if misfit is None else misfit.message
        if codes:
            fault = _REPORTED.format(codes=", ".join(codes))
        elif not envelope.complete:
            fault = envelope.issues[0].message if envelope.issues else _INCOMPLETE
        elif progress.name and envelope.name and envelope.name != progress.name:
            fault = _RENAMED.format(before=progress.name, after=envelope.name)
        if fault is not None:
            course.take(intake.gathered, issues, inside=True)
            raise self._noted(ProtocolFailure(fault))

    def _ended(self, ending: Ending, message: Text) -> Walk:
        """How the walk ended, as its sink is told."""
        progress = self.course.progress
        return Walk(
            ending,
            message,
            progress.scope,
            progress.declared_total,
            progress.total_changed,
            progress.pages_lost,
            cursor_since=progress.first_response,
            etag=progress.etag,
            last_modified=progress.last_modified,
            failures=self.course.attempts.counted(),
        )
