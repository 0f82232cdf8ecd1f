"""Transitions in the health of sources: each is kept, and told once (``store.outbox``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from registry.model.health import Change, Health
from registry.model.issue import Text
from registry.store import outbox
from registry.store.outbox import Topic
from registry.store.tables import health_changes, sources

_c = health_changes.c


@dataclass(frozen=True, slots=True)
class HealthChange:
    """One transition of one source."""

    id: int
    source_code: str
    change: Change
    at: datetime


_SELECT = select(
    _c.id, sources.c.code, _c.before, _c.after, _c.reason, _c.changed_at
).join_from(health_changes, sources, sources.c.id == _c.source_id)  # fmt: skip


def _read(row: Any) -> HealthChange:
    change = Change(Health(row.before), Health(row.after), msgspec.convert(row.reason, Text))
    return HealthChange(row.id, row.code, change, row.changed_at)


def add(connection: Connection, source_id: int, change: Change, now: datetime) -> int:
    """Keep a transition, and have it told; returns its id."""
    change_id = connection.execute(
        insert(health_changes)
        .values(
            source_id=source_id,
            before=str(change.before),
            after=str(change.after),
            changed_at=now,
            reason=change.reason,
        )
        .returning(_c.id)
    ).scalar_one()
    outbox.put(connection, Topic.NOTICE, f"health:{change_id}")
    return int(change_id)


def get(connection: Connection, change_id: int) -> HealthChange:
    """One transition, as an item of the outbox names it."""
    return _read(connection.execute(_SELECT.where(_c.id == change_id)).one())


def of_source(connection: Connection, source_id: int, limit: int = 20) -> list[HealthChange]:
    """The transitions of a source, newest first."""
    query = _SELECT.where(_c.source_id == source_id).order_by(_c.id.desc()).limit(limit)
    return [_read(row) for row in connection.execute(query)]
