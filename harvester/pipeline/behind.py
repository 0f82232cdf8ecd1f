"""A sink that takes pages in a thread of its own, while the walk asks for the next answer and the child reads it.

Fetching and parsing leave the parent idle, staging leaves the child idle: one after the other they use one core of
two. Only the wait is gone: the sink still takes the same pages, in their order, one call at a time, each with the
checkpoint behind it. A walk is never ahead of what was taken by more than one call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import overload

from registry.model.harvesting import RecordKey, Sink
from registry.model.record import CheckedRecord, Page, RawPage
from registry.model.run import Verdict, Walk


@contextmanager
def taking_behind(sink: Sink) -> Iterator[Sink]:
    """``sink``, for one walk. What taking raises is raised by the walk's next word to it. At the end of the block
    nothing is under way any more."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sink") as executor:
        yield _Behind(sink, executor)


class _Behind:
    """Hands pages to a thread, and waits for it before it says anything else to the sink."""

    def __init__(self, sink: Sink, executor: ThreadPoolExecutor) -> None:
        self._sink = sink
        self._executor = executor
        self._taking: Future[Sequence[int]] | None = None
        self._identifiers: set[str] = set()

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        """What the sink knows; where it is just taking one of them, only once it has."""
        if not self._identifiers.isdisjoint([key.identifier for key in keys]):
            self._catch_up()
        return self._sink.known(keys)

    def take(self, pages: Sequence[Page]) -> Sequence[int]:
        """Have ``pages`` taken. Who looks at what comes back waits until they are."""
        self._catch_up()
        self._identifiers = {record.identifier for page in pages for record in page.records}
        self._taking = self._executor.submit(copy_context().run, self._sink.take, pages)
        return _Later(self._taking)

    def keep(self, page: RawPage) -> None:
        self._catch_up()
        self._sink.keep(page)

    def begin_anew(self) -> None:
        self._catch_up()
        self._sink.begin_anew()

    def wanted(self, listed: Sequence[CheckedRecord]) -> Sequence[bool]:
        self._catch_up()
        return self._sink.wanted(listed)

    def missed(self, walk: Walk, limit: int) -> Sequence[str]:
        self._catch_up()
        return self._sink.missed(walk, limit)

    def finish(self, walk: Walk) -> Verdict:
        self._catch_up()
        return self._sink.finish(walk)

    def _catch_up(self) -> None:
        """Wait until everything was taken."""
        if self._taking is not None:
            self._taking.result()


class _Later(Sequence[int]):
    """What a call returns that may still be under way."""

    def __init__(self, call: Future[Sequence[int]]) -> None:
        self._call = call

    def __len__(self) -> int:
        return len(self._call.result())

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        return self._call.result()[index]
