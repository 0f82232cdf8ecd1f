"""Orders that wait, workers that claim them, and what the store lets them have."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from registry.model.lanes import Lanes
from registry.model.order import Order
from registry.model.run import Pause
from registry.model.source import Protocol
from registry.store import claims, workers
from registry.store.engine import transaction
from tests.factories import Installation

LANES = Lanes()


def employ(town: Installation, capacity: int) -> None:
    now = town.clock()
    with transaction(town.engines.write) as connection:
        workers.keep(connection, "test", capacity, now + timedelta(hours=1), now)


def place(town: Installation, *codes: str, register: str = "330100", slow: bool = False) -> list[int]:
    """Orders on new sources, each at a host of its own."""
    placed = []
    for code in codes:
        town.source(code, register, protocol=Protocol.OAI_PMH)
        placed.append(town.order(code))
        if slow:
            make_slow(town, placed[-1])
    return placed


def make_slow(town: Installation, order_id: int) -> None:
    order = town.claims.claim(order_id)
    assert order is not None
    town.claims.hand_back(order, Pause(0.0, gave_way=True))


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def to_do(town: Installation, limit: int = 100) -> list[int]:
    with town.engines.read.connect() as connection:
        return claims.to_do(connection, town.clock(), limit, LANES)


def claim_all(town: Installation, order_ids: Sequence[int], threads: int = 1) -> list[Order]:
    """Those of the orders that can be claimed, by so many workers at the same moment."""
    barrier = Barrier(threads)

    def claim(part: Sequence[int]) -> list[Order | None]:
        barrier.wait()
        return [town.claims.claim(order_id) for order_id in part]

    parts = [order_ids[number::threads] for number in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        found = [order for part in pool.map(claim, parts) for order in part]
    return [order for order in found if order is not None]
