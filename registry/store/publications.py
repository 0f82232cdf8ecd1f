"""Publications: the moments at which versions became visible, and their datestamps."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from registry.store.tables import publications

_c = publications.c


class Publication(NamedTuple):
    """One publication of a register: sequences first..last, one datestamp (whole seconds, UTC)."""

    id: int
    first_sequence: int
    last_sequence: int
    datestamp: datetime
    verified: bool


_COLUMNS = (_c.id, _c.first_sequence, _c.last_sequence, _c.datestamp, _c.verified)


def add(
    connection: Connection,
    *,
    register_id: int,
    first_sequence: int,
    last_sequence: int,
    datestamp: datetime,
    cause: str,
    now: datetime,
) -> int:
    """A new publication, not yet verified to be committed before its datestamp; returns its id."""
    result = connection.execute(
        insert(publications)
        .values(
            register_id=register_id, first_sequence=first_sequence, last_sequence=last_sequence,
            datestamp=datestamp, verified=False, cause=cause, published_at=now,
        )
        .returning(_c.id)
    )  # fmt: skip
    return int(result.scalar_one())


_LAST = (
    select(*_COLUMNS)
    .where(_c.register_id == bindparam("register_id"))
    .order_by(_c.last_sequence.desc())
    .limit(1)
)
_SHOWN_THROUGH = (
    select(_c.last_sequence)
    .where(
        _c.register_id == bindparam("register_id"),
        _c.datestamp < bindparam("moment", type_=_c.datestamp.type),
        _c.verified.is_(True),
    )
    .order_by(_c.datestamp.desc(), _c.last_sequence.desc())
    .limit(1)
)
"""Asked for every answer of an outlet: made once."""


def last(connection: Connection, register_id: int) -> Publication | None:
    """The newest publication of a register."""
    row = connection.execute(_LAST, {"register_id": register_id}).one_or_none()
    return None if row is None else Publication._make(row)


def verify(connection: Connection, publication_id: int) -> None:
    """It was committed before its datestamp: nobody can have missed it."""
    connection.execute(update(publications).where(_c.id == publication_id).values(verified=True))


def stamp_again(connection: Connection, publication_id: int, datestamp: datetime) -> None:
    """It was committed too late for its datestamp: give it a later one, so that nobody misses it."""
    connection.execute(
        update(publications).where(_c.id == publication_id).values(datestamp=datestamp, verified=False)
    )


class Shown(NamedTuple):
    """What an answer shows: everything up to the sequence ``through``; and its date."""

    through: int
    dated: datetime


def shown_at(connection: Connection, register_id: int, moment: datetime) -> Shown:
    """:func:`shown_through` and :func:`certain_until` at once: nearly always one look at the last publication."""
    newest = last(connection, register_id)
    if newest is None:
        return Shown(0, moment)
    if newest.verified and newest.datestamp < moment:
        return Shown(newest.last_sequence, moment)
    dated = moment if newest.verified else min(moment, newest.datestamp)
    return Shown(shown_through(connection, register_id, moment), dated)


def shown_through(connection: Connection, register_id: int, moment: datetime) -> int:
    """The last sequence that answers given at ``moment`` may show: verified publications whose second has
    passed. ``moment`` must have been read from the clock before the transaction began."""
    found = connection.execute(_SHOWN_THROUGH, {"register_id": register_id, "moment": moment}).scalar()
    return int(found or 0)


def certain_until(connection: Connection, register_id: int, moment: datetime) -> datetime:
    """The date of an answer given at ``moment``, from which its reader may go on without missing anything.

    Nearly always ``moment`` itself. Where the last publication is committed but not verified (it was late, or
    its worker died), nobody can say yet whether it keeps its datestamp: up to that one all is certain.
    """
    newest = last(connection, register_id)
    return moment if newest is None or newest.verified else min(moment, newest.datestamp)


def range_between(
    connection: Connection, register_id: int, since: datetime | None, until: datetime | None
) -> tuple[int, int] | None:
    """(sequence before the first, last sequence) of publications with ``since <= datestamp <= until``.

    Datestamps never go back as sequences grow, so each end is one look into the index.
    """
    inside = select(_c.first_sequence, _c.last_sequence).where(_c.register_id == register_id)
    if since is not None:
        inside = inside.where(_c.datestamp >= since)
    if until is not None:
        inside = inside.where(_c.datestamp <= until)
    first = connection.execute(inside.order_by(_c.datestamp, _c.last_sequence).limit(1)).one_or_none()
    final = connection.execute(
        inside.order_by(_c.datestamp.desc(), _c.last_sequence.desc()).limit(1)
    ).one_or_none()
    return None if first is None or final is None else (first[0] - 1, final[1])


def earliest(connection: Connection, register_id: int) -> datetime | None:
    """The datestamp of the first publication."""
    query = select(_c.datestamp).where(_c.register_id == register_id).order_by(_c.datestamp).limit(1)
    found: datetime | None = connection.execute(query).scalar()
    return found
