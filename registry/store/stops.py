"""The stop of publication: one row while it stands. Whoever publishes looks at it in the same transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from registry.model.issue import Text
from registry.model.stop import Stop
from registry.store.engine import is_sqlite
from registry.store.tables import stops

_c = stops.c
_PUBLICATION = "publication"


def standing(connection: Connection, *, firm: bool = False) -> Stop | None:
    """The stop that stands, if one does. ``firm``: that stays so until the caller's transaction ends, so that
    nothing is published behind a stop that somebody has been told of."""
    if firm and not is_sqlite(connection):  # SQLite has one writer at a time
        connection.exec_driver_sql(f"LOCK TABLE {stops.name} IN SHARE MODE")
    row = connection.execute(select(stops).where(_c.name == _PUBLICATION)).one_or_none()
    if row is None:
        return None
    return Stop(row.stopped_at, row.stopped_by, Text(row.reason_zh, row.reason_en), tuple(row.causes))


def put(connection: Connection, stop: Stop) -> bool:
    """Set the stop; False where one stands already, which is left as it is."""
    dialect = sqlite if is_sqlite(connection) else postgresql
    placed = connection.execute(
        dialect.insert(stops)
        .values(
            name=_PUBLICATION,
            stopped_at=stop.since,
            stopped_by=stop.set_by,
            reason_zh=stop.reason.zh,
            reason_en=stop.reason.en,
            causes=list(stop.causes),
        )
        .on_conflict_do_nothing()
        .returning(_c.name)
    )
    return placed.one_or_none() is not None


def remove(connection: Connection, since: datetime) -> bool:
    """Lift the stop that stands ``since`` then; False where that one does not stand any more."""
    query = delete(stops).where(_c.name == _PUBLICATION, _c.stopped_at == since)
    return connection.execute(query).rowcount == 1
