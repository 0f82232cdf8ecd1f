"""The book of acts: one event for each, written in the transaction of the act."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from registry.model.event import Actor, Event
from registry.store.tables import events

_c = events.c


def record(connection: Connection, event: Event, now: datetime) -> None:
    """Write one event."""
    connection.execute(
        insert(events).values(
            happened_at=now,
            actor=event.actor.name,
            address=event.actor.address,
            action=event.action,
            subject=event.subject,
            reason=event.reason,
            before=event.before,
            after=event.after,
        )
    )


def of_subject(connection: Connection, subject: str, *, limit: int = 100) -> list[tuple[datetime, Event]]:
    """The events about one subject, newest first."""
    query = select(events).where(_c.subject == subject).order_by(_c.id.desc()).limit(limit)
    return [
        (
            row.happened_at,
            Event(Actor(row.actor, row.address), row.action, row.subject, row.reason, row.before, row.after),
        )
        for row in connection.execute(query)
    ]
