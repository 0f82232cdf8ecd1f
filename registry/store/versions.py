"""The writing side of a register's log: entries' heads and the versions that are put behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from registry.store.engine import among, insert_rows, update_rows
from registry.store.tables import entries, versions

_e = entries.c
_v = versions.c


class Head(NamedTuple):
    """The newest version of an entry, unpublished ones included."""

    id: int
    sequence: int
    document_id: int | None
    deleted: bool
    source_id: int
    route: str
    membership_id: int
    was_public: bool
    was_peer: bool


class NewVersion(NamedTuple):
    """A version about to be written. ``head`` is the entry it supersedes (None for a new entry)."""

    sequence: int
    identifier: str
    document_id: int | None
    deleted: bool
    source_id: int
    route: str
    path: str
    membership_id: int
    was_public: bool
    was_peer: bool
    head: Head | None


def heads(connection: Connection, register_id: int, identifiers: Sequence[str]) -> dict[str, Head]:
    """The heads of those ``identifiers`` that are entries."""
    query = select(
        _e.identifier, _e.id, _e.head_sequence, _e.document_id, _e.deleted, _e.source_id, _e.route,
        _e.membership_id, _e.was_public, _e.was_peer,
    ).where(_e.register_id == register_id, among(_e.identifier, identifiers, connection))  # fmt: skip
    return {row[0]: Head._make(row[1:]) for row in connection.execute(query)}


def append(connection: Connection, register_id: int, new: Sequence[NewVersion], cause: str) -> None:
    """Write versions and bring their entries' heads to them. Invisible until they are published."""
    insert_rows(
        connection, versions,
        (_v.register_id, _v.sequence, _v.identifier, _v.document_id, _v.deleted, _v.previous, _v.cause,
         _v.source_id, _v.membership_id, _v.path, _v.was_public, _v.was_peer),
        (
            (register_id, each.sequence, each.identifier, each.document_id, each.deleted,
             each.head.sequence if each.head else 0, cause, each.source_id, each.membership_id, each.path,
             each.was_public, each.was_peer)
            for each in new
        ),
    )  # fmt: skip
    columns = (
        _e.head_sequence, _e.document_id, _e.deleted, _e.source_id, _e.route, _e.membership_id,
        _e.was_public, _e.was_peer,
    )  # fmt: skip

    def values(each: NewVersion) -> tuple[object, ...]:
        return (
            each.sequence, each.document_id, each.deleted, each.source_id, each.route,
            each.membership_id, each.was_public, each.was_peer,
        )  # fmt: skip

    insert_rows(
        connection,
        entries,
        (_e.register_id, _e.identifier, *columns),
        ((register_id, each.identifier, *values(each)) for each in new if each.head is None),
    )
    standing = [(each, each.head) for each in new if each.head is not None]
    update_rows(connection, entries, _e.id, columns, [(*values(each), head.id) for each, head in standing])
    _supersede(connection, register_id, [(each.sequence, head.sequence) for each, head in standing])


def _supersede(connection: Connection, register_id: int, pairs: Sequence[tuple[int, int]]) -> None:
    """For each (newer, older) sequence: the older version is superseded by the newer."""
    if not pairs:
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(
        f"UPDATE versions SET superseded_by = {mark} WHERE register_id = {mark} AND sequence = {mark}",
        [(newer, register_id, older) for newer, older in pairs],
    )
