"""Ninety of a hundred municipalities trickle: the other ten are published within a minute after they were due."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from config.settings import Http
from tests.conftest import Tell
from tests.crash.choice import on_postgresql_in_full
from tests.hostile.districts import SLOW, District, plans
from tests.hostile.town import Town
from tests.hostile.works import at_work


class Size(NamedTuple):
    good: int
    trickling: int
    workers: int


TENTH, FULL = Size(2, 18, 4), Size(10, 90, 16)
MOST_SECONDS = 60
EVERY = "every 6h"


@on_postgresql_in_full
@pytest.mark.parametrize(
    "size", [TENTH, pytest.param(FULL, marks=pytest.mark.full)], ids=["a tenth of the workers", "all"]
)
def test_the_good_ones_are_on_time(
    size: Size, database_url: str, tmp_path: Path, seed: str, tell: Tell
) -> None:
    """With the limits that a new installation has. The clock finds all of them due at once."""
    rng = Random(seed)
    with (
        Town(plans(size.good, size.trickling, rng)) as town,
        at_work(database_url, tmp_path, seed, threads=size.workers, http=Http()) as works,
    ):
        district = District(works, town, size.workers)
        district.found(schedule=EVERY)
        good = [plan.code for plan in town.plans if plan.code.startswith("g")]
        trickling = [plan.code for plan in town.plans if plan.code.startswith("h")]
        town.play({code: (rng.choice(SLOW),) for code in trickling})
        cycle = district.cycle((), patience=3 * MOST_SECONDS, until=good, due=True)
        assert district.differing(good, 1) == []
        last = cycle.seconds(good)
        count = size.good + size.trickling
        tell(f"trickles: {size.good} good ones of {count} were published {last:.1f} s after they were due")
        assert last <= MOST_SECONDS
