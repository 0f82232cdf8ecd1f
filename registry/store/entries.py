"""Entries for people and clocks: which of them the calendar touches, and who holds what under an identifier."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, and_, or_, select

from registry.store.tables import documents, entries

_c = entries.c


def touched_by_calendar(
    connection: Connection, register_id: int, since: date | None, on: date, *, after: int, limit: int
) -> list[tuple[int, str]]:
    """(entry id, identifier) of entries whose document's publication period began in ``since``..``on``, or
    ended before ``on`` (its last day was ``since`` - 1 or later); all up to ``on`` where ``since`` is None.

    Only live entries can end and only tombstones begin, so that what was published once is not found again.
    """
    began = and_(documents.c.published_from <= on, _c.deleted.is_(True))
    ended = and_(documents.c.published_until < on, _c.deleted.is_(False))
    if since is not None:
        began = and_(began, documents.c.published_from >= since)
        ended = and_(ended, documents.c.published_until >= since - timedelta(days=1))
    query = (
        select(_c.id, _c.identifier)
        .join_from(entries, documents, documents.c.id == _c.document_id)
        .where(_c.register_id == register_id, _c.id > after, or_(began, ended))
        .order_by(_c.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]
