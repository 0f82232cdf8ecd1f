"""A worker that was stopped, lost its lease, and wakes late: it is fenced, whatever it was about to write."""

from __future__ import annotations

from random import Random

import pytest

from tests.crash.choice import on_postgresql
from tests.crash.household import BUILDING, CITY, ROADS, Household
from tests.crash.points import Point
from tests.crash.process import DriverFailed
from tests.crash.survival import Life

ASLEEP = {
    "claimed": Point("after", "claim"),
    "opened": Point("after", "open"),
    "staged": Point("after", "take", 2),
    "after the absences": Point("after", "absences"),
    "decided": Point("after", "close"),
    "leased": Point("after", "lease"),
    "between two slices": Point("after", "slice"),
    "published, not verified": Point("after", "publish"),
    "verified": Point("after", "verify", 2),
    "lease given back": Point("after", "give back"),
    "indexed": Point("after", "index"),
}


def test_whoever_wakes_late_changes_nothing(household: Household, seed: str) -> None:
    """Stopped between two transactions; another one does all of it; the first wakes and finds itself fenced."""
    life = Life(household, Random(seed)).begin()
    mark = 0
    for point in ASLEEP.values():
        life.prepare(full=True)
        sleeper = household.start(holder="sleeper", stop_at=(point,))
        assert sleeper.go_on() == point
        household.wait(61)
        household.start(holder="heir").run()
        life.look()
        life.complete()
        mark = household.register().mark
        household.wait(1)
        sleeper.run()
        life.look()
        life.complete()
        assert household.register().mark == mark
    household.harvest(BUILDING, ROADS)
    life.look()
    life.complete()
    assert household.register(CITY).mark == mark


def test_whoever_wakes_late_gives_up_nobody_elses_run(household: Household, seed: str) -> None:
    """It wakes before it has opened a run, while its heir has just opened one."""
    life = Life(household, Random(seed)).begin()
    life.prepare(full=True)
    sleeper = household.start(holder="sleeper", stop_at=(Point("after", "claim"),))
    assert sleeper.go_on() is not None
    household.wait(61)
    heir = household.start(holder="heir", stop_at=(Point("after", "open"),))
    assert heir.go_on() is not None
    sleeper.run()
    assert (CITY, BUILDING, "published") in (heir.run().outcomes or [])
    life.look()
    life.complete()


@on_postgresql
@pytest.mark.parametrize("service", ["take", "slice", "publish"])
def test_whoever_is_stopped_within_a_transaction_loses_it(
    household: Household, seed: str, service: str
) -> None:
    """Its locks are in the way until the server ends its session. (SQLite has nobody who could do that.)"""
    life = Life(household, Random(seed)).begin()
    life.prepare(full=True)
    sleeper = household.start(holder="sleeper", stop_at=(Point("before", service),), stall_seconds=0.5)
    assert sleeper.go_on() is not None
    household.wait(61)
    household.start(holder="heir").run()
    life.look()
    life.complete()
    with pytest.raises(DriverFailed, match="idle-in-transaction timeout"):
        sleeper.run()
    life.look()
    life.complete()
