"""Entries for people and clocks: which of them the calendar touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, select, union, update

from registry.store.engine import among
from registry.store.tables import documents, entries

_c = entries.c


def touched_by_calendar(
    connection: Connection, register_id: int, since: date | None, on: date, *, after: int, limit: int
) -> list[tuple[int, str]]:
    """(entry id, identifier) of entries whose document's publication period began in ``since``..``on``, or
    ended before ``on`` (its last day was ``since`` - 1 or later); all up to ``on`` where ``since`` is None.

    Only live entries can end and only tombstones begin, so that what was published once is not found again.
    """
    first = since or date.min
    end = since - timedelta(days=1) if since is not None else date.min
    # Few documents are touched on a day, and each has few entries: + 0 keeps SQLite from walking over all
    # entries of the register instead.
    mine = select(_c.id, _c.identifier).where(_c.register_id + 0 == register_id, _c.id + 0 > after)
    with_document = mine.join_from(entries, documents, documents.c.id == _c.document_id)
    began = with_document.where(_c.deleted.is_(True), documents.c.published_from.between(first, on))
    began_unseen = mine.where(_c.deleted.is_(True), _c.begins_on.between(first, on))
    ended = with_document.where(
        _c.deleted.is_(False), documents.c.published_until >= end, documents.c.published_until < on
    )
    found = union(began, began_unseen, ended).subquery()
    query = select(found.c.id, found.c.identifier).order_by(found.c.id).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(query)]


def set_beginnings(connection: Connection, beginnings: Sequence[tuple[int, date | None]]) -> None:
    """For each entry id: the day on which what its sources hold now may be shown (None: never)."""
    for day in sorted({day for _, day in beginnings}, key=str):
        ids = [entry_id for entry_id, each in beginnings if each == day]
        connection.execute(update(entries).where(among(_c.id, ids, connection)).values(begins_on=day))
