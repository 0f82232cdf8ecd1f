"""Reading a register's log in long lists, as lean as it can be: this is what a walk over OAI-PMH costs.

All queries are keyset queries. What an audience may see of a line is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    CursorResult,
    Select,
    String,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.sql.elements import ColumnElement

from registry.model.version import Line
from registry.model.visibility import Audience
from registry.store.engine import among
from registry.store.tables import documents, entries, publications, sets, version_sets, versions

_v = versions.c
_d = documents.c
_SEEN: dict[Audience, ColumnElement[bool]] = {
    Audience.PUBLIC: _v.was_public,
    Audience.PEER: _v.was_peer,
    Audience.NOBODY: false(),
}


def _select(
    seen_by: Audience, *, with_content: bool, deleted: ColumnElement[bool] = _v.deleted
) -> Select[Any]:
    """The columns of a line, of versions whose entry ``seen_by`` may have seen by then."""
    return (
        select(
            _v.sequence, _v.identifier, deleted, _v.superseded_by, _v.membership_id, _v.path, _d.sharing,
            _d.open, type_coerce(_d.published_from, String), type_coerce(_d.published_until, String),
            _d.content if with_content else literal(b""),
        )
        .select_from(versions.outerjoin(documents, _d.id == _v.document_id))
        .where(_SEEN[seen_by])
    )  # fmt: skip


def _fetched(result: CursorResult[Any]) -> list[Line]:
    """Lines from the driver's own tuples: by way of SQLAlchemy's rows they cost half as much again.

    Nothing in a line needs converting (SQLite's 0 and 1 do for booleans).
    """
    with closing(result):
        return list(map(Line._make, result.cursor.fetchall()))


def current_after(
    connection: Connection,
    register_id: int,
    *,
    after: int,
    through: int,
    mark: int,
    limit: int,
    seen_by: Audience,
    set_spec: str = "",
    with_content: bool = True,
) -> list[Line]:
    """Entries as of ``mark`` whose version lies in (after, through], in sequence order: those that
    ``seen_by`` may have seen, then or earlier.

    With ``set_spec`` only entries that are, or once were, in that set; those that left it are deleted there.
    """
    query = _walk(seen_by, in_set=bool(set_spec), with_content=with_content)
    values: dict[str, Any] = {
        "register_id": register_id, "after": after, "through": through, "mark": mark, "limit": limit,
    }  # fmt: skip
    if set_spec:
        values["set_spec"] = set_spec
    return _fetched(connection.execute(query, values))


@cache
def _walk(seen_by: Audience, *, in_set: bool, with_content: bool) -> Select[Any]:
    """The statement of :func:`current_after`, made once: making it costs as much as reading many lines."""
    filed = version_sets.c
    deleted = or_(_v.deleted, filed.gone) if in_set else _v.deleted
    query = (
        _select(seen_by, with_content=with_content, deleted=deleted)
        .where(
            _v.register_id == bindparam("register_id"),
            or_(_v.superseded_by == 0, _v.superseded_by > bindparam("mark", type_=BigInteger)),
        )
        .limit(bindparam("limit"))
    )
    by = _v.sequence
    if in_set:
        by = filed.sequence
        spec_id = select(sets.c.id).where(sets.c.spec == bindparam("set_spec")).scalar_subquery()
        query = query.join(
            version_sets, and_(filed.register_id == _v.register_id, filed.sequence == _v.sequence)
        ).where(filed.register_id == bindparam("register_id"), filed.set_id == spec_id)
    return query.where(by > bindparam("after"), by <= bindparam("through")).order_by(by)


def newest(
    connection: Connection,
    register_id: int,
    identifiers: Sequence[str],
    *,
    mark: int,
    seen_by: Audience,
    with_content: bool = False,
) -> dict[str, Line]:
    """The newest version up to ``mark`` of each of ``identifiers`` that ``seen_by`` may have seen by then."""
    query = (
        _select(seen_by, with_content=with_content)
        .join(
            entries,
            and_(entries.c.register_id == _v.register_id, entries.c.head_sequence == _v.sequence),
        )
        .where(entries.c.register_id == register_id, among(entries.c.identifier, identifiers, connection))
    )
    found = {line.identifier: line for line in _fetched(connection.execute(query))}
    while above := [line.sequence for line in found.values() if line.sequence > mark]:
        before = earlier(connection, register_id, above, seen_by=seen_by, with_content=with_content)
        found = {line.identifier: line for line in found.values() if line.sequence <= mark}
        found |= {line.identifier: line for line in before.values()}
    return found


def earlier(
    connection: Connection,
    register_id: int,
    sequences: Iterable[int],
    *,
    seen_by: Audience,
    with_content: bool = False,
) -> dict[int, Line]:
    """The versions that those at ``sequences`` replaced, by the sequence of the replacing one: those that
    ``seen_by`` may have seen by then."""
    later = versions.alias("later")
    query = (
        _select(seen_by, with_content=with_content)
        .add_columns(later.c.sequence)
        .join(later, and_(later.c.register_id == _v.register_id, later.c.previous == _v.sequence))
        .where(later.c.register_id == register_id, among(later.c.sequence, list(sequences), connection))
    )
    return {row[-1]: Line._make(row[:-1]) for row in connection.execute(query)}


_p = publications.c
_STAMPS = (
    select(_p.last_sequence, _p.datestamp)
    .where(
        _p.register_id == bindparam("register_id"),
        _p.last_sequence >= bindparam("first"),
        _p.last_sequence
        <= select(func.min(_p.last_sequence))
        .where(_p.register_id == bindparam("register_id"), _p.last_sequence >= bindparam("last"))
        .scalar_subquery(),
    )
    .order_by(_p.last_sequence)
)


def stamps(connection: Connection, register_id: int, first: int, last: int) -> list[tuple[int, datetime]]:
    """(last sequence, datestamp) of the publications that hold the sequences first..last, in order."""
    values = {"register_id": register_id, "first": first, "last": last}
    return [(row[0], row[1]) for row in connection.execute(_STAMPS, values)]


def specs_shown(
    connection: Connection, register_id: int, mark: int, terms: Sequence[tuple[str, bool]]
) -> list[str]:
    """The set specs under which a text on one of these ``terms`` (sharing, open) stood up to ``mark``."""
    filed = version_sets.c
    some = (  # one of each set is enough; asked by EXISTS, PostgreSQL would join them all
        select(filed.sequence)
        .join(versions, and_(_v.register_id == filed.register_id, _v.sequence == filed.sequence))
        .join(documents, _d.id == _v.document_id)
        .where(
            filed.register_id == register_id,
            filed.set_id == sets.c.id,
            filed.sequence <= mark,
            filed.gone.is_(False),
            _v.deleted.is_(False),
            or_(false(), *(and_(_d.sharing == sharing, _d.open.is_(is_open)) for sharing, is_open in terms)),
        )
        .limit(1)
        .correlate(sets)
        .scalar_subquery()
    )
    return list(connection.scalars(select(sets.c.spec).where(some.is_not(None))))
