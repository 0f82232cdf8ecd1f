"""The change sets of runs: staged page by page, settled in slices, kept to be looked at and undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy import case as sql_case

from registry.model.diff import CHANGING, Action
from registry.model.document import Facts
from registry.store.columns import to_microseconds
from registry.store.documents import FACT_COLUMNS, facts_from
from registry.store.engine import among, insert_rows
from registry.store.tables import changes, documents, records, sources

_c = changes.c
_INSERTED = (
    _c.run_id, _c.identifier, _c.action, _c.record_id, _c.base_version, _c.document_id,
    _c.previous_document_id, _c.previous_deleted, _c.raw_digest, _c.datestamp, _c.path, _c.place,
)  # fmt: skip


class Change(NamedTuple):
    """One staged change. ``base_version`` is the record's version that it was compared with (0: none);
    ``document_id`` what it would become, ``previous_document_id`` what it was."""

    identifier: str
    action: str
    record_id: int | None
    base_version: int
    document_id: int | None
    previous_document_id: int | None
    previous_deleted: bool
    raw_digest: bytes
    datestamp: datetime | None
    path: str
    place: str


def add(connection: Connection, run_id: int, staged: Iterable[Change]) -> None:
    """Stage changes of a run."""
    rows = (
        (
            run_id, *each[:8],
            None if each.datestamp is None else to_microseconds(each.datestamp), each.path, each.place,
        )
        for each in staged
    )  # fmt: skip
    insert_rows(connection, changes, _INSERTED, rows)


def keep_paths(connection: Connection, run_id: int, identifiers: Sequence[str]) -> None:
    """Keep the way that these records came before, for an undo: what is staged came another way."""
    before = select(records.c.path).where(records.c.id == _c.record_id).scalar_subquery()
    connection.execute(
        update(changes)
        .where(_c.run_id == run_id, among(_c.identifier, identifiers, connection))
        .values(previous_path=before)
    )


def _select() -> Select[Any]:
    return select(
        _c.id, _c.identifier, _c.action, _c.record_id, _c.base_version, _c.document_id,
        _c.previous_document_id, _c.previous_deleted, _c.raw_digest, _c.datestamp, _c.path, _c.place,
    )  # fmt: skip


def staged(
    connection: Connection, run_id: int, identifiers: Sequence[str]
) -> dict[str, tuple[Change, bytes]]:
    """What this run has staged already under these identifiers, each with its document's digest."""
    query = (
        _select()
        .add_columns(func.coalesce(documents.c.digest, b""))
        .select_from(changes.outerjoin(documents, documents.c.id == _c.document_id))
        .where(_c.run_id == run_id, among(_c.identifier, identifiers, connection))
    )
    return {row[1]: (Change._make(row[1:12]), bytes(row[12])) for row in connection.execute(query)}


class Staged(NamedTuple):
    """A staged change with its id, and its document's digest and facts (none where it has no document)."""

    id: int
    change: Change
    digest: bytes
    facts: Facts | None


def slice_after(connection: Connection, run_id: int, after: int, size: int) -> list[Staged]:
    """Up to ``size`` staged changes behind the change id ``after``, in the order of their ids.

    The slice is cut before documents are looked at: PostgreSQL has no statistics yet of a run that has just been
    staged, and would join all that is left of it for every slice.
    """
    cut = _select().where(_c.run_id == run_id, _c.id > after).order_by(_c.id).limit(size).subquery()
    query = select(*cut.c, documents.c.digest, *FACT_COLUMNS).select_from(
        cut.outerjoin(documents, documents.c.id == cut.c.document_id)
    )
    rows = sorted(connection.execute(query).all(), key=itemgetter(0))
    return [Staged(row[0], Change._make(row[1:12]), row[12] or b"", facts_from(row, 13)) for row in rows]


def reclassify(connection: Connection, run_id: int, identifiers: Sequence[str], action: Action) -> None:
    """Staged changes turn out to be something else (two texts under one key: none is accepted)."""
    connection.execute(
        update(changes)
        .where(_c.run_id == run_id, among(_c.identifier, identifiers, connection))
        .values(action=str(action))
    )


def remove(connection: Connection, run_id: int, identifiers: Sequence[str]) -> None:
    """Drop staged changes of a run that is still collecting (a newer text takes their place)."""
    connection.execute(
        delete(changes).where(_c.run_id == run_id, among(_c.identifier, identifiers, connection))
    )


