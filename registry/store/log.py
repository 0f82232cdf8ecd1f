"""Reading a register's log: walks as of a mark, single entries, histories. All queries are keyset queries."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, bindparam, func, literal, or_, select

from registry.model.version import Version
from registry.store import lines
from registry.store.documents import FACT_COLUMNS, facts_from
from registry.store.engine import among
from registry.store.records import path_from
from registry.store.tables import documents, entries, memberships, versions

_v = versions.c


def _select(*, with_content: bool) -> Select[Any]:
    content = documents.c.content if with_content else literal(b"")
    return select(
        _v.sequence, _v.identifier, _v.deleted, _v.superseded_by, content.label("content"), _v.path,
        _v.membership_id, _v.was_public, _v.was_peer, func.coalesce(documents.c.digest, b""), *FACT_COLUMNS,
    ).select_from(versions.outerjoin(documents, documents.c.id == _v.document_id))  # fmt: skip


def current_after(
    connection: Connection,
    register_id: int,
    *,
    after: int,
    mark: int,
    limit: int,
    through: int | None = None,
    with_content: bool = True,
) -> list[Version]:
    """Entries as of ``mark`` whose version lies in (after, through or mark], in sequence order.

    Outlets that list for an audience or a set read :mod:`registry.store.lines`.
    """
    last = mark if through is None else min(through, mark)
    values = {"register_id": register_id, "after": after, "through": last, "mark": mark, "limit": limit}
    return _versions(
        connection, register_id, connection.execute(_walk(with_content=with_content), values).all()
    )


@cache
def _walk(*, with_content: bool) -> Select[Any]:
    """The statement of :func:`current_after`, made once."""
    return (
        _select(with_content=with_content)
        .where(
            _v.register_id == bindparam("register_id"),
            _v.sequence > bindparam("after"),
            _v.sequence <= bindparam("through"),
            or_(_v.superseded_by == 0, _v.superseded_by > bindparam("mark", type_=BigInteger)),
        )
        .order_by(_v.sequence)
        .limit(bindparam("limit"))
    )


def _versions(connection: Connection, register_id: int, rows: Sequence[Any]) -> list[Version]:
    if not rows:
        return []
    sets_of = _sets_of(connection, {row[6] for row in rows})
    first, last = min(row[0] for row in rows), max(row[0] for row in rows)
    stamps = lines.stamps(connection, register_id, first, last)
    ends = [end for end, _ in stamps]
    return [
        Version(
            row[0], row[1], row[2], row[3], stamps[bisect_left(ends, row[0])][1], facts_from(row, 10), row[9],
            row[4] or b"", path_from(row[5]), sets_of[row[6]], row[7], row[8],
        )
        for row in rows
    ]  # fmt: skip


def _sets_of(connection: Connection, membership_ids: set[int]) -> dict[int, tuple[str, ...]]:
    query = select(memberships.c.id, memberships.c.sets).where(memberships.c.id.in_(membership_ids))
    return {row[0]: tuple(row[1]) for row in connection.execute(query)}


def entry(
    connection: Connection, register_id: int, identifier: str, *, mark: int, with_content: bool = True
) -> Version | None:
    """One entry as of ``mark``; None where the register had no such identifier then."""
    found = _chain(connection, register_id, identifier, mark, with_content=with_content, limit=1)
    return found[0] if found else None


def at(
    connection: Connection, register_id: int, sequences: Sequence[int], *, with_content: bool = False
) -> dict[int, Version]:
    """The versions at these sequences, by sequence."""
    query = _select(with_content=with_content).where(
        _v.register_id == register_id, among(_v.sequence, sequences, connection)
    )
    versions = _versions(connection, register_id, connection.execute(query).all())
    return {each.sequence: each for each in versions}


def history(
    connection: Connection,
    register_id: int,
    identifier: str,
    *,
    mark: int,
    limit: int = 1_000_000,
) -> list[Version]:
    """The versions of an entry up to ``mark``, newest first; no more than ``limit``."""
    return _chain(connection, register_id, identifier, mark, with_content=True, limit=limit)


def _chain(
    connection: Connection, register_id: int, identifier: str, mark: int, *, with_content: bool, limit: int
) -> list[Version]:
    """Follow an entry's chain of versions backwards from its head: the newest ``limit`` that ``mark`` shows."""
    values = {"register_id": register_id, "identifier": identifier, "mark": mark, "limit": limit}
    found = list(connection.scalars(_links(), values))
    if not found:
        return []
    query = _select(with_content=with_content).where(
        _v.register_id == register_id, among(_v.sequence, found, connection)
    )
    rows = connection.execute(query.order_by(_v.sequence.desc())).all()
    return _versions(connection, register_id, rows)


@cache
def _links() -> Select[Any]:
    """The statement that follows a chain, made once."""
    e = entries.c
    head = (
        select(_v.sequence, _v.previous)
        .join_from(entries, versions, (_v.register_id == e.register_id) & (_v.sequence == e.head_sequence))
        .where(e.register_id == bindparam("register_id"), e.identifier == bindparam("identifier"))
    )
    chain = head.cte("chain", recursive=True)
    chain = chain.union_all(
        select(_v.sequence, _v.previous).where(
            _v.register_id == bindparam("register_id"), _v.sequence == chain.c.previous
        )
    )
    return (
        select(chain.c.sequence)
        .where(chain.c.sequence <= bindparam("mark", type_=BigInteger))
        .limit(bindparam("limit"))
    )
