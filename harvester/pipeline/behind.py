"""A sink that takes pages in a thread of its own, while the walk asks for the next answer and the child reads it.

Fetching and parsing leave the parent idle, staging leaves the child idle: one after the other they use one core of
two. Only the wait is gone: the sink still takes the same pages, in their order, one call at a time, each with the
checkpoint behind it; a walk that ends, or dies, is never ahead of what was taken by more than one call.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context

from registry.model.harvesting import RecordKey, Sink
from registry.model.record import Page, RawPage
from registry.model.run import Verdict, Walk

_WAITING = 1  # calls that may wait while one is carried out


@contextmanager
def taking_behind(sink: Sink) -> Iterator[Sink]:
    """``sink``, for one walk. What it raises is raised by the walk's next word to it; after that, and where the
    walk itself breaks down, nothing that still waits is taken."""
    behind = _Behind(sink)
    try:
        yield behind
    finally:
        behind.close()


class _Behind:
    """Hands pages to a thread. Its methods are called by the walk's thread only."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._queue: queue.Queue[Sequence[Page] | None] = queue.Queue(_WAITING)
        self._untaken: deque[set[str]] = deque()
        self._failure: BaseException | None = None
        self._leaving = False
        context = copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._work,), name="sink", daemon=True)
        self._thread.start()

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        """What the sink knows; where it is still to take one of them, only once it has."""
        wanted = {key.identifier for key in keys}
        if not all(map(wanted.isdisjoint, tuple(self._untaken))):
            self._catch_up()
        self._check()
        return self._sink.known(keys)

    def take(self, pages: Sequence[Page]) -> None:
        self._check()
        self._untaken.append({record.identifier for page in pages for record in page.records})
        self._queue.put(pages)

    def keep(self, page: RawPage) -> None:
        self._catch_up()
        self._sink.keep(page)

    def finish(self, walk: Walk) -> Verdict:
        self._catch_up()
        return self._sink.finish(walk)

    def close(self) -> None:
        """End the thread. What it has begun it carries out."""
        self._leaving = True
        self._queue.put(None)
        self._thread.join()

    def _catch_up(self) -> None:
        """Wait until everything was taken."""
        self._queue.join()
        self._check()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while (pages := self._queue.get()) is not None:
            try:
                if self._failure is None and not self._leaving:
                    self._sink.take(pages)
            except BaseException as failure:  # noqa: BLE001 - whatever it is, the walk's thread raises it
                self._failure = failure
            finally:
                self._untaken.popleft()
                self._queue.task_done()
