"""Confirming absence: before what a complete list did not hold counts as missing, its source is asked for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harvester.errors import HarvestFailure
from harvester.pipeline.course import Course
from harvester.pipeline.faults import MISSED
from harvester.pipeline.singly import Bringing
from harvester.protocols.base import SingleRecords
from registry.model.record import Condition
from registry.model.run import Walk


@dataclass(slots=True)
class Confirmation:
    """Asks for up to the budget of what is missing.

    "No such record" or a deleted one: it is gone. Any other record: the list left it out, and who knows what
    else. No answer says nothing: two lists a day apart must then agree.
    """

    course: Course
    single: SingleRecords

    def run(self, ended: Walk) -> bool:
        """Ask about what the list of a walk that ``ended`` so did not hold; False where the walk is to stop."""
        course = self.course
        course.pages.flush()
        budget = course.road.limits.singly - course.progress.asked
        missing = course.sink.missed(ended, budget) if budget > 0 else ()
        try:
            with Bringing(course, self.single) as bringing:
                for identifier in missing:
                    if course.road.stop():
                        return False
                    self._ask(bringing, identifier)
        except HarvestFailure:
            pass  # the list is whole all the same; what was not confirmed is looked for again
        if course.progress.missed:
            course.issues.append(MISSED.issue(count=course.progress.missed))
        return True

    def _ask(self, bringing: Bringing, identifier: str) -> None:
        course = self.course
        found = bringing.ask(identifier)
        if found.gone:
            course.gone.append(identifier)
        elif found.record is not None and found.record.condition is not Condition.DELETED:
            course.progress = replace(course.progress, missed=course.progress.missed + 1)
