"""Dispatch within this process: a few threads carry out whatever waits (the embedded default)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import structlog

from harvester.worker import Outcome, Worker

_log = structlog.get_logger(__name__)


def drain(
    worker: Worker,
    *,
    threads: int,
    tell: Callable[[Outcome], None] = lambda _: None,
    internal: bool = False,
) -> list[Outcome]:
    """Carry out waiting orders, and those that they bring about, until none is left; returns what came of them.

    ``internal``: only those by which a register reads another one of this installation. ``tell`` hears of each
    outcome as it comes, in the calling thread. An order that fails is not tried again here; one that cannot be
    claimed (another of its source is running) is, once something else has ended.
    Raises the first failure that is ours (not an endpoint's) once the others have ended.
    """
    outcomes: list[Outcome] = []
    running: dict[Future[Outcome | None], int] = {}
    tried: set[int] = set()
    blocked: set[int] = set()
    failure: BaseException | None = None
    with ThreadPoolExecutor(threads, thread_name_prefix="mulu") as pool:
        while True:
            free = threads - len(running)
            found = worker.to_do(internal=internal) if free else []
            waiting = [each for each in found if each not in tried][:free]
            for order_id in waiting:
                tried.add(order_id)
                running[pool.submit(worker.carry_out, order_id)] = order_id
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                order_id = running.pop(future)
                failure = failure or future.exception()
                outcome = None if future.exception() else future.result()
                if outcome is not None:
                    outcomes.append(outcome)
                    tell(outcome)
                    tried -= blocked
                    blocked.clear()
                elif not future.exception():
                    blocked.add(order_id)
    if failure is not None:
        raise failure
    return outcomes


class Dispatcher:
    """Keeps carrying out orders in the background until it is told to stop. A context manager."""

    def __init__(self, worker: Worker, *, threads: int, poll_seconds: float = 0.5) -> None:
        self._stopped = threading.Event()
        self._woken = threading.Event()
        self._worker = worker.stopping_when(self._stopped.is_set)
        self._threads, self._poll = threads, poll_seconds
        self._thread = threading.Thread(target=self._run, name="mulu-dispatch", daemon=True)

    def __enter__(self) -> Dispatcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop: walks end between two answers and go on at their checkpoints later."""
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def wake(self) -> None:
        """Look for orders now rather than at the next poll."""
        self._woken.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                drain(self._worker, threads=self._threads)
            except Exception:  # noqa: BLE001 (whatever an order did, the next ones are carried out)
                _log.exception("dispatch.failed")
            self._woken.wait(self._poll)
            self._woken.clear()
