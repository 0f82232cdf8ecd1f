"""The end of a walk: how complete was it, what is absent, does the brake hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from registry.model.brake import Before, BrakeReason, gate_reason, reasons_to_hold, window_start
from registry.model.completeness import verdict
from registry.model.diff import Action
from registry.model.issue import Issue, Severity, Text
from registry.model.issue_ledger import Keeping
from registry.model.order import Order
from registry.model.register import Register
from registry.model.run import Ending, RunStatus, Scope, Tally, Verdict, Walk
from registry.model.source import Protocol, SourceDescription
from registry.services import health
from registry.services.ingest.absences import stage_absences
from registry.services.ingest.delivered import take_in
from registry.services.ingest.keeping import Found, sum_up
from registry.services.ingest.opening import collecting
from registry.services.ordering import Claims
from registry.store import changes, outbox, registers, runs, sources
from registry.store.engine import Connection, Engines, transaction
from registry.store.issues import FoundIssue
from registry.store.outbox import Topic
from schemas.fault import Fault

RENAMED = Fault(
    "source-renamed",
    Severity.WARNING,
    Text(
        "来源自称“{after}”，上次采集时为“{before}”",
        "the source calls itself “{after}”; when it was harvested last, it was “{before}”",
    ),
    Text(
        "请确认该地址仍属于原来的单位",
        "see whether the address is still that of the same body",
    ),
)
NOTHING_ACCEPTED = Fault(
    "nothing-accepted",
    Severity.WARNING,
    Text(
        "收到的 {count} 条记录无一合格",
        "of the records that came ({count}) none was accepted",
    ),
    Text(
        "请查看其余问题，并核对来源的元数据格式、命名空间和范围",
        "see the other issues, and whether metadata format, namespace and scope of the source are right",
    ),
)
FAULTS = (RENAMED, NOTHING_ACCEPTED)


def renamed(before: str, after: str) -> tuple[Issue, ...]:
    """What is to be said of a source that was called ``before`` and is called ``after`` (empty: it did not say)."""
    return (RENAMED.issue(before=before, after=after),) if before and after and before != after else ()


def told_of_all(walk: Walk, tally: Tally, called_before: str) -> tuple[Issue, ...]:
    """What is to be said of a walk as a whole: what it told itself, that its source (``called_before``: so when it was
    harvested last) has another name, that nothing of what came was accepted."""
    refused = (NOTHING_ACCEPTED.issue(count=tally.received),) if tally.nothing_accepted else ()
    return (*walk.issues, *renamed(called_before, walk.name), *refused)


def close_run(
    engines: Engines, claims: Claims, order: Order, run_id: int, walk: Walk, keeping: Keeping
) -> Verdict:
    """Decide what becomes of a run whose walk has ended; returns the verdict.

    FAILED where nothing came and the walk broke off; HELD where the brake says so; else SETTLING (also
    where only a part came: what came is good, what is missing is asked for again). Raises ``LeaseLost``
    where the order has passed to another worker, or the run was given up meanwhile.
    """
    with engines.read.connect() as connection:
        run = runs.get(connection, run_id)
    found = verdict(walk, run.tally.listed, run.tally.moved)
    if walk.ending is Ending.INTERRUPTED:
        _note_interruption(engines, claims, order, run_id, walk)
        return found
    assert order.source is not None
    scope = walk.scope or run.scope
    complete = scope is Scope.FULL and found is Verdict.COMPLETE
    if complete and not order.source.is_internal and stage_absences(engines, claims, order, run, walk.gone):
        # What is missing must be looked for again: "not modified" would never confirm that it is gone.
        conditional = order.source.protocol is Protocol.XML_DOCUMENT
        walk = replace(walk, etag="", last_modified="") if conditional else walk
    with transaction(engines.write) as connection:
        claims.renew(connection, order)
        sources.by_id(connection, order.source.id, lock=True)  # sources before runs, as everybody locks them
        run = collecting(connection, run_id)
        if not complete:  # a worker that died may have staged some under another verdict
            changes.remove_absences(connection, run_id)
        run = replace(run, scope=scope)
        _decide(connection, run, walk, found, order.source, claims.clock(), keeping)
    return found


def _note_interruption(engines: Engines, claims: Claims, order: Order, run_id: int, walk: Walk) -> None:
    """Keep what a walk that goes on later has met so far."""
    if walk.pause is None:
        return
    with transaction(engines.write) as connection:
        claims.renew(connection, order)
        run = collecting(connection, run_id)
        runs.change(connection, run_id, walk=walk, failures=run.failures + walk.failures)


def _decide(
    connection: Connection,
    run: runs.Run,
    walk: Walk,
    found: Verdict,
    description: SourceDescription,
    now: datetime,
    keeping: Keeping,
) -> None:
    tally = _with_absences(connection, run)
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
    if status is RunStatus.FAILED and description.is_delivered and walk.etag:
        sources.change(connection, run.source_id, etag=walk.etag)  # a broken delivery is not read for ever
        take_in(connection, description, walk.etag)
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
        walk=replace(walk, gone=(), issues=()),
        failures=run.failures + walk.failures,
        tally=tally,
        hold_reasons=reasons,
        vanished=tally.going,
        finished_at=now,
    )
    source = sources.by_id(connection, run.source_id)
    _tell(connection, run.id, told_of_all(walk, tally, source.told_name), keeping)
    outbox.put(connection, Topic.NOTICE, f"run:{run.id}")
    health.count(connection, source, walk, now)
    if status is not RunStatus.SETTLING:  # it ends here; what is settled ends where it is published
        health.judge(connection, run.source_id, now)


def _with_absences(connection: Connection, run: runs.Run) -> Tally:
    """The tally of a run with what was staged of the records that it missed."""
    by_action = changes.count_by_action(connection, run.id)
    return replace(
        run.tally,
        absent=by_action.get(Action.ABSENT, 0),
        vanished=by_action.get(Action.VANISHED, 0),
        confirmed=changes.count_newly_vanished(connection, run.id),
        kept=changes.count_kept(connection, run.id),
    )


def _tell(connection: Connection, run_id: int, found: Sequence[Issue], keeping: Keeping) -> None:
    """Keep what was found of the walk as a whole, and how many issues of each code that makes."""
    told = Found(connection, run_id, keeping)
    told.keep(FoundIssue("", "", b"", each) for each in found)
    told.close()
    sum_up(connection, run_id, keeping)


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
        vanished=sum(each.going for each in earlier),
        removed=sum(each.deleted + each.vanished for each in earlier),
    )
    return reasons_to_hold(tally, before, scope=scope, limits=limits) + gate(register, tally)


def gate(register: Register, tally: Tally) -> tuple[BrakeReason, ...]:
    """Why a run into this register must wait although the brake would let it pass; empty where it need not."""
    reason = gate_reason(register.code, tally) if register.policy.gate else None
    return () if reason is None else (reason,)
