"""One question and its answer: asked again where the way to it failed, read again where a child died of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import NoReturn

from harvester.errors import GaveWay, ProtocolFailure, TransportFailure
from harvester.pipeline.copying import Copy
from harvester.pipeline.course import Course
from harvester.pipeline.faults import POISON, Unreadable
from harvester.pipeline.intake import Intake, drain
from harvester.protocols.base import Envelope, Request
from harvester.retry import with_retries
from harvester.sandbox import AnswerRefused, Cause, ChildDied, Reading
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue
from registry.model.visibility import day_of

_DEADLY = 2
"""Of so many deaths an answer is poison."""


def ask(
    course: Course,
    request: Request,
    intake: Intake,
    *,
    identifiers: bool = False,
    opened: Callable[[Mapping[str, str]], None] = lambda _: None,
) -> Envelope | None:
    """Ask, and let ``intake`` have what comes; None where nothing has changed. ``opened`` is told the answer's
    header fields; ``identifiers`` as in ``sandbox.Reading``.

    Raises ``Unreadable`` where the answer cannot be read (what stood before the fault has come in), and whatever
    else ended it: ``Postponed`` where the walk is to go on later. What breaks off is asked for again, unless a
    part was taken already.
    """
    question = _Question(course, request, intake, identifiers, opened)
    road = course.road
    return with_retries(question.attempt, road.sleep, road.rng, course.attempts)


@dataclass(slots=True)
class _Question:
    course: Course
    request: Request
    intake: Intake
    identifiers: bool
    opened: Callable[[Mapping[str, str]], None]
    deaths: int = 0

    def attempt(self) -> Envelope | None:
        """Ask once, or twice where a child dies of the answer: the second time it is poison."""
        while True:
            with self.course.new_copy() as copy:
                try:
                    return self._read(copy)
                except ChildDied as death:
                    if not copy.came:  # it did not even come up: that is no fault of the answer
                        raise
                    self.deaths += 1
                    if death.cause is Cause.GARBAGE:  # nothing that it said is believed
                        self.intake.gathered.clear()
                    if self.deaths >= _DEADLY:
                        self._give_up(copy, POISON.issue(reason=death.text))
                except AnswerRefused as refusal:
                    self._give_up(copy, refusal.issue)
                except TransportFailure as failure:
                    if self.intake.taken and not isinstance(failure, GaveWay):
                        raise ProtocolFailure(failure.text) from failure
                    raise

    def _read(self, copy: Copy) -> Envelope | None:
        course, road = self.course, self.course.road
        reading = Reading(course.source, road.archive_key, day_of(road.clock()), self.identifiers)
        with road.open_answer(self.request, course.source, road.pulse) as answer:
            if answer.not_modified:
                return None
            self.opened(answer.headers)
            self.intake.begin()
            chunks = answer.chunks()
            known = _all_known if self.identifiers else course.sink.known
            try:
                with closing(road.reader.read(reading, copy.passing(chunks), known)) as batches:
                    return drain(batches, self.intake.add)
            except AnswerRefused:
                copy.take_rest(chunks, to_its_end=not self.request.whole_list)
                raise
            except ChildDied:
                if copy.came and self.deaths + 1 >= _DEADLY:
                    copy.take_rest(chunks, to_its_end=not self.request.whole_list)
                raise

    def _give_up(self, copy: Copy, issue: Issue) -> NoReturn:
        digest, notes = self.course.keep(copy)
        raise Unreadable((issue, *notes), digest, copy.end)


def _all_known(keys: Sequence[RecordKey]) -> Sequence[bool]:
    return [True] * len(keys)
