"""Waiting for a source: what counts as waiting in vain, and how the word to give way is heard."""

from __future__ import annotations

import pytest

from harvester.errors import GaveWay
from harvester.pulse import SLICE_SECONDS, Pulse


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds

    def silent(self, seconds: float) -> None:
        self.now += seconds
        raise TimeoutError


@pytest.fixture
def time() -> Time:
    return Time()


def test_waiting_goes_on_in_slices_until_something_comes(time: Time) -> None:
    pulse, slices = Pulse(time), list[float]()

    def attempt(seconds: float) -> str:
        slices.append(seconds)
        if len(slices) < 4:
            time.silent(seconds)
        return "came"

    assert pulse.wait(10, attempt) == "came"
    assert slices == [SLICE_SECONDS] * 4
    assert pulse.stalled() == 3 * SLICE_SECONDS


def test_waiting_has_its_end(time: Time) -> None:
    pulse = Pulse(time)
    with pytest.raises(TimeoutError):
        pulse.wait(1.125, time.silent)
    assert time.now == 101.125
    assert pulse.stalled() == 1.125


def test_what_comes_is_worth_waiting_but_nothing_in_advance(time: Time) -> None:
    pulse = Pulse(time)
    pulse.wait(5, lambda _: time.pass_by(5))
    pulse.beat(2)
    assert pulse.stalled() == 3
    pulse.beat(1000)
    assert pulse.stalled() == 0
    pulse.wait(5, lambda _: time.pass_by(4))
    assert pulse.stalled() == 4


def test_our_own_work_is_not_waiting(time: Time) -> None:
    pulse = Pulse(time)
    pulse.wait(5, lambda _: time.pass_by(1))
    time.pass_by(1000)
    assert pulse.stalled() == 1


def test_a_wait_that_goes_on_is_felt(time: Time) -> None:
    pulse, felt = Pulse(time), list[float]()

    def attempt(seconds: float) -> None:
        time.pass_by(seconds)
        felt.append(pulse.stalled())

    pulse.wait(5, attempt)
    assert felt == [SLICE_SECONDS]


def test_the_word_is_heard_within_a_slice_and_for_ever(time: Time) -> None:
    pulse = Pulse(time)

    def attempt(seconds: float) -> None:
        if time.now >= 102:
            pulse.give_way()
        time.silent(seconds)

    with pytest.raises(GaveWay):
        pulse.wait(60, attempt)
    assert time.now == 102 + SLICE_SECONDS
    with pytest.raises(GaveWay):
        pulse.wait(60, time.silent)
    assert time.now == 102 + SLICE_SECONDS


def test_a_pause_lasts_as_long_as_it_is_to_and_counts(time: Time) -> None:
    pulse = Pulse(time)
    pulse.pause(0.6, time.pass_by)
    assert time.now == pytest.approx(100.6)
    assert pulse.stalled() == pytest.approx(0.6)


def test_a_pause_ends_with_the_word(time: Time) -> None:
    pulse = Pulse(time)

    def sleep(seconds: float) -> None:
        time.pass_by(seconds)
        pulse.give_way()

    with pytest.raises(GaveWay):
        pulse.pause(60, sleep)
    assert time.now == 100 + SLICE_SECONDS
