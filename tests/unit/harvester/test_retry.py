"""What is tried again, after how long, and how it is counted."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import FatalFailure, GaveWay, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.pulse import Pulse
from harvester.retry import (
    PATIENCE_SECONDS,
    POSTPONED_SECONDS,
    Attempts,
    Kind,
    Postponed,
    Retrying,
    delay,
    with_retries,
)
from registry.model.issue import Text
from registry.model.run import Failures

TEXT = Text("失败", "failed")


class Flaky:
    """Fails as it is told, one failure a call, then returns ``ok``."""

    def __init__(self, *failures: HarvestFailure) -> None:
        self.failures = list(failures)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "ok"


@given(st.integers(1, 3), st.integers())
def test_transport_failures_wait_longer_each_time_within_their_bounds(attempt: int, seed: int) -> None:
    pause = delay(Kind.TRANSPORT, attempt, Random(seed))
    assert pause is not None
    assert 2 ** (attempt - 1) / 2 <= pause <= 2 ** (attempt - 1)


def test_many_workers_do_not_come_back_together() -> None:
    pauses = {delay(Kind.TRANSPORT, 3, Random(seed)) for seed in range(100)}
    assert len(pauses) == 100


def test_a_long_row_of_retries_stops_growing() -> None:
    pause = delay(Kind.TRANSPORT, 20, Random(1), retries=50)
    assert pause is not None
    assert pause <= 30


@pytest.mark.parametrize(("kind", "attempt"), [(Kind.TRANSPORT, 4), (Kind.PROTOCOL, 1), (Kind.FATAL, 1)])
def test_there_is_an_end(kind: Kind, attempt: int) -> None:
    assert delay(kind, attempt, Random(1)) is None
    assert delay(Kind.FATAL, 1, Random(1), retries=9) is None


def test_three_retries_overcome_three_failures() -> None:
    call, slept, attempts = Flaky(*[TransportFailure(TEXT)] * 3), list[float](), Attempts()
    assert with_retries(call, slept.append, Random(1), attempts) == "ok"
    assert (call.calls, len(slept), attempts.counted()) == (4, 3, Failures(transport=3))


def test_the_fourth_failure_is_told() -> None:
    call, attempts = Flaky(*[TransportFailure(TEXT)] * 4), Attempts()
    with pytest.raises(TransportFailure):
        with_retries(call, lambda _: None, Random(1), attempts)
    assert (call.calls, attempts.counted()) == (4, Failures(transport=4))


@pytest.mark.parametrize(
    ("failure", "counted"),
    [
        (ProtocolFailure(TEXT), Failures(transport=1, protocol=1)),
        (FatalFailure(TEXT), Failures(transport=1, fatal=1)),
    ],
)
def test_what_trying_again_cannot_mend_is_not_tried_again(failure: HarvestFailure, counted: Failures) -> None:
    call, attempts = Flaky(TransportFailure(TEXT), failure), Attempts()
    with pytest.raises(type(failure)):
        with_retries(call, lambda _: None, Random(1), attempts)
    assert (call.calls, attempts.counted()) == (2, counted)


def test_a_source_gets_the_time_that_it_asks_for() -> None:
    slept: list[float] = []
    with_retries(
        Flaky(TransportFailure(TEXT, retry_after=PATIENCE_SECONDS)), slept.append, Random(1), Attempts()
    )
    assert slept == [PATIENCE_SECONDS]


def test_a_source_that_asks_for_too_much_is_left_to_the_schedule() -> None:
    call, slept = Flaky(TransportFailure(TEXT, retry_after=PATIENCE_SECONDS + 1)), list[float]()
    with pytest.raises(TransportFailure) as caught:
        with_retries(call, slept.append, Random(1), Attempts())
    assert (call.calls, slept, caught.value.retry_after) == (1, [], PATIENCE_SECONDS + 1)


def postponed(call: Flaky, how: Retrying, slept: list[float]) -> tuple[Postponed, Attempts]:
    attempts = Attempts(how)
    with pytest.raises(Postponed) as caught:
        with_retries(call, slept.append, Random(1), attempts)
    return caught.value, attempts


def test_a_walk_that_can_go_on_later_waits_a_second_at_most() -> None:
    call, slept = Flaky(*[TransportFailure(TEXT)] * 4), list[float]()
    later, attempts = postponed(call, Retrying().postponing(0), slept)
    assert (call.calls, len(slept), later.attempts) == (2, 1, 2)
    assert slept[0] <= 1 < later.seconds <= 2
    assert attempts.counted() == Failures(transport=2)


def test_whoever_goes_on_counts_on() -> None:
    call = Flaky(*[TransportFailure(TEXT)] * 4)
    later, _ = postponed(call, Retrying().postponing(2), [])
    assert (call.calls, later.attempts) == (1, 3)
    attempts = Attempts(Retrying().postponing(3))
    with pytest.raises(TransportFailure):
        with_retries(call, lambda _: None, Random(1), attempts)
    assert call.calls == 2


def test_an_answer_forgets_what_failed_before_it() -> None:
    attempts = Attempts(Retrying().postponing(2))
    assert with_retries(Flaky(), lambda _: None, Random(1), attempts) == "ok"
    assert attempts.in_a_row == 0


@pytest.mark.parametrize(("asked", "waits"), [(POSTPONED_SECONDS, True), (POSTPONED_SECONDS + 1, False)])
def test_a_source_that_asks_for_time_is_left_alone_so_long(asked: float, waits: bool) -> None:
    call, how = Flaky(TransportFailure(TEXT, retry_after=asked)), Retrying().postponing(0)
    if waits:
        later, _ = postponed(call, how, [])
        assert (later.seconds, later.attempts) == (asked, 1)
        return
    with pytest.raises(TransportFailure):
        with_retries(call, lambda _: None, Random(1), Attempts(how))


@pytest.mark.parametrize("how", [Retrying(), Retrying().postponing(2), Retrying(retries=0)])
def test_giving_way_uses_up_no_attempt(how: Retrying) -> None:
    later, attempts = postponed(Flaky(GaveWay(TEXT)), how, [])
    assert (later.seconds, later.attempts) == (0.0, how.attempts)
    assert attempts.counted() == Failures(transport=1, gave_way=1)


def test_a_pause_can_be_left_too() -> None:
    pulse, attempts = Pulse(), Attempts()

    def sleep(seconds: float) -> None:
        pulse.give_way()
        pulse.pause(seconds, lambda _: None)

    with pytest.raises(Postponed) as caught:
        with_retries(Flaky(TransportFailure(TEXT)), sleep, Random(1), attempts)
    assert isinstance(caught.value.failure, GaveWay)
    assert (caught.value.attempts, attempts.counted()) == (1, Failures(transport=2, gave_way=1))
