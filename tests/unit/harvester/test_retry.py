"""What is tried again, after how long, and how it is counted."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.retry import PATIENCE_SECONDS, Kind, delay, with_retries
from registry.model.issue import Text

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
    call, slept, counts = Flaky(*[TransportFailure(TEXT)] * 3), list[float](), Counter[Kind]()
    assert with_retries(call, slept.append, Random(1), counts) == "ok"
    assert (call.calls, len(slept), counts) == (4, 3, {Kind.TRANSPORT: 3})


def test_the_fourth_failure_is_told() -> None:
    call, counts = Flaky(*[TransportFailure(TEXT)] * 4), Counter[Kind]()
    with pytest.raises(TransportFailure):
        with_retries(call, lambda _: None, Random(1), counts)
    assert (call.calls, counts) == (4, {Kind.TRANSPORT: 4})


@pytest.mark.parametrize(
    ("failure", "kind"), [(ProtocolFailure(TEXT), Kind.PROTOCOL), (FatalFailure(TEXT), Kind.FATAL)]
)
def test_what_trying_again_cannot_mend_is_not_tried_again(failure: HarvestFailure, kind: Kind) -> None:
    call, counts = Flaky(TransportFailure(TEXT), failure), Counter[Kind]()
    with pytest.raises(type(failure)):
        with_retries(call, lambda _: None, Random(1), counts)
    assert (call.calls, counts) == (2, {Kind.TRANSPORT: 1, kind: 1})


def test_a_source_gets_the_time_that_it_asks_for() -> None:
    slept: list[float] = []
    with_retries(Flaky(TransportFailure(TEXT, retry_after=PATIENCE_SECONDS)), slept.append, Random(1))
    assert slept == [PATIENCE_SECONDS]


def test_a_source_that_asks_for_too_much_is_left_to_the_schedule() -> None:
    call, slept = Flaky(TransportFailure(TEXT, retry_after=PATIENCE_SECONDS + 1)), list[float]()
    with pytest.raises(TransportFailure) as caught:
        with_retries(call, slept.append, Random(1))
    assert (call.calls, slept, caught.value.retry_after) == (1, [], PATIENCE_SECONDS + 1)
