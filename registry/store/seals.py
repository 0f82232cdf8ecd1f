"""The chain of seals over the book of acts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from registry.model.event import Actor, Entered, Event
from registry.model.seal import BEGINNING, Head, Seal
from registry.store.tables import events, seals

_BATCH = 1000
_c, _e = seals.c, events.c


def head(connection: Connection) -> Head:
    """The newest seal; number 0 before the first."""
    row = connection.execute(select(_c.number, _c.digest).order_by(_c.number.desc()).limit(1)).one_or_none()
    return Head(0, BEGINNING) if row is None else Head(*row)


def add(connection: Connection, fresh: Sequence[Seal], now: datetime) -> None:
    """Put seals behind the newest one."""
    rows = [each._asdict() | {"sealed_at": now} for each in fresh]
    if rows:
        connection.execute(insert(seals), rows)


def book(connection: Connection) -> Iterator[tuple[Seal, Entered | None]]:
    """Every seal in the order of its number, with the event it covers (None where that is gone)."""
    query = (
        select(_c.number, _c.event_id, _c.digest, _c.signature, _c.key, events)
        .join_from(seals, events, _e.id == _c.event_id, isouter=True)
        .order_by(_c.number)
    )
    for row in connection.execute(query.execution_options(yield_per=_BATCH)):
        seal = Seal(*row[:5])
        if row.id is None:
            yield seal, None
            continue
        event = Event(
            Actor(row.actor, row.address), row.action, row.subject, row.reason, row.before, row.after,
            row.register_id,
        )  # fmt: skip
        yield seal, Entered(row.id, row.happened_at, event)


def unsealed(connection: Connection) -> tuple[int, datetime | None]:
    """How many events have no seal, and since when the oldest of them waits. Looks through the whole book."""
    query = (
        select(func.count(), func.min(_e.happened_at, type_=_e.happened_at.type))
        .select_from(events)
        .where(~select(_c.number).where(_c.event_id == _e.id).exists())
    )
    count, oldest = connection.execute(query).one()
    return int(count), oldest


def seal_of(connection: Connection, event_id: int) -> Seal | None:
    """The seal over an event; None where it has none yet."""
    query = select(_c.number, _c.event_id, _c.digest, _c.signature, _c.key).where(_c.event_id == event_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Seal(*row)
