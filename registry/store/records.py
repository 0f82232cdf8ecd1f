"""Records: what each source holds, identifier by identifier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, and_, func, select, update

from registry.model.record import Hop, KnownRecord, route_of
from registry.store.columns import to_microseconds
from registry.store.engine import among, insert_rows, update_rows
from registry.store.tables import documents, records

_c = records.c
_paths = msgspec.json.Decoder(tuple[Hop, ...])


def path_text(path: tuple[Hop, ...]) -> str:
    """A path as it is stored."""
    return msgspec.json.encode(path).decode()


def path_from(text: str) -> tuple[Hop, ...]:
    """A stored path."""
    return _paths.decode(text)


class KnownKey(NamedTuple):
    """What :func:`known_keys` tells of a held identifier: enough to pass over unchanged bytes."""

    id: int
    raw_digest: bytes
    rules_version: int
    deleted: bool
    stale: bool
    seen_run: int | None

    def says(self, raw_digest: bytes, rules_version: int) -> bool:
        """Whether exactly these bytes were accepted, under these rules, and still stand."""
        held = (self.raw_digest, self.rules_version)
        return not self.deleted and not self.stale and held == (raw_digest, rules_version)


class RecordState(NamedTuple):
    """The new state of one record, written when a run is settled. ``id`` is None for a new record."""

    id: int | None
    identifier: str
    document_id: int | None
    deleted: bool
    raw_digest: bytes
    datestamp: datetime | None
    version: int
    path: str


def _of_source(register_id: int, source_id: int, identifiers: Sequence[str], connection: Connection) -> Any:
    # The sum keeps PostgreSQL from the index of the source: without statistics, as in a first harvest, it would read
    # all that the source holds for every slice. The key begins with the register and the identifier.
    return and_(
        _c.register_id == register_id,
        _c.source_id + 0 == source_id,
        among(_c.identifier, identifiers, connection),
    )


def any_of(connection: Connection, source_id: int) -> bool:
    """Whether the source holds any record, a deleted one too: not before its first harvest is settled."""
    query = select(_c.id).where(_c.source_id == source_id).limit(1)
    return connection.execute(query).first() is not None


def raw_digest(connection: Connection, register_id: int, source_id: int, identifier: str) -> bytes:
    """The keyed digest of the bytes that the source's record was read from; empty where there is none."""
    query = select(_c.raw_digest).where(_of_source(register_id, source_id, [identifier], connection))
    return bytes(connection.execute(query).scalar() or b"")


def seen_last(
    connection: Connection, register_id: int, identifiers: Sequence[str]
) -> dict[tuple[int, str], int]:
    """By source and identifier, the run that saw a record last."""
    query = select(_c.source_id, _c.identifier, _c.seen_run).where(
        _c.register_id == register_id,
        among(_c.identifier, identifiers, connection),
        _c.seen_run.is_not(None),
    )
    return {(source_id, identifier): run for source_id, identifier, run in connection.execute(query)}


def known_keys(
    connection: Connection, register_id: int, source_id: int, identifiers: Sequence[str]
) -> dict[str, KnownKey]:
    """Raw digests and seen-marks of those ``identifiers`` that the source holds."""
    query = select(
        _c.identifier, _c.id, _c.raw_digest, _c.rules_version, _c.deleted, _c.stale, _c.seen_run
    ).where(_of_source(register_id, source_id, identifiers, connection))
    return {row[0]: KnownKey._make(row[1:]) for row in connection.execute(query)}


def known_records(
    connection: Connection, register_id: int, source_id: int, identifiers: Sequence[str]
) -> dict[str, tuple[KnownRecord, int | None]]:
    """What the comparison needs of those ``identifiers`` that the source holds, and their document's id."""
    query = (
        select(
            _c.id, _c.identifier, _c.raw_digest, _c.rules_version, func.coalesce(documents.c.digest, b""),
            _c.deleted, _c.version, _c.seen_run, _c.absent_since, _c.stale, _c.datestamp, _c.path, _c.document_id,
            documents.c.updated_on,
        )
        .select_from(records.outerjoin(documents, documents.c.id == _c.document_id))
        .where(_of_source(register_id, source_id, identifiers, connection))
    )  # fmt: skip
    found = {}
    for row in connection.execute(query):
        known = KnownRecord._make((*row[:11], route_of(path_from(row[11])), row[13]))
        found[known.identifier] = (known, row[12])
    return found


