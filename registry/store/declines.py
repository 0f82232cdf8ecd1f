"""What people undid or refused: (source, identifier, digest), not proposed again until the content differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, delete, func, or_, select, update

from registry.model.diff import Action
from registry.store.changes import register_of
from registry.store.columns import to_microseconds
from registry.store.engine import among, insert_rows
from registry.store.tables import changes, declines, documents, records, sources

_c = declines.c
_DELETIONS = (str(Action.DELETED), str(Action.VANISHED), str(Action.ABSENT))


def of_deletion(digest: bytes) -> bytes:
    """What stands for the deletion of a document in place of a digest: once the source has said something
    else, its deletion is another proposal."""
    return b"-" + digest


def declined(connection: Connection, source_id: int, identifiers: Sequence[str]) -> set[tuple[str, bytes]]:
    """(identifier, digest) pairs that were declined; for a deletion see :func:`of_deletion`."""
    query = select(_c.identifier, _c.digest).where(
        _c.source_id == source_id, among(_c.identifier, identifiers, connection)
    )
    return {(row[0], bytes(row[1])) for row in connection.execute(query)}


def decline_run(
    connection: Connection,
    run_id: int,
    source_id: int,
    actions: Sequence[str],
    actor: str,
    now: datetime,
    *,
    standing_only: bool = False,
    only: Select[Any] | None = None,
) -> None:
    """Remember what this run proposed (its changes of the given ``actions``).

    ``only``: of these changes (their ids). ``standing_only``: only where the record still is what the run made of
    it. A record that merely came another way is not remembered: its content is not what was declined.
    """
    digest = func.coalesce(documents.c.digest, b"")
    proposed = (
        select(changes.c.identifier, changes.c.action, digest)
        .select_from(changes.outerjoin(documents, documents.c.id == changes.c.document_id))
        .where(
            changes.c.run_id == run_id,
            changes.c.action.in_(list(actions)),
            or_(
                changes.c.action != str(Action.UPDATED),
                changes.c.document_id.is_distinct_from(changes.c.previous_document_id),
            ),
        )
    )
    if only is not None:
        proposed = proposed.where(changes.c.id.in_(only))
    if standing_only:
        proposed = proposed.where(_version_now(source_id) == changes.c.base_version + 1)
    moment = to_microseconds(now)
    rows = [
        (source_id, identifier, of_deletion(value) if action in _DELETIONS else bytes(value), actor, moment)
        for identifier, action, value in connection.execute(proposed)
    ]
    insert_rows(
        connection,
        declines,
        (_c.source_id, _c.identifier, _c.digest, _c.actor, _c.declined_at),
        rows,
        ignore_existing=True,
    )
    recount(connection, source_id)


def _version_now(source_id: int) -> ScalarSelect[int]:
    """The version of the record that a change concerns, asked change by change: the records of a source may
    be far more than a run's changes."""
    return (
        select(records.c.version)
        .where(
            records.c.register_id == register_of(source_id),
            records.c.identifier == changes.c.identifier,
            records.c.source_id == source_id,
        )
        .scalar_subquery()
    )


def lift(connection: Connection, source_id: int, identifier: str) -> int:
    """Forget what was declined under an identifier; returns how many rows that were."""
    gone = connection.execute(
        delete(declines).where(_c.source_id == source_id, _c.identifier == identifier)
    ).rowcount
    recount(connection, source_id)
    return int(gone)


def recount(connection: Connection, source_id: int) -> None:
    """Bring the source's count of declines up to date (harvests ask only where it is not zero)."""
    count = select(func.count()).where(_c.source_id == source_id).scalar_subquery()
    connection.execute(update(sources).where(sources.c.id == source_id).values(declines=count))
