"""A whole store in memory, as the checks read it: rows of every table, grouped as they are asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, select

from registry.model.acts import ACTS_ON_ENTRIES
from registry.model.event import Entered
from registry.model.seal import Seal
from registry.store import seals, tables

Rows = list[Row[Any]]


class Violation(NamedTuple):
    """One thing that does not hold: the invariant's number, and what was found."""

    invariant: str
    text: str


def rows(connection: Connection, table: Table) -> Rows:
    """All rows of a table, in the order of its primary key."""
    return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def grouped(found: Iterable[Row[Any]], *columns: str) -> dict[Any, Rows]:
    """Rows by the value of one column, or by a tuple of values."""
    groups: dict[Any, Rows] = defaultdict(list)
    for row in found:
        values = tuple(getattr(row, column) for column in columns)
        groups[values[0] if len(values) == 1 else values].append(row)
    return groups


@dataclass(frozen=True, slots=True)
class Store:
    """Rows of the tables, read in one transaction."""

    registers: Rows
    sources: Rows
    runs: dict[int, Row[Any]]
    publications: dict[int, Rows]
    versions: dict[int, Rows]
    version_sets: dict[tuple[int, int], Rows]
    entries: dict[int, Rows]
    records: Rows
    changes: Rows
    documents: dict[int, Row[Any]]
    raw_records: dict[bytes, Row[Any]]
    raw_pages: dict[bytes, Rows]
    memberships: dict[int, Row[Any]]
    sets: dict[int, str]
    events: Rows
    orders: Rows
    issues: Rows
    pins: dict[tuple[int, str, int], Row[Any]]
    seals: Sequence[tuple[Seal, Entered | None]]

    @classmethod
    def read(cls, connection: Connection) -> Store:
        """Everything, as one reader's transaction sees it."""

        def all_of(table: Table) -> Rows:
            return rows(connection, table)

        return cls(
            registers=all_of(tables.registers),
            sources=all_of(tables.sources),
            runs={row.id: row for row in all_of(tables.runs)},
            publications=grouped(all_of(tables.publications), "register_id"),
            versions=grouped(all_of(tables.versions), "register_id"),
            version_sets=grouped(all_of(tables.version_sets), "register_id", "sequence"),
            entries=grouped(all_of(tables.entries), "register_id"),
            records=all_of(tables.records),
            changes=all_of(tables.changes),
            documents={row.id: row for row in all_of(tables.documents)},
            raw_records={bytes(row.digest): row for row in all_of(tables.raw_records)},
            raw_pages=grouped(all_of(tables.raw_pages), "digest"),
            memberships={row.id: row for row in all_of(tables.memberships)},
            sets={row.id: row.spec for row in all_of(tables.sets)},
            events=all_of(tables.events),
            orders=all_of(tables.orders),
            issues=all_of(tables.issues),
            pins={(row.register_id, row.identifier, row.source_id): row for row in all_of(tables.pins)},
            seals=list(seals.book(connection)),
        )


def run_of(cause: str) -> int | None:
    """The run that a cause names (``run:7``, ``act:undo:7``); None for a clock and for an act of authority."""
    kind, _, rest = cause.partition(":")
    if event_of(cause) is not None:
        return None
    if kind == "run":
        return int(rest)
    if kind == "act":
        return int(rest.rpartition(":")[2])
    return None


def event_of(cause: str) -> int | None:
    """The event that a cause names (``act:authority:7``, ``act:pin:8``); None where it names none."""
    kind, _, rest = cause.partition(":")
    act, _, number = rest.partition(":")
    return int(number) if kind == "act" and act in ACTS_ON_ENTRIES else None
