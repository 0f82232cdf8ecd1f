"""Several workers at once, as threads and as processes, on the same registers: each order is carried out once, and
all is as if one had done it alone."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import select

from registry.model.order import OrderStatus
from registry.store.tables import orders
from tests.crash.household import BUILDING, CITY_UPWARD, ROADS, Household
from tests.crash.survival import Life


@pytest.mark.parametrize(("processes", "threads"), [(1, 3), (2, 2)])
def test_several_at_once(household: Household, seed: str, processes: int, threads: int) -> None:
    """Both lists change, both are harvested at once, and the province reads the city meanwhile."""
    life = Life(household, Random(seed)).begin()
    for _ in range(2):
        life.prepare(full=False)
        household.roads.change(life.rng, household.clock())
        household.order(ROADS)
        household.order(CITY_UPWARD)
        workers = [household.start(holder=f"worker {n}", threads=threads) for n in range(processes)]
        done = [outcome for worker in workers for outcome in worker.run().outcomes or []]
        assert sum(source in (BUILDING, ROADS) for _, source, _ in done) == 2, "each was carried out once"
        assert _statuses(household) == {str(OrderStatus.DONE)}
        life.look()
        life.complete()


def _statuses(household: Household) -> set[str]:
    with household.engines.read.connect() as connection:
        return set(connection.execute(select(orders.c.status)).scalars())