def remove_absences(connection: Connection, run_id: int) -> None:
    """Drop what was staged as absent: the answer turned out not to be a complete list."""
    absent = or_(_c.action.in_((str(Action.ABSENT), str(Action.VANISHED))), _is_kept())
    connection.execute(delete(changes).where(_c.run_id == run_id, absent))


def _is_kept() -> ColumnElement[bool]:
    """Whether a change is a declined absence: of a record that the run did not see (those that came were)."""
    seen_run = select(records.c.seen_run).where(records.c.id == _c.record_id).scalar_subquery()
    return and_(
        _c.action == str(Action.DECLINED), _c.record_id.is_not(None), seen_run.is_distinct_from(_c.run_id)
    )


def count_kept(connection: Connection, run_id: int) -> int:
    """How many records a run missed and leaves alone, because people refused or undid their deletion before
    (before it is settled)."""
    query = select(func.count()).select_from(changes).where(_c.run_id == run_id, _is_kept())
    return connection.execute(query).scalar_one()


def mark_outdated(connection: Connection, ids: Sequence[int]) -> None:
    """These changes were overtaken by something newer and have no effect."""
    if ids:
        connection.execute(
            update(changes).where(among(_c.id, ids, connection)).values(action=str(Action.OUTDATED))
        )


def count_by_action(connection: Connection, run_id: int) -> dict[str, int]:
    """How many staged changes of each action the run has."""
    query = select(_c.action, func.count()).where(_c.run_id == run_id).group_by(_c.action)
    return {row[0]: row[1] for row in connection.execute(query)}


def count_newly_vanished(connection: Connection, run_id: int) -> int:
    """How many records a run is to make vanish that no earlier list missed (before it is settled)."""
    query = (
        select(func.count())
        .select_from(changes.join(records, records.c.id == _c.record_id))
        .where(_c.run_id == run_id, _c.action == str(Action.VANISHED), records.c.absent_since.is_(None))
    )
    return connection.execute(query).scalar_one()


def register_of(source_id: int) -> ScalarSelect[int]:
    """The register of a source: records are found by it, never through all that a source holds."""
    return select(sources.c.register_id).where(sources.c.id == source_id).scalar_subquery()


def stage_inverse(connection: Connection, run_id: int, source_id: int, inverse_run_id: int) -> None:
    """Stage, for another run, the inverse of every change that ``run_id`` settled (one set-based statement).

    A record that has changed since keeps its newer state: its version no longer fits when it is settled.
    """
    inverse = sql_case(
        (_c.action == str(Action.CREATED), literal(str(Action.DELETED))),
        (_c.action.in_((str(Action.DELETED), str(Action.VANISHED))), literal(str(Action.RESTORED))),
        (_c.action == str(Action.RESTORED), literal(str(Action.DELETED))),
        else_=literal(str(Action.UPDATED)),
    )
    query = (
        select(
            literal(inverse_run_id), _c.identifier, inverse, records.c.id, _c.base_version + 1,
            func.coalesce(_c.previous_document_id, _c.document_id), _c.document_id,
            (_c.action.in_((str(Action.DELETED), str(Action.VANISHED)))), literal(b""),
            records.c.datestamp, func.coalesce(_c.previous_path, records.c.path), _c.place,
        )
        .join_from(
            changes, records,
            and_(
                records.c.register_id == register_of(source_id),
                records.c.identifier == _c.identifier,
                records.c.source_id == source_id,
            ),
        )
        .where(_c.run_id == run_id, _c.action.in_([str(each) for each in CHANGING]))
        .order_by(_c.id)
    )  # fmt: skip
    connection.execute(insert(changes).from_select([each.name for each in _INSERTED], query))


def stage_withdrawal(connection: Connection, run_id: int, source_id: int) -> None:
    """Stage the deletion of every live record of a source (one set-based statement)."""
    query = (
        select(
            literal(run_id), records.c.identifier, literal(str(Action.DELETED)), records.c.id,
            records.c.version, records.c.document_id, records.c.document_id, literal(False),
            literal(b""), records.c.datestamp, records.c.path, literal(""),
        )
        .where(records.c.source_id == source_id, records.c.deleted.is_(False))
        .order_by(records.c.id)
    )  # fmt: skip
    connection.execute(insert(changes).from_select([each.name for each in _INSERTED], query))
