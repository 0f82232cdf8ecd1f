"""A commit that comes later than its datestamp: nobody who has asked in between misses it, whoever dies."""

from __future__ import annotations

import pytest

from tests.crash.choice import on_sqlite
from tests.crash.client import LogProvider
from tests.crash.faulty_readers import ShowsWhatNobodyVerified
from tests.crash.household import Household
from tests.crash.interleaving import Interleavings
from tests.crash.points import Point
from tests.invariants import check

BEFORE, AFTER = Point("before", "publish"), Point("after", "publish")


def _commit_late(
    household: Household,
    *,
    dies: bool = False,
    looks_between: bool = True,
    defect: str = "",
    provider: type[LogProvider] = LogProvider,
) -> list[str]:
    """Publish three seconds late, under the eyes of a client; returns what is wrong with its walks. It may
    also look between the commit and its verification, where the publisher may die."""
    done = Interleavings.begin(household, "late", provider, defect=defect)
    done.follow()
    household.wait(60)
    household.change(done.rng)
    done.remember()
    household.order()
    process = household.start(stop_at=(BEFORE, AFTER), defect=defect)
    assert process.go_on() == BEFORE
    household.wait(3)
    done.follow()
    assert process.go_on() == AFTER
    if looks_between:
        done.follow()
    if dies:
        process.kill()
        household.wait(62)
        done.follow()
        process = household.start(defect=defect)
    process.run()
    done.follow()
    household.wait(3)
    done.follow()
    if done.follower.mark != household.register().mark:
        done.faults.append("in the end not all is shown")
    return done.faults


@pytest.mark.parametrize("looks_between", [False, True], ids=["blind", "looking"])
@pytest.mark.parametrize("dies", [False, True], ids=["lives", "dies"])
def test_nobody_misses_a_late_commit(household: Household, dies: bool, looks_between: bool) -> None:
    """It is left out until it has been stamped again, and answers are dated so that it is asked for."""
    assert _commit_late(household, dies=dies, looks_between=looks_between) == []
    assert check(household.engines) == []


@on_sqlite
@pytest.mark.parametrize("defect", ["stamp without running ahead", "believe every datestamp"])
def test_a_datestamp_that_stays_is_found(household: Household, defect: str) -> None:
    """It lies before the second in which the client has asked: the client never hears of it."""
    assert _commit_late(household, looks_between=False, defect=defect)


@on_sqlite
@pytest.mark.parametrize("dies", [False, True], ids=["lives", "dies"])
def test_showing_what_nobody_verified_is_found(household: Household, dies: bool) -> None:
    """A full walk shows it, and one from the last date does not."""
    assert _commit_late(household, dies=dies, provider=ShowsWhatNobodyVerified)
