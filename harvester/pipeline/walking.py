"""A whole walk: the list, then what is asked for record by record. It never raises for what an endpoint does: it
ends, and says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harvester.errors import FatalFailure, GaveWay, HarvestFailure, TransportFailure
from harvester.pipeline.confirming import Confirmation
from harvester.pipeline.course import Course
from harvester.pipeline.faults import ListStopped
from harvester.pipeline.listing import Listing
from harvester.pipeline.road import Road
from harvester.pipeline.salvage import Salvage
from harvester.retry import Postponed
from registry.model.harvesting import Sink
from registry.model.issue import NO_TEXT, Issue, Text
from registry.model.run import Ending, Pause, Verdict, Walk, Window
from registry.model.source import SourceDescription

End = tuple[Ending, Text]


def walk(
    source: SourceDescription,
    window: Window,
    sink: Sink,
    road: Road,
    checkpoint: str = "",
    noted: Sequence[Issue] = (),
) -> tuple[Walk, Verdict]:
    """Walk over a source from its beginning, or from a ``checkpoint`` that an earlier run left. ``noted``: what was
    found of its list before.

    Every page has been handed to ``sink.take``; the end has been told to ``sink.finish``, whose verdict is
    returned. What the sink itself raises (``LeaseLost``) passes through.
    """
    course = Course.at(checkpoint, source, window, sink, road)
    course.issues.extend(noted)
    ended = _Walk(course).to_its_end()
    return ended, sink.finish(ended)


@dataclass(slots=True)
class _Walk:
    course: Course
    pause: Pause | None = None
    asked_seconds: float | None = None

    def to_its_end(self) -> Walk:
        """Walk; whatever the end, everything that came has been taken."""
        ending, message = self._end_of(self._list)
        if self._can_salvage(ending):
            ending, message = self._end_of(self._salvage)
        elif ending is Ending.FINISHED:
            ending, message = self._end_of(self._confirm)
        self.course.pages.flush()
        return self._ended(ending, message)

    def _end_of(self, stage: Callable[[], End]) -> End:
        """How a stage of the walk ended."""
        try:
            return stage()
        except ListStopped as stopped:
            self.course.issues.append(stopped.issue)
            return Ending.PROTOCOL, stopped.text
        except Postponed as later:
            self.pause = Pause(later.seconds, later.attempts, isinstance(later.failure, GaveWay))
            return Ending.INTERRUPTED, later.failure.text
        except TransportFailure as failure:
            self.asked_seconds = failure.retry_after
            return Ending.TRANSPORT, failure.text
        except FatalFailure as failure:
            return Ending.FATAL, failure.text
        except HarvestFailure as failure:
            return Ending.PROTOCOL, failure.text

    def _list(self) -> End:
        return Listing(self.course).to_its_end(), NO_TEXT

    def _can_salvage(self, ending: Ending) -> bool:
        """Whether answers were lost of a list that has been gone through, or was left."""
        course = self.course
        lost = course.progress.pages_lost > 0 and bool(course.progress.beginning)
        gone_through = ending in (Ending.FINISHED, Ending.PROTOCOL)
        return lost and gone_through and course.protocol.single is not None and course.road.limits.singly > 0

    def _salvage(self) -> End:
        single = self.course.protocol.single
        assert single is not None
        return Salvage(self.course, single).run()

    def _confirm(self) -> End:
        """What a complete list did not hold is asked for."""
        single = self.course.protocol.single
        if single is not None:
            listed = self._ended(Ending.FINISHED, NO_TEXT)
            if not Confirmation(self.course, single).run(listed):
                return Ending.INTERRUPTED, NO_TEXT
        return Ending.FINISHED, NO_TEXT

    def _ended(self, ending: Ending, message: Text) -> Walk:
        """How the walk ended, as its sink is told."""
        course, progress = self.course, self.course.progress
        return Walk(
            ending,
            message,
            progress.scope,
            progress.name,
            progress.declared_total,
            progress.total_changed,
            progress.end_untold,
            progress.pages_lost,
            progress.missed,
            tuple(course.gone),
            (*course.issues, *progress.doubts),
            cursor_since=progress.first_response,
            etag=progress.etag,
            last_modified=progress.last_modified,
            failures=course.attempts.counted(),
            pause=self.pause,
            asked_seconds=self.asked_seconds,
        )
