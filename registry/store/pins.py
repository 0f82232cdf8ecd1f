"""Pins: the records that stand for their entries because somebody said so."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from registry.model.record import Pin
from registry.store.engine import insert_or_update
from registry.store.tables import pins, sources

_c = pins.c


class Pinned(NamedTuple):
    """A pin as it stands. ``source``: the code of the source whose record stands."""

    source: str
    pin: Pin
    at: datetime


def of_entry(connection: Connection, register_id: int, identifier: str) -> Pinned | None:
    """The pin of an entry, if it has one."""
    query = (
        select(sources.c.code, _c.actor, _c.reason, _c.pinned_at)
        .join_from(pins, sources, sources.c.id == _c.source_id)
        .where(_c.register_id == register_id, _c.identifier == identifier)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Pinned(row[0], Pin(row[1], row[2]), row[3])


def put(
    connection: Connection, register_id: int, identifier: str, source_id: int, pin: Pin, now: datetime
) -> None:
    """Pin a source's record, in place of another one that was pinned."""
    values = {
        "register_id": register_id, "identifier": identifier, "source_id": source_id,
        "actor": pin.by, "reason": pin.reason, "pinned_at": now,
    }  # fmt: skip
    insert_or_update(connection, pins, values)


def take_out(connection: Connection, identifier: str, register_id: int | None = None) -> None:
    """Take out the pin of an entry: of one register, or (None) of all."""
    query = delete(pins).where(_c.identifier == identifier)
    connection.execute(query if register_id is None else query.where(_c.register_id == register_id))


def count(connection: Connection, register_id: int) -> int:
    """How many entries of a register are pinned."""
    return connection.execute(select(func.count()).where(_c.register_id == register_id)).scalar_one()
