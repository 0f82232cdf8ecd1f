"""A walk on its course: where it stands, and what all its parts do with what comes: take it, or keep it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from harvester.errors import ProtocolFailure
from harvester.pipeline.copying import Copy
from harvester.pipeline.faults import KEPT_IN_PART, NOT_KEPT, SECRET_NOT_KEPT
from harvester.pipeline.novelty import Novelty
from harvester.pipeline.pages import Pages
from harvester.pipeline.progress import Progress
from harvester.pipeline.road import Road
from harvester.protocols import PROTOCOLS
from harvester.protocols.base import SourceProtocol
from harvester.retry import Attempts
from registry.model.harvesting import Sink
from registry.model.issue import Issue
from registry.model.record import CheckedRecord, Page
from registry.model.run import Window
from registry.model.source import SourceDescription


@dataclass(slots=True)
class Course:
    """The walk over ``source`` in ``window``, as far as it has come, and what has failed on its way. ``issues``
    concern it as a whole; ``gone``: known records that the list did not hold, and the source says it has not."""

    source: SourceDescription
    window: Window
    sink: Sink
    road: Road
    pages: Pages
    progress: Progress
    attempts: Attempts
    issues: list[Issue] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, checkpoint: str, source: SourceDescription, window: Window, sink: Sink, road: Road) -> Course:
        """The course of a walk that goes on at a checkpoint, or begins (an empty one)."""
        pages = Pages(sink, road.clock, road.patience)
        return cls(source, window, sink, road, pages, Progress.at(checkpoint), Attempts(road.retrying))

    @property
    def protocol(self) -> SourceProtocol:
        return PROTOCOLS[self.source.protocol]

    def counted(self, failure: ProtocolFailure) -> ProtocolFailure:
        """A failure that asking did not see, counted with the others."""
        self.attempts.note(failure)
        return failure

    def take(
        self,
        records: list[CheckedRecord],
        issues: tuple[Issue, ...] = (),
        raw_digest: bytes = b"",
        *,
        inside: bool = False,
        singly: bool = False,
    ) -> None:
        """Hand a page over; one that ends ``inside`` an answer has no checkpoint, and the records of one that came
        ``singly`` are no part of the list."""
        self.progress = replace(self.progress, pages=self.progress.pages + 1)
        checkpoint = None if inside else self.progress.checkpoint
        self.pages.add(Page(self.progress.pages, records, checkpoint, issues, raw_digest, singly))

    def begin_anew(self) -> None:
        """Leave behind what was taken: the list begins anew."""
        self.pages.flush()
        self.sink.begin_anew()
        self.progress = self.progress.anew()
        self.pages.novelty = Novelty()

    def new_copy(self) -> Copy:
        """A copy of an answer, as long as one that this run may still keep."""
        return Copy(max(0, self.road.limits.kept_bytes - self.progress.kept_bytes))

    def keep(self, copy: Copy) -> tuple[bytes, tuple[Issue, ...]]:
        """Keep an answer that could not be read; its digest, and what else is to be said of it. The digest is
        empty where it is not kept."""
        if not copy.size:
            return b"", (NOT_KEPT.issue(came=copy.came),) if copy.came else ()
        if copy.is_secret():
            return b"", (SECRET_NOT_KEPT.issue(),)
        page = copy.page(self.road.archive_key)
        self.sink.keep(page)
        self.progress = replace(self.progress, kept_bytes=self.progress.kept_bytes + copy.size)
        if copy.size < copy.came:
            return page.digest, (KEPT_IN_PART.issue(kept=copy.size, came=copy.came),)
        return page.digest, ()
