"""The contact log of a source."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from registry.model.contact import Contact, ContactKind
from registry.store.tables import contacts

_c = contacts.c


def add(
    connection: Connection, source_id: int, account: str, kind: ContactKind, text: str, at: datetime
) -> int:
    """A line of the log; returns its id."""
    statement = insert(contacts).values(
        source_id=source_id, account=account, at=at, kind=str(kind), text=text
    )
    return int(connection.execute(statement.returning(_c.id)).scalar_one())


def listed(connection: Connection, source_id: int, *, limit: int = 100) -> list[Contact]:
    """The log of a source, newest first."""
    query = (
        select(_c.id, _c.account, _c.at, _c.kind, _c.text)
        .where(_c.source_id == source_id)
        .order_by(_c.id.desc())
        .limit(limit)
    )
    return [
        Contact(key, account, at, ContactKind(kind), text)
        for key, account, at, kind, text in connection.execute(query)
    ]
