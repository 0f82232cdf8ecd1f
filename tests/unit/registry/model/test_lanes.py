"""Who may begin, and who gives way, at the boundaries of the slow lane and of a host."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.model.lanes import Lanes, Stall, Traffic, free_slow, may_start, patience_with, when_stalled

LANES = Lanes()
BUSY = Traffic(workers=16, running=16, slow=frozenset(), hosts={}, others_wait=True)


def with_slow(count: int, **others: object) -> Traffic:
    return replace(BUSY, slow=frozenset(range(1, count + 1)), **others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("workers", "share"), [(0, 1), (1, 1), (2, 1), (4, 1), (7, 1), (8, 2), (15, 3), (16, 4), (17, 4)]
)
def test_a_quarter_of_the_workers_and_one_at_least(workers: int, share: int) -> None:
    assert LANES.share(workers) == share


@pytest.mark.parametrize(("workers", "places"), [(1, 1), (4, 1), (8, 2), (12, 3), (16, 3), (20, 4), (32, 6)])
def test_of_four_places_one_is_left_to_those_whom_nobody_knows_yet(workers: int, places: int) -> None:
    assert LANES.places(workers) == places


@pytest.mark.parametrize(
    ("usual", "patience"),
    [(None, 3.0), (0.0, 1.0), (0.25, 1.0), (0.26, 1.04), (0.74, 2.96), (0.76, 3.0), (60, 3.0)],
)
def test_whoever_is_usually_quick_has_stalled_sooner(usual: float | None, patience: float) -> None:
    assert patience_with(usual, 3.0) == pytest.approx(patience)


@pytest.mark.parametrize(("running", "starts"), [(2, True), (3, False), (4, False), (5, False)])
def test_slow_orders_have_their_places_while_others_wait(running: int, starts: bool) -> None:
    assert may_start(with_slow(running), LANES, slow=True, host="") is starts
    assert may_start(with_slow(running), LANES, slow=False, host="")
    assert free_slow(with_slow(running), LANES) == max(0, 3 - running)


def test_slow_orders_may_have_everything_while_nobody_waits() -> None:
    alone = with_slow(12, others_wait=False)
    assert may_start(alone, LANES, slow=True, host="")
    assert free_slow(alone, LANES) == 16


@pytest.mark.parametrize(("running", "starts"), [(1, True), (2, False), (3, False)])
def test_a_host_has_no_more_than_it_is_to_bear(running: int, starts: bool) -> None:
    found = replace(BUSY, hosts={"http://a:80": running})
    assert may_start(found, LANES, slow=False, host="http://a:80") is starts
    assert may_start(found, LANES, slow=False, host="http://b:80")


def test_what_asks_no_host_has_no_such_limit() -> None:
    assert may_start(replace(BUSY, hosts={"": 100}), LANES, slow=False, host="")


@pytest.mark.parametrize(
    ("found", "pressed"),
    [
        (BUSY, True),
        (replace(BUSY, running=17), True),
        (replace(BUSY, running=15), False),
        (replace(BUSY, others_wait=False), False),
    ],
)
def test_somebody_waits_for_a_worker_where_none_is_free(found: Traffic, pressed: bool) -> None:
    assert found.is_pressed is pressed
    assert (when_stalled(99, found, LANES) is Stall.GO_ON) is not pressed


@pytest.mark.parametrize(
    ("running", "then"), [(0, Stall.GO_ON_SLOWLY), (2, Stall.GO_ON_SLOWLY), (3, Stall.GIVE_WAY)]
)
def test_who_stalls_goes_on_in_the_slow_lane_while_it_has_room(running: int, then: Stall) -> None:
    assert when_stalled(99, with_slow(running), LANES) is then


def test_of_slow_ones_beyond_their_share_the_last_placed_give_way() -> None:
    crowded = with_slow(6)
    assert [order for order in range(1, 7) if when_stalled(order, crowded, LANES) is Stall.GIVE_WAY] == [
        4,
        5,
        6,
    ]
    assert all(when_stalled(order, with_slow(3), LANES) is Stall.GO_ON for order in range(1, 4))


def test_one_worker_is_lent_to_slow_ones_too() -> None:
    alone = Traffic(workers=1, running=1, slow=frozenset({7}), hosts={}, others_wait=True)
    assert when_stalled(7, alone, LANES) is Stall.GO_ON
