"""Entries of a register as people browse them: newest first, by what is current as of the mark, by their sets.

``was_peer`` of a row says whether somebody who reads for other registers may ever have seen its entry; who may see
its text now is decided elsewhere (``model.visibility``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, text

from registry.model.document import Facts
from registry.model.register import Register
from registry.model.source import SourceStatus
from registry.store.documents import FACT_COLUMNS, facts_from
from registry.store.tables import documents, sets, sources, version_sets, versions

_v = versions.c


class Browsed(NamedTuple):
    """An entry in a list: its current version, without the document's bytes."""

    sequence: int
    identifier: str
    deleted: bool
    was_peer: bool
    source: str
    facts: Facts | None


def page(
    connection: Connection,
    register: Register,
    specs: Sequence[str] = (),
    *,
    deleted: bool = False,
    seen_by_peers: bool = True,
    before: int | None = None,
    limit: int,
) -> list[Browsed]:
    """Up to ``limit`` entries as of the register's mark, newest first, from below the sequence ``before`` on.

    ``deleted``: tombstones instead of what is live. ``specs``: only what is in all of these sets (tombstones: or
    was). ``seen_by_peers``: only what peers may ever have seen.
    """
    query = (
        select(_v.sequence, _v.identifier, _v.deleted, _v.was_peer, sources.c.code, *FACT_COLUMNS)
        .select_from(
            versions.join(sources, sources.c.id == _v.source_id).outerjoin(
                documents, documents.c.id == _v.document_id
            )
        )
        .where(
            _v.register_id == register.id,
            _v.sequence <= register.mark,
            or_(_v.superseded_by == 0, _v.superseded_by > register.mark),
            _v.deleted.is_(deleted),
        )
        .order_by(_v.sequence.desc())
        .limit(limit)
    )
    if seen_by_peers:
        query = query.where(_v.was_peer.is_(True))
    if before is not None:
        query = query.where(_v.sequence < before)
    for spec in specs:
        query = _filed(query, spec, left_too=deleted)
    return [Browsed(*row[:5], facts_from(row, 5)) for row in connection.execute(query)]


def _filed(query: Select[Any], spec: str, *, left_too: bool) -> Select[Any]:
    """``query``, narrowed to versions that are in a set (``left_too``: or have left it)."""
    filed = version_sets.alias()
    set_id = select(sets.c.id).where(sets.c.spec == spec).scalar_subquery()
    joined = query.join(
        filed,
        and_(
            filed.c.register_id == _v.register_id,
            filed.c.sequence == _v.sequence,
            filed.c.set_id == set_id,
        ),
    )
    return joined if left_too else joined.where(filed.c.gone.is_(False))


MOST = 1000
"""So many entries of a set are counted; of larger ones it is told that they are more."""

_COUNTS = """
    SELECT s.spec, (SELECT count(*) FROM (
        SELECT 1 FROM version_sets f JOIN versions v ON v.register_id = f.register_id AND v.sequence = f.sequence
        WHERE f.register_id = :register_id AND f.set_id = s.id AND f.sequence <= :mark AND NOT f.gone
        AND NOT v.deleted AND (v.superseded_by = 0 OR v.superseded_by > :mark) AND (v.was_peer OR :every)
        LIMIT :most) AS counted)
    FROM sets s WHERE s.spec IN :specs
"""


def counts(
    connection: Connection, register: Register, specs: Sequence[str], *, seen_by_peers: bool = True
) -> dict[str, int]:
    """How many live entries stand in each of these sets as of the register's mark; no more than :data:`MOST` are
    counted."""
    if not specs:
        return {}
    values = {
        "register_id": register.id, "mark": register.mark, "most": MOST, "every": not seen_by_peers,
        "specs": list(specs),
    }  # fmt: skip
    rows = connection.execute(text(_COUNTS).bindparams(bindparam("specs", expanding=True)), values)
    return {spec: count for spec, count in rows if count}


class Origin(NamedTuple):
    """Where a version comes from: what caused it, and of which source its record is."""

    cause: str
    source: str


def origins(connection: Connection, register_id: int, sequences: Sequence[int]) -> dict[int, Origin]:
    """Where these versions come from, by sequence."""
    query = (
        select(_v.sequence, _v.cause, sources.c.code)
        .join_from(versions, sources, sources.c.id == _v.source_id)
        .where(_v.register_id == register_id, _v.sequence.in_(list(sequences)))
    )
    return {row[0]: Origin(row[1], row[2]) for row in connection.execute(query)}


def sources_of(connection: Connection, register_ids: Sequence[int]) -> dict[int, int]:
    """How many sources each of these registers has, but for those that were retired."""
    query = (
        select(sources.c.register_id, func.count())
        .where(sources.c.register_id.in_(list(register_ids)), sources.c.status != str(SourceStatus.RETIRED))
        .group_by(sources.c.register_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
