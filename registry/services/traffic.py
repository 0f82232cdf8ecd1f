"""How workers are shared: who carries out orders, and what the walk of one does whose source has stalled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from registry.model.lanes import Lanes, Stall, patience_with, when_stalled
from registry.model.order import Order
from registry.store import claims, orders, runs, workers
from registry.store.engine import Engine, Engines, one_at_a_time, transaction


@contextmanager
def employed(
    engine: Engine, holder: str, capacity: int, *, clock: Callable[[], datetime], lease: timedelta
) -> Iterator[None]:
    """``holder`` carries out up to ``capacity`` orders at once during the block. Said again in the background; a
    process that dies is forgotten when its lease has run out."""
    ended = threading.Event()

    def say() -> None:
        now = clock()
        with transaction(engine) as connection:
            workers.keep(connection, holder, capacity, now + lease, now)

    def keep_saying() -> None:
        while not ended.wait(lease.total_seconds() / 3):
            say()

    say()
    heart = threading.Thread(target=keep_saying, name=f"mulu-worker-{holder}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join()
        with transaction(engine) as connection:
            workers.leave(connection, holder)


def decide_stalled(engines: Engines, order: Order, now: datetime, lanes: Lanes) -> Stall:
    """What the walk of ``order`` is to do, whose source has stalled; that it goes on slowly is noted."""
    with engines.read.connect() as connection:
        found = when_stalled(order.id, claims.traffic(connection, now, lanes), lanes)
    if found is Stall.GO_ON:
        return found
    with transaction(engines.write) as connection:
        one_at_a_time(connection, "claims")
        found = when_stalled(order.id, claims.traffic(connection, now, lanes), lanes)
        if found is Stall.GO_ON_SLOWLY:
            orders.mark_slow(connection, order)
    return found


def patience(engines: Engines, order: Order, stall_seconds: float) -> float:
    """After how long a silence the source of ``order`` has stalled; ``stall_seconds`` at most."""
    if order.source is None:
        return stall_seconds
    with engines.read.connect() as connection:
        return patience_with(runs.usual_seconds(connection, order.source.id), stall_seconds)


def is_pressed(engines: Engines, now: datetime, lanes: Lanes) -> bool:
    """Whether somebody waits for a worker."""
    with engines.read.connect() as connection:
        return claims.traffic(connection, now, lanes).is_pressed