def mark_seen(connection: Connection, run_id: int, ids: Sequence[int]) -> None:
    """The run saw these records: they are not absent."""
    if ids:
        connection.execute(
            update(records).where(among(_c.id, ids, connection)).values(seen_run=run_id, absent_since=None)
        )


def refresh_raw(
    connection: Connection, rules_version: int, rows: Sequence[tuple[bytes, datetime | None, int]]
) -> None:
    """New bytes, same document: (raw digest, datestamp, record id) for each; no version, no change."""
    update_rows(
        connection, records, _c.id, (_c.raw_digest, _c.rules_version, _c.datestamp, _c.stale),
        [
            (raw_digest, rules_version, None if stamp is None else to_microseconds(stamp), False, record_id)
            for raw_digest, stamp, record_id in rows
        ],
    )  # fmt: skip


def mark_stale(connection: Connection, ids: Sequence[int]) -> None:
    """A later text of these records was refused: what stands is their last good one."""
    if ids:
        connection.execute(update(records).where(among(_c.id, ids, connection)).values(stale=True))


class Unseen(NamedTuple):
    """A live record that a run did not see. ``absent_since``: when an earlier complete list missed it."""

    id: int
    identifier: str
    version: int
    document_id: int | None
    absent_since: datetime | None


def unseen(connection: Connection, source_id: int, run_id: int, size: int) -> Iterator[Sequence[Unseen]]:
    """Live records of the source that the run did not see, in batches of ``size``."""
    last = 0
    while True:
        query = (
            select(_c.id, _c.identifier, _c.version, _c.document_id, _c.absent_since)
            .where(_c.source_id == source_id, _c.id > last, _c.deleted.is_(False))
            .where(_c.seen_run.is_distinct_from(run_id))
            .order_by(_c.id)
            .limit(size)
        )
        batch = [Unseen._make(row) for row in connection.execute(query)]
        if not batch:
            return
        yield batch
        last = batch[-1].id


def set_absent(connection: Connection, run_id: int, ids: Sequence[int], since: datetime) -> None:
    """The run missed these records for the first time (and no newer one has seen them since)."""
    if not ids:
        return
    connection.execute(
        update(records)
        .where(among(_c.id, ids, connection), _c.absent_since.is_(None))
        .where(func.coalesce(_c.seen_run, 0) < run_id)
        .values(absent_since=since)
    )


class Present(NamedTuple):
    """Where a record stands when a change of it is settled. ``id`` is None, ``version`` 0: it is new.
    ``seen_run`` is the last run that saw it (0: none)."""

    id: int | None
    version: int
    path: str
    seen_run: int


NEW = Present(None, 0, "[]", 0)
"""Where a record stands that the source does not hold yet."""


def present(
    connection: Connection, register_id: int, source_id: int, identifiers: Sequence[str]
) -> dict[str, Present]:
    """Where those ``identifiers`` that the source holds stand now."""
    query = select(_c.identifier, _c.id, _c.version, _c.path, func.coalesce(_c.seen_run, 0)).where(
        _of_source(register_id, source_id, identifiers, connection)
    )
    return {row[0]: Present._make(row[1:]) for row in connection.execute(query)}


def write(
    connection: Connection,
    states: Sequence[RecordState],
    *,
    register_id: int,
    source_id: int,
    run_id: int,
    rules_version: int,
    now: datetime,
) -> None:
    """Bring records to their new states (insert those without an id)."""
    received = to_microseconds(now)
    columns = (
        _c.document_id, _c.deleted, _c.raw_digest, _c.datestamp, _c.version, _c.path,
        _c.rules_version, _c.seen_run, _c.absent_since, _c.stale, _c.received_at,
    )  # fmt: skip

    def values(state: RecordState) -> tuple[Any, ...]:
        stamp = None if state.datestamp is None else to_microseconds(state.datestamp)
        return (
            state.document_id, state.deleted, state.raw_digest, stamp, state.version, state.path,
            rules_version, run_id, None, False, received,
        )  # fmt: skip

    new = ((register_id, source_id, state.identifier, *values(state)) for state in states if state.id is None)
    insert_rows(connection, records, (_c.register_id, _c.source_id, _c.identifier, *columns), new)
    changed = [(*values(state), state.id) for state in states if state.id is not None]
    update_rows(connection, records, _c.id, columns, changed)
