"""Records on their way to a sink: gathered from short answers, taken in parts from long ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from harvester.pipeline.novelty import Novelty
from registry.model.harvesting import Sink
from registry.model.record import Page

PAGE_RECORDS = 2000
"""Records a transaction: so many are gathered from short answers, and a longer answer is taken in parts."""


@dataclass(slots=True)
class Pages:
    """Pages that wait for their sink. What the sink finds in them is heard one call later, since it may take them
    behind the walk (:mod:`harvester.pipeline.behind`), or at :meth:`flush`."""

    sink: Sink
    clock: Callable[[], datetime]
    patience: timedelta
    novelty: Novelty = field(default_factory=Novelty)
    _waiting: list[Page] = field(default_factory=list)
    _taken: tuple[Sequence[Page], Sequence[int]] = ((), ())
    _flushed_at: datetime | None = None

    def add(self, page: Page) -> None:
        """Hand a page over. One that has no checkpoint waits for nobody, nor do many records, nor old ones."""
        self._waiting.append(page)
        now = self.clock()
        self._flushed_at = self._flushed_at or now
        if (
            page.checkpoint is None
            or sum(len(each.records) for each in self._waiting) >= PAGE_RECORDS
            or now - self._flushed_at >= self.patience
        ):
            self._hand_over()

    def flush(self) -> None:
        """Let the sink take what waits, and hear of it."""
        self._hand_over()
        self._hear()

    def _hand_over(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            fresh = self.sink.take(waiting)
            self._hear()
            self._taken = waiting, fresh
        self._flushed_at = self.clock()

    def _hear(self) -> None:
        for page, fresh in zip(*self._taken, strict=True):
            self.novelty.told(page, fresh)
        self._taken = (), ()
