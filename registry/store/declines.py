"""What people undid or refused: (source, identifier, digest), not proposed again until the content differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, literal, select, update

from registry.model.diff import Action
from registry.store.columns import to_microseconds
from registry.store.engine import among, insert_rows
from registry.store.tables import changes, declines, documents, sources

_c = declines.c
_DELETIONS = (str(Action.DELETED), str(Action.VANISHED), str(Action.ABSENT))


def declined(connection: Connection, source_id: int, identifiers: Sequence[str]) -> set[tuple[str, bytes]]:
    """(identifier, digest) pairs that were declined; the digest of a deletion is empty."""
    query = select(_c.identifier, _c.digest).where(
        _c.source_id == source_id, among(_c.identifier, identifiers, connection)
    )
    return {(row[0], bytes(row[1])) for row in connection.execute(query)}


def decline_run(
    connection: Connection, run_id: int, source_id: int, actions: Sequence[str], actor: str, now: datetime
) -> None:
    """Remember what this run proposed (its changes of the given ``actions``), set-based."""
    digest = func.coalesce(documents.c.digest, literal(b""))
    proposed = (
        select(changes.c.identifier, changes.c.action, digest)
        .select_from(changes.outerjoin(documents, documents.c.id == changes.c.document_id))
        .where(changes.c.run_id == run_id, changes.c.action.in_(list(actions)))
    )
    moment = to_microseconds(now)
    rows = (
        (source_id, identifier, b"" if action in _DELETIONS else bytes(value), actor, moment)
        for identifier, action, value in connection.execute(proposed)
    )
    insert_rows(
        connection,
        declines,
        (_c.source_id, _c.identifier, _c.digest, _c.actor, _c.declined_at),
        rows,
        ignore_existing=True,
    )
    recount(connection, source_id)


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
