"""The threads of one process: what they begin, what they wait for, when they are done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import cast

import pytest

from harvester.dispatch.inline import IDLE_SECONDS, Dispatcher, Failed, drain
from harvester.worker import Outcome, Worker
from registry.model.order import OrderKind
from registry.model.run import Pause

PATIENCE_SECONDS = 30


class Queue:
    """Plays a worker: carries out orders as a test has written them down. What an order does not settle waits again."""

    def __init__(self, **orders: Callable[[], Outcome | None]) -> None:
        self.acts = dict(enumerate(orders.values(), start=1))
        self.waiting = list(self.acts)
        self.lock = threading.Lock()
        self.begun: list[int] = []
        self.slept: list[float] = []
        self.postponed: list[tuple[float, int]] = []
        self.road = SimpleNamespace(sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.waiting += [order for until, order in self.postponed if until <= seconds]
        self.postponed = []

    def employed(self, _: int) -> AbstractContextManager[None]:
        return nullcontext()

    def stopping_when(self, _: Callable[[], bool]) -> Queue:
        return self

    def to_do(self, limit: int, *, internal: bool = False) -> list[int]:
        with self.lock:
            return self.waiting[:limit]

    def seconds_to_next(self) -> float | None:
        return min((until for until, _ in self.postponed), default=None)

    def carry_out(self, order_id: int) -> Outcome | None:
        with self.lock:
            if order_id not in self.waiting:
                return None
            self.begun.append(order_id)
            self.waiting.remove(order_id)
        outcome = self.acts[order_id]()
        if outcome is None:
            with self.lock:
                self.waiting.append(order_id)
        elif outcome.pause is not None:
            self.postponed.append((outcome.pause.seconds, order_id))
        return outcome


def done(order_id: int = 0, pause: Pause | None = None) -> Outcome:
    return Outcome(order_id, OrderKind.HARVEST, "330100", "s", None, 0.0, {}, pause)


def drained(queue: Queue, threads: int = 2) -> list[int]:
    return [each.order_id for each in drain(cast("Worker", queue), threads=threads)]


def test_all_that_waits_is_carried_out_and_what_it_brings_about() -> None:
    queue = Queue(a=lambda: done(1), b=lambda: done(2), c=lambda: done(3))
    queue.waiting.remove(3)

    def first() -> Outcome:
        queue.waiting.append(3)
        return done(1)

    queue.acts[1] = first
    assert sorted(drained(queue)) == [1, 2, 3]


def test_a_thread_that_is_free_does_not_wait_for_one_that_is_not() -> None:
    """What is placed while an order runs for long is begun beside it."""
    begun, placed = threading.Event(), threading.Event()

    def long() -> Outcome:
        with queue.lock:
            queue.waiting.append(2)
        placed.set()
        assert begun.wait(PATIENCE_SECONDS), "nobody began the other order"
        return done(1)

    def other() -> Outcome:
        begun.set()
        return done(2)

    queue = Queue(long=long, other=other)
    queue.waiting = [1]
    assert sorted(drained(queue)) == [1, 2]


def test_what_is_postponed_is_waited_for_and_told_once() -> None:
    acts = iter([done(1, Pause(2.0, 1)), done(1, Pause(4.0, 2)), done(1)])
    queue = Queue(a=lambda: next(acts))
    assert drained(queue) == [1]
    assert queue.slept == [2.0, 4.0]


@pytest.mark.parametrize(("seconds", "waited"), [(IDLE_SECONDS, 1), (IDLE_SECONDS + 1, 0)])
def test_but_not_for_longer_than_a_minute(seconds: float, waited: int) -> None:
    acts = iter([done(1, Pause(seconds, 1)), done(1)])
    queue = Queue(a=lambda: next(acts))
    assert drained(queue) == [1] * waited
    assert len(queue.slept) == waited


def test_a_clock_that_stands_still_ends_it_too() -> None:
    queue = Queue(a=lambda: done(1, Pause(0.001, 1)))
    assert drained(queue) == []
    assert len(queue.slept) == IDLE_SECONDS / 0.5


def test_what_cannot_be_claimed_is_tried_again_when_something_has_ended() -> None:
    claimed = iter([None, done(1)])
    queue = Queue(a=lambda: next(claimed), b=lambda: done(2))
    assert sorted(drained(queue, threads=1)) == [1, 2]
    assert queue.begun == [1, 2, 1]


def test_what_cannot_be_claimed_at_all_is_left() -> None:
    queue = Queue(a=lambda: None)
    assert drained(queue) == []
    assert queue.begun == [1]


def test_our_own_failure_is_raised_when_all_has_ended() -> None:
    def fail() -> Outcome:
        raise ValueError("ours")

    queue = Queue(a=fail, b=lambda: done(2), c=lambda: done(3))
    with pytest.raises(ValueError, match="ours"):
        drained(queue, threads=1)
    assert queue.begun == [1, 2, 3]


def test_our_own_failures_are_told_beside_what_the_others_came_to() -> None:
    def fail() -> Outcome:
        raise ValueError("ours")

    queue = Queue(a=fail, b=lambda: done(2), c=fail, d=lambda: done(4))
    failed: list[Failed] = []
    outcomes = drain(cast("Worker", queue), threads=1, fail=failed.append)
    assert [each.order_id for each in outcomes] == [2, 4]
    assert [(each.order_id, str(each.failure)) for each in failed] == [(1, "ours"), (3, "ours")]


def test_the_background_goes_on_behind_a_failure_and_is_woken() -> None:
    carried_out = threading.Event()

    def fail() -> Outcome:
        raise ValueError("ours")

    def carry_out() -> Outcome:
        carried_out.set()
        return done(2)

    queue = Queue(a=fail, b=carry_out)
    queue.waiting = [1]
    with Dispatcher(cast("Worker", queue), threads=1, poll_seconds=3600) as dispatcher:
        while queue.begun != [1]:
            dispatcher.wake()
        queue.waiting.append(2)
        while not carried_out.wait(0.01):
            dispatcher.wake()
