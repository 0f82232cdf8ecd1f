"""Absence: what a complete list of everything did not hold (house section 6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from registry.model.diff import Action
from registry.model.order import Order
from registry.services.ingest.opening import collecting
from registry.services.ordering import Claims
from registry.store import changes, declines, documents, records, registers, runs, sources
from registry.store.changes import Change
from registry.store.engine import Connection, Engines, transaction

_BATCH = 2000
_DECIDED = (Action.VANISHED, Action.DECLINED)


def stage_absences(
    engines: Engines, claims: Claims, order: Order, run: runs.Run, gone: Collection[str] = ()
) -> int:
    """Stage what the complete list did not hold: noted the first time, a tombstone the second, or at once where
    the source says that it has it no more (``gone``). What people decided to keep is staged as declined: it is told,
    and changes nothing. Returns how many absences are open behind this run. Safe to repeat. Raises ``LeaseLost``."""
    unconfirmed = 0
    with engines.read.connect() as reading:
        has_declines = sources.by_id(reading, run.source_id).declines > 0
        limits = registers.by_id(reading, run.register_id).policy.brake
        age = timedelta(hours=limits.absence_hours)
        for batch in records.unseen(reading, run.source_id, run.id, _BATCH):
            kept = kept_by_people(reading, run.source_id, batch) if has_declines else set()
            absences = [
                (
                    each,
                    Action.DECLINED
                    if each.identifier in kept
                    else absence_action(each.absent_since, run.started_at, age, gone=each.identifier in gone),
                )
                for each in batch
            ]
            unconfirmed += sum(action not in _DECIDED for _, action in absences)
            with transaction(engines.write) as connection:
                claims.renew(connection, order)
                collecting(connection, run.id)
                staged = changes.staged(connection, run.id, [each.identifier for each in batch])
                fresh = [pair for pair in absences if pair[0].identifier not in staged]
                changes.add(
                    connection,
                    run.id,
                    [_absence(each, action) for each, action in fresh if action is not None],
                )
    return unconfirmed


def kept_by_people(connection: Connection, source_id: int, batch: Sequence[records.Unseen]) -> set[str]:
    """Those unseen records whose deletion, with the content that they have, was undone or refused."""
    declined = declines.declined(connection, source_id, [each.identifier for each in batch])
    held = documents.digests(connection, [each.document_id for each in batch if each.document_id])
    return {
        each.identifier
        for each in batch
        if each.document_id and (each.identifier, declines.of_deletion(held[each.document_id])) in declined
    }


def absence_action(
    absent_since: datetime | None, now: datetime, age: timedelta, *, gone: bool = False
) -> Action | None:
    """What a second look at a record means (None: too soon to say), or the word of its source that it is
    ``gone``. Times are the beginnings of runs."""
    if gone:
        return Action.VANISHED
    if absent_since is None:
        return Action.ABSENT
    return Action.VANISHED if now - absent_since >= age else None


def _absence(record: records.Unseen, action: Action) -> Change:
    return Change(
        record.identifier, str(action), record.id, record.version, record.document_id, record.document_id,
        False, b"", None, "[]", "",
    )  # fmt: skip
