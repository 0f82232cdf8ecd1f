"""The end of a walk: how complete was it, what is absent, does the brake hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from registry.errors import LeaseLost
from registry.model.brake import Before, BrakeReason, gate_reason, reasons_to_hold, window_start
from registry.model.completeness import verdict
from registry.model.diff import Action
from registry.model.issue import Text
from registry.model.order import Order
from registry.model.register import Register
from registry.model.run import Ending, RunStatus, Scope, Tally, Verdict, Walk
from registry.model.source import Protocol, SourceDescription
from registry.services import health
from registry.services.ordering import Claims
from registry.store import changes, declines, documents, outbox, records, registers, runs, sources
from registry.store.changes import Change
from registry.store.engine import Connection, Engines, transaction
from registry.store.outbox import Topic

_BATCH = 2000
_GIVEN_UP = Text(
    zh="运行 {run} 已被放弃({status}),本进程停止写入。",
    en="run {run} was given up ({status}); this worker stops writing.",
)


def collecting(connection: Connection, run_id: int) -> runs.Run:
    """The run, locked. Raises ``LeaseLost`` unless it is still being collected (its source was retired)."""
    run = runs.get(connection, run_id, lock=True)
    if run.status is not RunStatus.COLLECTING:
        raise LeaseLost(_GIVEN_UP.format(run=run.id, status=run.status))
    return run


def close_run(engines: Engines, claims: Claims, order: Order, run_id: int, walk: Walk) -> Verdict:
    """Decide what becomes of a run whose walk has ended; returns the verdict.

    FAILED where nothing came and the walk broke off; HELD where the brake says so; else SETTLING (also
    where only a part came: what came is good, what is missing is asked for again). Raises ``LeaseLost``
    where the order has passed to another worker, or the run was given up meanwhile.
    """
    with engines.read.connect() as connection:
        run = runs.get(connection, run_id)
    found = verdict(walk, run.tally.received, run.tally.moved)
    if walk.ending is Ending.INTERRUPTED:
        _note_interruption(engines, claims, order, run_id, walk)
        return found
    assert order.source is not None
    scope = walk.scope or run.scope
    complete = scope is Scope.FULL and found is Verdict.COMPLETE
    if complete and not order.source.is_internal and _stage_absences(engines, claims, order, run):
        # What is missing must be looked for again: "not modified" would never confirm that it is gone.
        conditional = order.source.protocol is Protocol.XML_DOCUMENT
        walk = replace(walk, etag="", last_modified="") if conditional else walk
    with transaction(engines.write) as connection:
        claims.renew(connection, order)
        sources.by_id(connection, order.source.id, lock=True)  # sources before runs, as everybody locks them
        run = collecting(connection, run_id)
        if not complete:  # a worker that died may have staged some under another verdict
            changes.remove_absences(connection, run_id)
        _decide(connection, replace(run, scope=scope), walk, found, order.source, claims.clock())
    return found


def _note_interruption(engines: Engines, claims: Claims, order: Order, run_id: int, walk: Walk) -> None:
    """Keep what a walk that goes on later has met so far."""
    if walk.pause is None:
        return
    with transaction(engines.write) as connection:
        claims.renew(connection, order)
        run = collecting(connection, run_id)
        runs.change(connection, run_id, walk=walk, failures=run.failures + walk.failures)


def _stage_absences(engines: Engines, claims: Claims, order: Order, run: runs.Run) -> int:
    """Stage what the complete list did not hold: noted the first time, a tombstone the second; returns how
    many absences are open behind this run. Safe to repeat."""
    unconfirmed = 0
    with engines.read.connect() as reading:
        has_declines = sources.by_id(reading, run.source_id).declines > 0
        limits = registers.by_id(reading, run.register_id).policy.brake
        age = timedelta(hours=limits.absence_hours)
        for batch in records.unseen(reading, run.source_id, run.id, _BATCH):
            kept = kept_by_people(reading, run.source_id, batch) if has_declines else set()
            absences = [
                (each, absence_action(each.absent_since, run.started_at, age))
                for each in batch
                if each.identifier not in kept
            ]
            unconfirmed += sum(action is not Action.VANISHED for _, action in absences)
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


def absence_action(absent_since: datetime | None, now: datetime, age: timedelta) -> Action | None:
    """What a second look at a record means (None: too soon to say). Times are the beginnings of runs."""
    if absent_since is None:
        return Action.ABSENT
    return Action.VANISHED if now - absent_since >= age else None


def _absence(record: records.Unseen, action: Action) -> Change:
    return Change(
        record.identifier, str(action), record.id, record.version, record.document_id, record.document_id,
        False, b"", None, "[]", "",
    )  # fmt: skip


def _decide(
    connection: Connection,
    run: runs.Run,
    walk: Walk,
    found: Verdict,
    description: SourceDescription,
    now: datetime,
) -> None:
    by_action = changes.count_by_action(connection, run.id)
    tally = replace(
        run.tally, absent=by_action.get(Action.ABSENT, 0), vanished=by_action.get(Action.VANISHED, 0)
    )
    reasons: tuple[BrakeReason, ...] = ()
    if walk.broke_off and not tally.received:
        status = RunStatus.FAILED
    else:
        if description.is_internal:
            reasons = gate(registers.by_id(connection, run.register_id), tally)
        elif walk.ending is not Ending.NOT_MODIFIED:
            scope = run.scope if found is Verdict.COMPLETE else Scope.DELTA
            reasons = brake(connection, run.register_id, run.source_id, tally, scope, now)
        status = RunStatus.HELD if reasons else RunStatus.SETTLING
    if status is RunStatus.FAILED and description.protocol is Protocol.FOLDER and walk.etag:
        sources.change(connection, run.source_id, etag=walk.etag)  # a broken delivery is not read for ever
    complete = run.scope is Scope.FULL and found is Verdict.COMPLETE
    if status is RunStatus.HELD or (status is RunStatus.SETTLING and complete):
        _supersede_held(connection, run, now)
    runs.change(
        connection,
        run.id,
        scope=str(run.scope),
        status=str(status),
        verdict=str(found),
        ending=str(walk.ending),
        walk=walk,
        failures=run.failures + walk.failures,
        tally=tally,
        hold_reasons=reasons,
        vanished=tally.absent + tally.deleted,
        finished_at=now,
    )
    outbox.put(connection, Topic.NOTICE, f"run:{run.id}")
    health.count(connection, sources.by_id(connection, run.source_id), walk, now)
    if status is not RunStatus.SETTLING:  # it ends here; what is settled ends where it is published
        health.judge(connection, run.source_id, now)


def _supersede_held(connection: Connection, run: runs.Run, now: datetime) -> None:
    """A held run gives way to a newer one only when that is decided: not to one that may yet break off."""
    if (held := runs.held(connection, run.source_id)) is not None:
        runs.change(
            connection,
            held.id,
            status=str(RunStatus.SUPERSEDED),
            decided_by=f"run:{run.id}",
            finished_at=now,
        )


def brake(
    connection: Connection, register_id: int, source_id: int, tally: Tally, scope: Scope, now: datetime
) -> tuple[BrakeReason, ...]:
    """Why a run of this source with this tally must wait for a person. ``scope``: FULL for a complete list."""
    register = registers.by_id(connection, register_id)
    limits = register.policy.brake
    source = sources.by_id(connection, source_id)
    earlier = runs.tallies_since(connection, source_id, window_start(now, source.released_at, limits))
    before = Before(
        source.live,
        vanished=sum(each.absent + each.deleted for each in earlier),
        removed=sum(each.deleted + each.vanished for each in earlier),
    )
    return reasons_to_hold(tally, before, scope=scope, limits=limits) + gate(register, tally)


def gate(register: Register, tally: Tally) -> tuple[BrakeReason, ...]:
    """Why a run into this register must wait although the brake would let it pass; empty where it need not."""
    reason = gate_reason(register.code, tally) if register.policy.gate else None
    return () if reason is None else (reason,)
