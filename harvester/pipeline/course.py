"""A walk on its course: where it stands, and what all its parts do with what comes: take it, or keep it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harvester.pipeline.copying import Copy
from harvester.pipeline.faults import KEPT_IN_PART, NOT_KEPT, SECRET_NOT_KEPT
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
    """The walk over ``source`` in ``window``, as far as it has come, and what has failed on its way."""

    source: SourceDescription
    window: Window
    sink: Sink
    road: Road
    pages: Pages
    progress: Progress
    attempts: Attempts

    @classmethod
    def at(cls, checkpoint: str, source: SourceDescription, window: Window, sink: Sink, road: Road) -> Course:
        """The course of a walk that goes on at a checkpoint, or begins (an empty one)."""
        pages = Pages(sink, road.clock, road.patience)
        return cls(source, window, sink, road, pages, Progress.at(checkpoint), Attempts(road.retrying))

    @property
    def protocol(self) -> SourceProtocol:
        return PROTOCOLS[self.source.protocol]

    def take(
        self,
        records: list[CheckedRecord],
        issues: tuple[Issue, ...] = (),
        raw_digest: bytes = b"",
        *,
        inside: bool = False,
    ) -> None:
        """Hand a page over; one that ends ``inside`` an answer has no checkpoint."""
        self.progress = replace(self.progress, pages=self.progress.pages + 1)
        checkpoint = None if inside else self.progress.checkpoint
        self.pages.add(Page(self.progress.pages, records, checkpoint, issues, raw_digest))

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
