"""The outbox: what is still to be told, exactly once, in whichever order transactions are committed.

A cursor over ids would pass over a row whose transaction was slower than its neighbour's. Here the row waits until
the reader of its topic has dealt with it, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from registry.store.engine import among
from registry.store.tables import outbox

_c = outbox.c


class Topic(StrEnum):
    SEAL = "seal"  # items are ids of events
    NOTICE = "notice"  # items: ``event:12``, ``run:17``, ``health:5``


class Item(NamedTuple):
    """One thing to be told."""

    id: int
    item: str


def put(connection: Connection, topic: Topic, item: str) -> None:
    """Have something told, if this transaction is committed."""
    connection.execute(insert(outbox).values(topic=str(topic), item=item))


def topics(connection: Connection) -> set[Topic]:
    """The topics about which something waits."""
    waits = (select(_c.id).where(_c.topic == str(topic)).exists() for topic in Topic)
    found = connection.execute(select(*waits)).one()
    return {topic for topic, waiting in zip(Topic, found, strict=True) if waiting}


def waiting(connection: Connection, topic: Topic, limit: int) -> list[Item]:
    """What waits, the oldest first."""
    query = select(_c.id, _c.item).where(_c.topic == str(topic)).order_by(_c.id).limit(limit)
    return [Item(*row) for row in connection.execute(query)]


def take_out(connection: Connection, items: Sequence[Item]) -> None:
    """These have been dealt with."""
    if items:
        connection.execute(delete(outbox).where(among(_c.id, [each.id for each in items], connection)))
