"""Salvage: what could not be read as a page is asked for record by record, within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from harvester.errors import HarvestFailure, ProtocolFailure
from harvester.pipeline.asking import ask
from harvester.pipeline.course import Course
from harvester.pipeline.faults import LEFT, NOT_LISTED, SALVAGED, Unreadable
from harvester.pipeline.intake import Intake
from harvester.pipeline.novelty import Novelty, Tokens
from harvester.pipeline.singly import Bringing
from harvester.protocols.base import Envelope, SingleRecords
from registry.model.issue import NO_TEXT, Text
from registry.model.record import CheckedRecord, Condition
from registry.model.run import Ending

_ENDLESS = Text(zh="标识符列表没有尽头", en="the list of identifiers has no end")
_BROKEN = Text(zh="来源没有给出标识符列表", en="the source gave no list of identifiers")


@dataclass(slots=True)
class Salvage:
    """Asks for all identifiers of the window, then for those records that did not come and are news.

    Where there are more than the budget allows, those that are asked for are drawn by lot: whatever is refused
    again and again must not keep the others from their turn.
    """

    course: Course
    single: SingleRecords
    chosen: list[str] = field(default_factory=list)
    wanted: int = 0
    settled: int = 0
    broken: Text | None = None

    def run(self) -> tuple[Ending, Text]:
        """How the walk ends for it: FINISHED where everything but what cannot be read has come. Raises
        ``HarvestFailure``."""
        course = self.course
        course.pages.flush()
        try:
            self._list_identifiers()
        except Unreadable as lost:
            course.progress = replace(course.progress, pages_lost=course.progress.pages_lost + 1)
            course.take([], lost.issues, lost.raw_digest, singly=True)
            self.broken = lost.text
        except ProtocolFailure as failure:
            self.broken = failure.text
        try:
            if not self._ask_for_records():
                return Ending.INTERRUPTED, NO_TEXT
        except HarvestFailure:
            self._note_what_is_left()
            raise
        return self._told()

    def _list_identifiers(self) -> None:
        """Go through the identifiers. Raises ``ProtocolFailure`` where they do not come to their end."""
        limits = self.course.road.limits
        token, tokens, novelty, repeated = "", Tokens(), Novelty(), 0
        for _ in range(limits.answers):
            envelope, headers = self._page(token)
            self._choose(headers)
            repeated = repeated + 1 if novelty.repeats(headers) else 0
            token = envelope.token
            if not token:
                return
            if tokens.came(token) or repeated >= limits.idle:
                break
        raise ProtocolFailure(_ENDLESS)

    def _page(self, token: str) -> tuple[Envelope, Sequence[CheckedRecord]]:
        course = self.course
        request = self.single.ask_identifiers(course.source, course.window, course.progress.beginning, token)
        headers: list[CheckedRecord] = []
        intake = Intake(headers.extend, course.road.limits.records)
        envelope = ask(course, request, intake, identifiers=True)
        if envelope is None:
            raise ProtocolFailure(_BROKEN)
        headers += intake.rest()
        misfit = self.single.misfit(request, envelope)
        if misfit is not None:
            raise ProtocolFailure(misfit.message)
        if not envelope.complete:
            raise ProtocolFailure(envelope.issues[0].message if envelope.issues else _BROKEN)
        return envelope, headers

    def _choose(self, headers: Sequence[CheckedRecord]) -> None:
        """Draw lots among the records that are worth asking for; what could not be accepted is refused at once."""
        course = self.course
        named = [each for each in headers if each.identifier]
        news = [each for each, is_news in zip(named, course.sink.wanted(named), strict=True) if is_news]
        if refused := [each for each in news if each.condition is Condition.REFUSED]:
            course.take(refused, singly=True)
            course.pages.flush()
        budget = course.road.limits.singly - course.progress.asked
        for each in news:
            if each.condition is Condition.REFUSED:
                continue
            self.wanted += 1
            if len(self.chosen) < budget:
                self.chosen.append(each.identifier)
            elif (lot := course.road.rng.randrange(self.wanted)) < budget:
                self.chosen[lot] = each.identifier

    def _ask_for_records(self) -> bool:
        """Ask for what was chosen; False where the walk is to stop."""
        with Bringing(self.course, self.single) as bringing:
            for identifier in dict.fromkeys(self.chosen):
                if self.course.road.stop():
                    return False
                found = bringing.ask(identifier)
                self.settled += found.record is not None or found.gone
            return True

    def _note_what_is_left(self) -> int:
        left = self.wanted - self.settled
        if left:
            self.course.issues.append(LEFT.issue(asked=self.course.progress.asked, left=left))
        return left

    def _told(self) -> tuple[Ending, Text]:
        course = self.course
        if self.broken is not None:
            course.issues.append(NOT_LISTED.issue(reason=self.broken))
        if self._note_what_is_left() or self.broken is not None:
            return Ending.PROTOCOL, course.issues[-1].message
        return Ending.FINISHED, SALVAGED.format(lost=course.progress.pages_lost, asked=course.progress.asked)
