"""The brake at its boundaries: one less, exactly, one more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.model.brake import Before, BrakeLimits, allowed_to_vanish, reasons_to_hold, window_start
from registry.model.run import Scope, Tally

LIMITS = BrakeLimits()
NOW = datetime(2024, 5, 6, tzinfo=UTC)


def codes(tally: Tally, before: Before, scope: Scope = Scope.FULL, limits: BrakeLimits = LIMITS) -> list[str]:
    return [reason.code for reason in reasons_to_hold(tally, before, scope=scope, limits=limits)]


@pytest.mark.parametrize(
    ("live", "allowed"),
    [
        (0, 2), (1, 2), (2, 2), (18, 2), (19, 2), (20, 2), (21, 3), (29, 3), (30, 3), (31, 4), (100, 10),
        (101, 11), (49_990, 4_999), (49_991, 5_000), (50_000, 5_000), (50_001, 5_000), (10**7, 5_000),
    ],
)  # fmt: skip
def test_how_many_may_vanish(live: int, allowed: int) -> None:
    assert allowed_to_vanish(live, LIMITS) == allowed


@pytest.mark.parametrize(
    ("live", "gone", "held"),
    [
        (18, 17, True), (18, 3, True), (18, 2, False), (18, 1, False), (20, 2, False), (20, 3, True),
        (21, 3, False), (21, 4, True), (4, 2, False), (4, 3, True), (50_000, 5_000, False),
        (50_000, 5_001, True), (1_000_000, 5_000, False), (1_000_000, 5_001, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["absent", "deleted", "both"])
def test_what_vanished_in_one_run(live: int, gone: int, held: bool, how: str) -> None:
    absent = {"absent": gone, "deleted": 0, "both": gone // 2}[how]
    tally = Tally(received=live - absent, absent=absent, deleted=gone - absent)
    assert codes(tally, Before(live)) == (["vanished"] if held else [])


@pytest.mark.parametrize(
    ("earlier", "now", "held"), [(1, 1, False), (2, 1, True), (0, 3, True), (2, 0, False)]
)
def test_losses_add_up_and_only_a_run_that_adds_to_them_is_held(earlier: int, now: int, held: bool) -> None:
    tally = Tally(received=20 - now, absent=now)
    assert codes(tally, Before(20, vanished=earlier)) == (["vanished"] if held else [])


def test_the_share_counts_what_was_live_when_the_losses_began() -> None:
    """10 of 101 have gone already: the 11th may go, the 12th may not."""
    before = Before(live=91, vanished=10, removed=10)
    assert codes(Tally(received=90, deleted=1), before) == []
    assert codes(Tally(received=90, deleted=2), before) == ["vanished"]


def test_a_confirmed_absence_was_counted_before() -> None:
    assert codes(Tally(received=2, vanished=18), Before(20, vanished=0)) == []


@pytest.mark.parametrize(
    ("tally", "scope", "held"),
    [
        (Tally(received=0, absent=1), Scope.FULL, True),
        (Tally(received=0, vanished=1), Scope.FULL, True),
        (Tally(received=0), Scope.FULL, False),  # nothing would go: all of it was decided before
        (Tally(received=1, unchanged=1, absent=1), Scope.FULL, False),
        (Tally(received=0), Scope.DELTA, False),
    ],
)
def test_an_empty_list(tally: Tally, scope: Scope, held: bool) -> None:
    assert codes(tally, Before(2), scope) == (["empty"] if held else [])


@pytest.mark.parametrize(
    ("live", "updated", "held"),
    [(19, 19, False), (20, 10, False), (20, 11, True), (21, 10, False), (21, 11, True)],
)
@pytest.mark.parametrize("scope", Scope)
def test_rewriting_more_than_half(live: int, updated: int, held: bool, scope: Scope) -> None:
    tally = Tally(received=live, updated=updated, unchanged=live - updated)
    assert codes(tally, Before(live), scope) == (["rewritten"] if held else [])


@pytest.mark.parametrize(
    ("live", "created", "restored", "held"),
    [(0, 10**6, 0, False), (1, 9, 0, False), (1, 10, 0, True), (5, 40, 5, False), (5, 40, 6, True)],
)
def test_growing_more_than_ten_times(live: int, created: int, restored: int, held: bool) -> None:
    tally = Tally(received=live + created + restored, created=created, restored=restored)
    assert codes(tally, Before(live)) == (["grown"] if held else [])


def test_every_reason_is_told_with_its_numbers_in_both_languages() -> None:
    tally = Tally(received=400, created=390, updated=10, absent=10)
    found = reasons_to_hold(tally, Before(20), scope=Scope.FULL, limits=BrakeLimits(rewrite_from=1))
    assert [reason.code for reason in found] == ["vanished", "grown"]
    assert "10 records vanished within 7 days; 2 are allowed (of 20" in found[0].text.en
    assert "消失 10 条" in found[0].text.zh
    assert "from 20 to 410" in found[1].text.en


@pytest.mark.parametrize(
    ("released", "start"),
    [
        (None, NOW - timedelta(days=7)),
        (NOW - timedelta(days=8), NOW - timedelta(days=7)),
        (NOW - timedelta(days=7) + timedelta(seconds=1), NOW - timedelta(days=7) + timedelta(seconds=1)),
        (NOW - timedelta(hours=1), NOW - timedelta(hours=1)),
    ],
)
def test_the_window_begins_at_the_last_release_or_seven_days_ago(
    released: datetime | None, start: datetime
) -> None:
    assert window_start(NOW, released, LIMITS) == start


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_losses_are_never_let_through_where_fewer_are_held(live: int, gone: int) -> None:
    fewer, more = (codes(Tally(received=1, absent=each), Before(live)) for each in (gone, gone + 1))
    assert set(fewer) <= set(more)
    if gone > max(2, -(-live // 10)):
        assert "vanished" in fewer
