"""Dispatch within this process: a few threads carry out whatever waits (the embedded default)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import structlog

from harvester.worker import Outcome, Worker

_log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
IDLE_SECONDS = 60.0


class Failed(NamedTuple):
    """An order that ended with a failure of ours."""

    order_id: int
    failure: BaseException


def drain(
    worker: Worker,
    *,
    threads: int,
    tell: Callable[[Outcome], None] = lambda _: None,
    fail: Callable[[Failed], None] | None = None,
    internal: bool = False,
) -> list[Outcome]:
    """Carry out waiting orders, and those that they bring about, until none is left; returns what came of them.

    ``internal``: only those by which a register reads another one of this installation. ``tell`` hears of each
    outcome as it comes, in the calling thread. An order that is postponed is waited for, but not longer than a
    minute in all. A failure that is ours (not an endpoint's) keeps no other order from its end: ``fail`` hears of it;
    without, the first one is raised behind them.
    """
    outcomes: list[Outcome] = []
    failures: list[Failed] = []
    idle = IDLE_SECONDS

    def hear(outcome: Outcome) -> None:
        outcomes.append(outcome)
        tell(outcome)

    with worker.employed(threads), _Crew(worker, threads, internal=internal) as crew:
        while True:
            crew.start()
            if crew.is_at_work:
                crew.wait(POLL_SECONDS)
                crew.collect(hear, fail or failures.append)
                continue
            pause = None if internal else worker.seconds_to_next()
            if pause is None or pause > idle:
                break
            idle -= max(pause, POLL_SECONDS)
            worker.road.sleep(pause)
    if failures:
        raise failures[0].failure
    return outcomes


class Dispatcher:
    """Keeps carrying out orders in the background until it is told to stop. A context manager."""

    def __init__(self, worker: Worker, *, threads: int, poll_seconds: float = POLL_SECONDS) -> None:
        self._stopped = threading.Event()
        self._worker, self._threads = worker, threads
        self._crew = _Crew(worker.stopping_when(self._stopped.is_set), threads)
        self._poll = poll_seconds
        self._thread = threading.Thread(target=self._run, name="mulu-dispatch", daemon=True)

    def __enter__(self) -> Dispatcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop: walks end between two answers and go on at their checkpoints later."""
        self._stopped.set()
        self.wake()
        self._thread.join()

    def wake(self) -> None:
        """Look for orders now rather than at the next poll."""
        self._crew.wake()

    def _run(self) -> None:
        with self._worker.employed(self._threads), self._crew as crew:
            while not self._stopped.is_set():
                try:
                    crew.start()
                except Exception:  # noqa: BLE001 (the store may answer again)
                    _log.exception("dispatch.failed")
                crew.wait(self._poll)
                crew.collect(lambda _: None, lambda _: None)  # the worker has logged it


class _Crew:
    """Threads, and the orders that they are at. A context manager; one thread leads it, any may wake it."""

    def __init__(self, worker: Worker, threads: int, *, internal: bool = False) -> None:
        self._worker, self._threads, self._internal = worker, threads, internal
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="mulu")
        self._running: dict[Future[Outcome | None], int] = {}
        self._refused: set[int] = set()
        self._next: list[int] = []
        self._woken = threading.Event()

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    @property
    def is_at_work(self) -> bool:
        """Whether any order is being carried out."""
        return bool(self._running)

    def start(self) -> None:
        """Begin as many orders as threads are free, of those that can be claimed.

        One that cannot be claimed after all (another process was faster) is not tried again at once.
        """
        free = self._threads - len(self._running)
        if free and not self._next:  # looking costs something where thousands wait: not for each of them
            at_work = {*self._running.values(), *self._refused}
            found = self._worker.to_do(len(at_work) + self._threads, internal=self._internal)
            self._next = [each for each in found if each not in at_work]
        for order_id in self._next[:free]:
            future = self._pool.submit(self._worker.carry_out, order_id)
            self._running[future] = order_id
            future.add_done_callback(lambda _: self._woken.set())
        self._next = self._next[free:]

    def wake(self) -> None:
        """End a :meth:`wait`."""
        self._woken.set()

    def wait(self, seconds: float) -> None:
        """Until an order has ended or somebody wakes the crew, ``seconds`` at most."""
        if not self._woken.wait(seconds):
            self._refused.clear()
        self._woken.clear()

    def collect(self, hear: Callable[[Outcome], None], fail: Callable[[Failed], None]) -> None:
        """Take note of the orders that have ended."""
        for future in [each for each in self._running if each.done()]:
            order_id = self._running.pop(future)
            failure = future.exception()
            outcome = None if failure else future.result()
            if failure is not None:
                fail(Failed(order_id, failure))
            elif outcome is None:
                self._refused.add(order_id)
                continue
            elif not outcome.interrupted:
                hear(outcome)
            self._refused.clear()
