"""The connection breaks at COMMIT, and nobody can tell whether it was made: both must do no harm."""

from __future__ import annotations

from random import Random

import pytest

from tests.crash.choice import on_postgresql_in_full
from tests.crash.household import Household
from tests.crash.points import Point
from tests.crash.process import DriverFailed
from tests.crash.survival import Life

BROKEN = (
    Point("before", "open"),
    Point("after", "take", 3),
    Point("after", "close"),
    Point("before", "slice", 2),
    Point("after", "slice", 2),
    Point("before", "publish"),
    Point("after", "publish"),
    Point("after", "verify", 2),
    Point("before", "index"),
)


@on_postgresql_in_full
def test_a_commit_that_nobody_confirmed(household: Household, seed: str) -> None:
    """The order has failed; the next one carries on what there is, and all is as it must be."""
    life = Life(household, Random(seed)).begin()
    for point in BROKEN:
        life.prepare(full=True)
        with pytest.raises(DriverFailed, match="ConnectionResetError"):
            household.start(fail_at=point).run()
        life.look()
        household.order(full=True)
        household.start().run()
        life.look()
        life.complete()
