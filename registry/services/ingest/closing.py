"""The end of a walk: how complete was it, what is absent, does the brake hold it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from registry.model.brake import BrakeReason, reasons_to_hold, window_start
from registry.model.completeness import verdict
from registry.model.diff import Action
from registry.model.order import Order
from registry.model.run import Ending, RunStatus, Scope, Tally, Verdict, Walk
from registry.model.source import Protocol
from registry.services.ordering import Claims
from registry.store import changes, declines, records, registers, runs, sources
from registry.store.changes import Change
from registry.store.engine import Engines, transaction

_BATCH = 2000


def close_run(engines: Engines, claims: Claims, order: Order, run_id: int, walk: Walk) -> Verdict:
    """Decide what becomes of a run whose walk has ended; returns the verdict.

    FAILED where nothing came and the walk broke off; HELD where the brake says so; else SETTLING (also
    where only a part came: what came is good, what is missing is asked for again).
    """
    with engines.read.connect() as connection:
        run = runs.get(connection, run_id)
    found = verdict(walk, run.tally.received)
    if walk.ending is Ending.INTERRUPTED:
        return found
    assert order.source is not None
    scope = walk.scope or run.scope
    if scope is Scope.FULL and found is Verdict.COMPLETE and not order.source.is_internal:
        _stage_absences(engines, claims, order, run)
    with transaction(engines.write) as connection:
        claims.renew(connection, order)
        runs.change(connection, run_id, scope=str(scope))
        _decide(connection, run_id, walk, found, order.source.is_internal, claims.clock())
    return found


def _stage_absences(engines: Engines, claims: Claims, order: Order, run: runs.Run) -> None:
    """Stage what the complete list did not hold: noted the first time, a tombstone the second."""
    now = claims.clock()
    with engines.read.connect() as reading:
        has_declines = sources.by_id(reading, run.source_id).declines > 0
        limits = registers.by_id(reading, run.register_id).policy.brake
        age = timedelta(hours=limits.absence_hours)
        for batch in records.unseen(reading, run.source_id, run.id, _BATCH):
            with transaction(engines.write) as connection:
                claims.renew(connection, order)
                known = changes.staged(connection, run.id, [row[1] for row in batch])
                declined = (
                    declines.declined(connection, run.source_id, [row[1] for row in batch])
                    if has_declines
                    else set()
                )
                changes.add(
                    connection,
                    run.id,
                    [
                        _absence(record_id, identifier, version, document_id, action)
                        for record_id, identifier, version, document_id, since in batch
                        if identifier not in known and (identifier, b"") not in declined
                        for action in _absence_action(since, now, age)
                    ],
                )


def _absence_action(absent_since: datetime | None, now: datetime, age: timedelta) -> tuple[Action, ...]:
    if absent_since is None:
        return (Action.ABSENT,)
    return (Action.VANISHED,) if now - absent_since >= age else ()


def _absence(
    record_id: int, identifier: str, version: int, document_id: int | None, action: Action
) -> Change:
    return Change(
        identifier, str(action), record_id, version, document_id, document_id, False, b"", None, "[]", ""
    )


def _decide(
    connection: Connection, run_id: int, walk: Walk, found: Verdict, is_internal: bool, now: datetime
) -> None:
    run = runs.get(connection, run_id, lock=True)
    source = sources.by_id(connection, run.source_id)
    tally = replace(run.tally)
    by_action = changes.count_by_action(connection, run_id)
    tally.absent = by_action.get(Action.ABSENT, 0)
    tally.vanished = by_action.get(Action.VANISHED, 0)
    broke_off = walk.ending in (Ending.TRANSPORT, Ending.PROTOCOL, Ending.FATAL)
    status = RunStatus.SETTLING
    reasons: tuple[BrakeReason, ...] = ()
    if broke_off and not tally.received:
        status = RunStatus.FAILED
    elif not is_internal and walk.ending is not Ending.NOT_MODIFIED:
        limits = registers.by_id(connection, run.register_id).policy.brake
        since = window_start(now, source.released_at, limits)
        reasons = reasons_to_hold(
            tally,
            scope=run.scope if found is Verdict.COMPLETE else Scope.DELTA,
            live=source.live,
            vanished_before=runs.vanished_since(connection, source.id, since),
            limits=limits,
        )
        status = RunStatus.HELD if reasons else RunStatus.SETTLING
    if status is RunStatus.FAILED and source.description.protocol is Protocol.FOLDER and walk.etag:
        sources.change(connection, source.id, etag=walk.etag)  # a broken delivery is not read for ever
    runs.change(
        connection,
        run_id,
        status=str(status),
        verdict=str(found),
        ending=str(walk.ending),
        walk=walk,
        tally=tally,
        hold_reasons=reasons,
        vanished=_vanished(tally),
        finished_at=now,
    )


def _vanished(tally: Tally) -> int:
    return tally.absent + tally.deleted
