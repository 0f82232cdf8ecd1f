"""Every planted defect of the road is found: by the invariants, or by what the next process comes to."""

from __future__ import annotations

from random import Random

import pytest

from registry.services import reviewing
from registry.store import runs
from tests.crash.choice import on_sqlite
from tests.crash.household import APPROVER, ROADS, Household
from tests.crash.points import Point
from tests.crash.process import DriverProcess
from tests.crash.survival import Death, Life
from tests.invariants import check


def _dies(defect: str, at: Point) -> Death:
    def die(household: Household) -> DriverProcess:
        return household.start(defect=defect, kill_at=at).run()

    return die


pytestmark = on_sqlite


@pytest.mark.parametrize(
    ("defect", "at"),
    [
        ("move the checkpoint first", Point("before", "take", 3)),
        ("count a slice later", Point("after", "slice", 1)),
        ("publish slice by slice", Point("before", "slice", 2)),
    ],
    ids=str,
)
def test_a_death_brings_it_to_light(household: Household, defect: str, at: Point) -> None:
    """Without the death it does no harm; with it, something is lost, doubled or half-published."""
    life = Life(household, Random(defect)).begin()
    with pytest.raises(AssertionError):
        life.harvest(_dies(defect, at), full=True)
        life.complete()


def test_whoever_is_not_fenced_is_found(household: Household) -> None:
    """A worker that wakes late goes on where it was, over what another one has done meanwhile."""
    life = Life(household, Random("fence")).begin()
    life.prepare(full=True)
    sleeper = household.start(
        holder="sleeper", defect="let anybody write", stop_at=(Point("after", "slice", 1),)
    )
    assert sleeper.go_on() is not None
    household.wait(61)
    heir = household.start(holder="heir", stop_at=(Point("after", "slice", 1),))
    assert heir.go_on() is not None
    with pytest.raises(AssertionError):
        sleeper.run()
        heir.run()
        life.look()
        life.complete()


@pytest.mark.parametrize("defect", ["", "settle the oldest first"])
def test_a_released_run_does_not_publish_half_of_another(household: Household, defect: str) -> None:
    """A held run is released while a younger one lies half settled: that one must be made whole first."""
    life = Life(household, Random("release")).begin()
    household.roads.items.clear()
    household.roads.save()
    household.wait(hours=1)
    household.harvest(ROADS, full=True)
    with household.engines.read.connect() as connection:
        (held,) = [run for run in runs.listed(connection) if run.hold_reasons]
    life.prepare(full=True)
    household.start(kill_at=Point("after", "slice", 1)).run()
    reviewing.release(household.engines.write, held.id, actor=APPROVER, now=household.clock())
    household.wait(61)
    household.start(defect=defect).run()
    found = {violation.invariant for violation in check(household.engines)}
    assert found == ({"I3"} if defect else set())
