"""Leases: who may settle a register or tick the schedule, and until when.

The row in the database is the truth; a worker that stalls past its lease is fenced: its next write finds another
fence and fails.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from registry.errors import LeaseLost
from registry.model.issue import Text
from registry.store.tables import leases

_c = leases.c


class Lease(NamedTuple):
    """A lease as its holder knows it."""

    name: str
    holder: str
    fence: int


def take(connection: Connection, name: str, holder: str, now: datetime, duration: timedelta) -> Lease | None:
    """Take a lease that is free, expired or the holder's own; None where another holds it."""
    row = connection.execute(select(leases).where(_c.name == name).with_for_update()).one_or_none()
    until = now + duration
    if row is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(leases).values(name=name, holder=holder, fence=1, until=until))
        except IntegrityError:
            return None
        return Lease(name, holder, 1)
    if row.until > now and row.holder != holder:
        return None
    fence = row.fence + 1
    connection.execute(update(leases).where(_c.name == name).values(holder=holder, fence=fence, until=until))
    return Lease(name, holder, fence)


def is_held(connection: Connection, name: str, now: datetime) -> bool:
    """Whether anybody holds the lease."""
    until = connection.execute(select(_c.until).where(_c.name == name)).scalar_one_or_none()
    return until is not None and until > now


def hold(connection: Connection, lease: Lease, now: datetime, duration: timedelta) -> None:
    """Prolong the lease within the caller's transaction. Raises ``LeaseLost`` where another has it now."""
    renewed = connection.execute(
        update(leases).where(_c.name == lease.name, _c.fence == lease.fence).values(until=now + duration)
    ).rowcount
    if not renewed:
        raise LeaseLost(
            Text(
                zh=f"租约 {lease.name} 已被其他进程接管，本进程停止写入。",
                en=f"the lease {lease.name} has passed to another worker; this one stops writing.",
            )
        )


def give_back(connection: Connection, lease: Lease, now: datetime) -> None:
    """End the lease, if it still is the caller's."""
    connection.execute(update(leases).where(_c.name == lease.name, _c.fence == lease.fence).values(until=now))
