"""How a store stands, as tests compare it: entries, records, logs, events."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select

from registry.store import declines, registers, sources
from registry.store.engine import Engines
from registry.store.tables import documents, entries, events, issues, raw_records, runs, versions
from registry.store.tables import records as records_table
from registry.store.tables import sources as sources_table


class Entry(NamedTuple):
    """An entry as the public identifies it: what stands under its identifier, from whom, by which way."""

    digest: bytes
    source: str
    route: str


def live_entries(engines: Engines, register_code: str) -> dict[str, Entry]:
    """The live entries of a register, by identifier."""
    with engines.read.connect() as connection:
        register = registers.get(connection, register_code)
        query = (
            select(entries.c.identifier, documents.c.digest, sources_table.c.code, entries.c.route)
            .join_from(entries, documents, documents.c.id == entries.c.document_id)
            .join(sources_table, sources_table.c.id == entries.c.source_id)
            .where(entries.c.register_id == register.id, entries.c.deleted.is_(False))
        )
        return {row[0]: Entry(row[1], row[2], row[3]) for row in connection.execute(query)}


def digests(engines: Engines, register_code: str) -> dict[str, bytes]:
    """What stands in a register: identifier and digest of its live entries."""
    return {identifier: entry.digest for identifier, entry in live_entries(engines, register_code).items()}


class Log(NamedTuple):
    """How far a register's log has come."""

    mark: int
    head: int
    versions: int
    entries: int


def log_of(engines: Engines, register_code: str) -> Log:
    """The ends of a register's log."""
    with engines.read.connect() as connection:
        register = registers.get(connection, register_code)
        count = select(func.count()).where(versions.c.register_id == register.id)
        return Log(register.mark, register.head, connection.scalar(count) or 0, register.entries)


class Record(NamedTuple):
    """What a source holds under an identifier."""

    digest: bytes
    deleted: bool
    stale: bool
    absent: bool


def held(engines: Engines, source_code: str) -> dict[str, Record]:
    """What a source holds, by identifier."""
    c = records_table.c
    with engines.read.connect() as connection:
        source = sources.get(connection, source_code)
        query = (
            select(c.identifier, documents.c.digest, c.deleted, c.stale, c.absent_since)
            .outerjoin_from(records_table, documents, documents.c.id == c.document_id)
            .where(c.source_id == source.id)
        )
        return {
            row[0]: Record(row[1] or b"", row[2], row[3], row[4] is not None)
            for row in connection.execute(query)
        }


def source_of(engines: Engines, code: str) -> sources.Source:
    """A source's row."""
    with engines.read.connect() as connection:
        return sources.get(connection, code)


def issue_rows(engines: Engines, run_id: int, code: str) -> list[tuple[str, str, str]]:
    """(identifier, place, English message) of a run's issues with this code, in order."""
    c = issues.c
    query = (
        select(c.identifier, c.place, c.message_en).where(c.run_id == run_id, c.code == code).order_by(c.id)
    )
    with engines.read.connect() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def raw_kept(engines: Engines, digest: bytes) -> bool:
    """Whether the archive holds the bytes under this digest."""
    with engines.read.connect() as connection:
        return connection.scalar(select(raw_records.c.id).where(raw_records.c.digest == digest)) is not None


def event_actions(engines: Engines) -> list[tuple[str, str]]:
    """(action, subject) of all events, oldest first."""
    with engines.read.connect() as connection:
        rows = connection.execute(select(events.c.action, events.c.subject).order_by(events.c.id))
        return [(row[0], row[1]) for row in rows]


def declined_of(engines: Engines, source_code: str, identifier: str) -> set[bytes]:
    """What was declined under an identifier."""
    with engines.read.connect() as connection:
        source = sources.get(connection, source_code)
        return {digest for _, digest in declines.declined(connection, source.id, [identifier])}


def unsettled_runs(engines: Engines) -> list[int]:
    """Runs that still wait for something."""
    waiting = ("collecting", "held", "settling")
    with engines.read.connect() as connection:
        return list(connection.scalars(select(runs.c.id).where(runs.c.status.in_(waiting))))
