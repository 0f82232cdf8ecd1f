"""The book of acts: one event for each, written in the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from registry.errors import NotFound
from registry.model.event import Actor, Entered, Event
from registry.model.issue import Text
from registry.store import outbox
from registry.store.engine import among
from registry.store.outbox import Topic
from registry.store.tables import events

_BATCH = 1000
_c = events.c


def record(connection: Connection, event: Event, now: datetime) -> int:
    """Write one event; it will be sealed, and told to whom it concerns. Returns its id."""
    statement = insert(events).values(
        happened_at=now,
        actor=event.actor.name,
        address=event.actor.address,
        action=event.action,
        subject=event.subject,
        reason=event.reason,
        before=event.before,
        after=event.after,
        register_id=event.register_id,
    )
    event_id = int(connection.execute(statement.returning(_c.id)).scalar_one())
    outbox.put(connection, Topic.SEAL, str(event_id))
    outbox.put(connection, Topic.NOTICE, f"event:{event_id}")
    return event_id


def of_subject(connection: Connection, subject: str, *, limit: int = 100) -> list[tuple[datetime, Event]]:
    """The events about one subject, newest first."""
    query = select(events).where(_c.subject == subject).order_by(_c.id.desc()).limit(limit)
    return [(each.happened_at, each.event) for each in map(_entered, connection.execute(query))]


def latest(connection: Connection, subject: str, action: str) -> Event | None:
    """The last act of one kind on a subject."""
    query = select(events).where(_c.subject == subject, _c.action == action).order_by(_c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _entered(row).event


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events; empty fields ask nothing. ``subject``: whole, or its beginning where it ends with ``:``;
    ``since`` inclusive, ``until`` exclusive; ``registers``: only what happened to these (their ids)."""

    subject: str = ""
    actor: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    registers: frozenset[int] | None = None


def listed(connection: Connection, wanted: Filter, *, before: int = 0, limit: int = 100) -> list[Entered]:
    """Events, newest first; ``before``: an id, to go on behind a page."""
    query = _matching(select(events), wanted).order_by(_c.id.desc()).limit(limit)
    query = query.where(_c.id < before) if before else query
    return [_entered(row) for row in connection.execute(query)]


def exported(connection: Connection, wanted: Filter) -> Iterator[Entered]:
    """All events, oldest first. Whoever stops reading before the end closes the generator."""
    query = _matching(select(events), wanted).order_by(_c.id)
    with connection.execute(query.execution_options(yield_per=_BATCH)) as rows:
        yield from map(_entered, rows)


def get(connection: Connection, event_id: int) -> Entered:
    """One event. Raises ``NotFound``."""
    row = connection.execute(select(events).where(_c.id == event_id)).one_or_none()
    if row is None:
        raise NotFound(Text(zh=f"没有编号为 {event_id} 的事件。", en=f"there is no event {event_id}."))
    return _entered(row)


def by_ids(connection: Connection, event_ids: Sequence[int]) -> list[Entered]:
    """These events, in the order of their ids."""
    query = select(events).where(among(_c.id, event_ids, connection)).order_by(_c.id)
    return [_entered(row) for row in connection.execute(query)]


def _matching(query: Select[Any], wanted: Filter) -> Select[Any]:
    if wanted.subject.endswith(":"):
        query = query.where(_c.subject.startswith(wanted.subject, autoescape=True))
    elif wanted.subject:
        query = query.where(_c.subject == wanted.subject)
    if wanted.actor:
        query = query.where(_c.actor == wanted.actor)
    if wanted.action:
        query = query.where(_c.action == wanted.action)
    if wanted.registers is not None:
        query = query.where(_c.register_id.in_(sorted(wanted.registers)))
    if wanted.since is not None:
        query = query.where(_c.happened_at >= wanted.since)
    return query if wanted.until is None else query.where(_c.happened_at < wanted.until)


def _entered(row: Any) -> Entered:
    actor = Actor(row.actor, row.address)
    event = Event(actor, row.action, row.subject, row.reason, row.before, row.after, row.register_id)
    return Entered(row.id, row.happened_at, event)
