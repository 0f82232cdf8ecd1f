"""The processes that carry out orders: how many orders at once each, as long as it says so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from registry.store.engine import insert_or_update
from registry.store.tables import workers

_c = workers.c


def keep(connection: Connection, holder: str, capacity: int, until: datetime, now: datetime) -> None:
    """``holder`` carries out up to ``capacity`` orders at once until then; who has fallen silent is forgotten."""
    connection.execute(delete(workers).where(_c.until <= now))
    insert_or_update(connection, workers, {"holder": holder, "capacity": capacity, "until": until})


def leave(connection: Connection, holder: str) -> None:
    """``holder`` carries out no more orders."""
    connection.execute(delete(workers).where(_c.holder == holder))


def capacity(connection: Connection, now: datetime) -> int:
    """How many orders the workers carry out at once."""
    query = select(func.coalesce(func.sum(_c.capacity), 0)).where(_c.until > now)
    return int(connection.execute(query).scalar_one())
