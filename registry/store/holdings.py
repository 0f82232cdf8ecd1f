"""What a register's sources hold under some identifiers: the candidates for its entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from registry.model.document import Facts
from registry.model.ownership import Owner, owned, owning
from registry.model.record import HeldRecord, Pin
from registry.model.source import OwnedPrefix, SourceStatus
from registry.model.visibility import day_of
from registry.store import ownership
from registry.store.documents import FACT_COLUMNS, facts_from
from registry.store.engine import among
from registry.store.records import RecordState, path_from
from registry.store.tables import documents, pins, records, sources
from schemas.codes import divisions

_c = records.c


def _candidates() -> Select[Any]:
    return select(
        _c.identifier, _c.source_id, sources.c.code, documents.c.digest, _c.deleted, _c.path,
        _c.received_at, _c.document_id, sources.c.status, pins.c.actor, pins.c.reason, _c.stale, *FACT_COLUMNS,
    ).select_from(
        records.join(sources, sources.c.id == _c.source_id)
        .outerjoin(documents, documents.c.id == _c.document_id)
        .outerjoin(
            pins,
            (pins.c.register_id == _c.register_id)
            & (pins.c.identifier == _c.identifier)
            & (pins.c.source_id == _c.source_id),
        )
    )  # fmt: skip


def held_elsewhere(
    connection: Connection, register_id: int, source_id: int, identifiers: Sequence[str]
) -> set[str]:
    """Those ``identifiers`` that another source of the register holds too."""
    query = select(_c.identifier).where(
        _c.register_id == register_id,
        among(_c.identifier, identifiers, connection),
        _c.source_id != source_id,
    )
    return set(connection.scalars(query))


def others_with(
    connection: Connection, register_id: int, source_id: int, identifiers: Sequence[str]
) -> list[tuple[str, str]]:
    """Which of these ``identifiers`` other sources of the register hold live: pairs with the codes of those sources."""
    query = select(_c.identifier, sources.c.code).join(sources, sources.c.id == _c.source_id)
    query = query.where(
        _c.register_id == register_id,
        among(_c.identifier, identifiers, connection),
        _c.source_id != source_id,
        _c.deleted.is_(False),
    )
    return [(identifier, code) for identifier, code in connection.execute(query)]


class LiveRecord(NamedTuple):
    """A live record of a source, as a list shows it."""

    id: int
    identifier: str
    title: str
    received_at: datetime


def live_of(connection: Connection, source_id: int, *, before: int | None, limit: int) -> list[LiveRecord]:
    """The live records of a source, those that came first last: the ones before the one with the id ``before``."""
    query = (
        select(_c.id, _c.identifier, documents.c.title, _c.received_at)
        .join_from(records, documents, documents.c.id == _c.document_id)
        .where(_c.source_id == source_id, _c.deleted.is_(False))
        .order_by(_c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(query if before is None else query.where(_c.id < before))
    return [LiveRecord._make(row) for row in rows]


def only_held_by(connection: Connection, register_id: int, source_id: int) -> int:
    """How many live records of a source no other source of the register holds live."""
    other = records.alias()
    elsewhere = select(other.c.id).where(
        other.c.register_id == register_id,
        other.c.identifier == _c.identifier,
        other.c.source_id != source_id,
        other.c.deleted.is_(False),
    )
    query = select(func.count()).where(
        _c.source_id == source_id, _c.deleted.is_(False), ~elsewhere.correlate(records).exists()
    )
    return connection.execute(query).scalar_one()


def buried(
    connection: Connection, register_id: int, source_id: int, *, after: str, size: int
) -> Sequence[str]:
    """Identifiers that the source holds deleted and another source of the register holds live: the next ``size``
    ones above ``after``."""
    other = records.alias("other")
    query = (
        select(_c.identifier)
        .where(_c.register_id == register_id, _c.source_id == source_id, _c.deleted.is_(True))
        .where(_c.identifier > after)
        .where(
            select(1)
            .where(other.c.register_id == register_id, other.c.identifier == _c.identifier)
            .where(other.c.source_id != source_id, other.c.deleted.is_(False))
            .exists()
        )
        .order_by(_c.identifier)
        .limit(size)
    )
    return connection.scalars(query).all()


def shared(
    connection: Connection, register_id: int, source_code: str, *, after: str, size: int
) -> Sequence[str]:
    """Identifiers that the source and another source of the register both hold, live or deleted: the next ``size``
    ones above ``after``."""
    other = records.alias("other")
    query = (
        select(_c.identifier)
        .join_from(records, sources, sources.c.id == _c.source_id)
        .where(_c.register_id == register_id, sources.c.code == source_code, _c.identifier > after)
        .where(
            select(1)
            .where(other.c.register_id == register_id, other.c.identifier == _c.identifier)
            .where(other.c.source_id != _c.source_id)
            .correlate(records)
            .exists()
        )
        .order_by(_c.identifier)
        .limit(size)
    )
    return connection.scalars(query).all()


class Candidate(NamedTuple):
    """A record as a candidate for its entry, with the keys that the version will carry."""

    record: HeldRecord
    document_id: int | None
    path: str


def candidate_of(
    state: RecordState,
    source_id: int,
    source_code: str,
    digest: bytes,
    facts: Facts | None,
    received_at: datetime,
) -> Candidate:
    """A record that was just written, as a candidate."""
    held = HeldRecord(
        source_id, source_code, digest, state.deleted, facts, path_from(state.path), received_at
    )
    return Candidate(held, state.document_id, state.path)


def candidates(
    connection: Connection, register_id: int, identifiers: Sequence[str]
) -> dict[str, list[Candidate]]:
    """All records that the register's sources hold under these identifiers."""
    query = _candidates().where(_c.register_id == register_id, among(_c.identifier, identifiers, connection))
    found: dict[str, list[Candidate]] = {}
    rows = connection.execute(query).all()
    owning = _owning(connection, register_id, rows)
    for row in rows:
        identifier, source_id, code, digest, deleted, path, received, document_id, status = row[:9]
        by, reason, stale = row[9:12]
        facts = facts_from(row, 12)
        above = divisions.path(facts.division, day_of(received)) if facts is not None else ()
        held = HeldRecord(
            source_id, code, digest or b"", deleted, facts, path_from(path), received, above,
            retired=status == SourceStatus.RETIRED, owned=code in owning.get(identifier, ()),
            pinned=None if by is None else Pin(by, reason), stale=stale,
        )  # fmt: skip
        found.setdefault(identifier, []).append(Candidate(held, document_id, path))
    return found


def _owning(connection: Connection, register_id: int, rows: Sequence[Any]) -> dict[str, frozenset[str]]:
    """Of the records in ``rows`` (identifier and id of the source first), by identifier, the codes of the sources that
    own it among those that hold it."""
    ids = {row[1] for row in rows}
    owners = {
        key: (owner, owned(owner))
        for key, owner in ownership.owners(connection, register_id, ids)
        if key in ids
    }
    holders: dict[str, list[tuple[Owner, Sequence[OwnedPrefix]]]] = {}
    for row in rows:
        if row[1] in owners:
            holders.setdefault(row[0], []).append(owners[row[1]])
    return {identifier: owning(identifier, held) for identifier, held in holders.items()}
