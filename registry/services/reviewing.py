"""What people decide about runs: release or refuse a held one, undo a published one.

Each is one transaction with one event. Afterwards the register is settled (``worker.settle``): a released run like
any other, an undone one through a run that holds its inverse.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from registry.errors import Conflict, Refused
from registry.model.choice import EVERYTHING, Choice
from registry.model.diff import CHANGING, Action
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.role import Permission
from registry.model.run import RunStatus, Scope, Tally, Window
from registry.model.source import SourceStatus
from registry.services import access, ordering
from registry.services.ingest.delivered import take_in
from registry.store import changes, declines, events, proposals, runs, sources
from registry.store.engine import Connection, Engine, transaction


def release(
    engine: Engine,
    run_id: int,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    choice: Choice = EVERYTHING,
) -> runs.Run:
    """Let a held run be settled, or that part of it that is chosen: the rest is refused, and not proposed again.

    What vanished up to now no longer counts for the brake. Raises ``Refused`` where nothing is chosen.
    """
    with transaction(engine) as connection:
        run, source = _expect(connection, run_id, RunStatus.HELD)
        _require(connection, actor, Permission.RELEASE, source)
        _refuse_while_under_way(connection, run)
        left = {} if choice.is_everything else _set_aside(connection, run, choice, actor, now)
        runs.change(connection, run_id, status=str(RunStatus.SETTLING), decided_by=actor.name)
        sources.change(connection, run.source_id, released_at=now)
        ordering.place_settling(connection, run.register_id, requested_by=actor.name, now=now)
        _read_on(connection, run, source, now)
        _record(connection, run, actor, "release", reason, now, set_aside=sum(left.values()))
        return runs.get(connection, run_id)


def _set_aside(
    connection: Connection, run: runs.Run, choice: Choice, actor: Actor, now: datetime
) -> Mapping[str, int]:
    """Refuse what is not chosen; returns how many changes that were, by what they would have done."""
    if not proposals.counts(connection, run.id, choice, CHANGING):
        raise Refused(
            Text(
                zh=f"没有选中运行 {run.id} 的任何变更；要全部拒绝，请用 mulu run refuse。",
                en=f"no change of run {run.id} is chosen; to refuse them all use `mulu run refuse`.",
            )
        )
    others = proposals.left_out(connection, run.id, choice)
    declines.decline_run(connection, run.id, run.source_id, CHANGING, actor.name, now, only=others)
    left = proposals.set_aside(connection, run.id, choice)
    runs.change(connection, run.id, tally=run.tally.without(left))
    return left


def refuse(engine: Engine, run_id: int, *, actor: Actor, now: datetime, reason: str) -> runs.Run:
    """Refuse a held run: nothing of it is settled, and the same content is not proposed again."""
    need_reason(reason)
    with transaction(engine) as connection:
        run, source = _expect(connection, run_id, RunStatus.HELD)
        _require(connection, actor, Permission.REFUSE, source)
        runs.change(connection, run_id, status=str(RunStatus.REFUSED), decided_by=actor.name)
        declines.decline_run(connection, run_id, run.source_id, (*CHANGING, Action.ABSENT), actor.name, now)
        if source.description.is_delivered and run.walk is not None:
            sources.change(connection, source.id, etag=run.walk.etag)  # on to the next delivery
            take_in(connection, source.description, run.walk.etag)
        _read_on(connection, run, source, now)
        _record(connection, run, actor, "refuse", reason, now)
        return runs.get(connection, run_id)


def _read_on(connection: Connection, run: runs.Run, source: sources.Source, now: datetime) -> None:
    """While a run was held, what came behind it was not read: what the other register published meanwhile, or the
    next delivery. It is now, whatever the schedule says."""
    behind = source.description.is_internal or source.description.is_delivered
    if behind and source.status is SourceStatus.APPROVED:
        ordering.place_harvest(connection, source, full=False, requested_by=f"run:{run.id}", now=now)


def undo(engine: Engine, run_id: int, *, actor: Actor, now: datetime, reason: str) -> int:
    """Publish the inverse of a published run under the same identifiers; returns the inverse run's id.

    Entries that have changed since are left alone and listed in the inverse run as outdated. What is undone
    is not proposed again until its content differs, or someone lifts it. Raises ``Conflict`` for an undoing,
    for a source that was retired, and while another run of the source waits for its end.
    """
    need_reason(reason)
    with transaction(engine) as connection:
        run, source = _expect(connection, run_id, RunStatus.PUBLISHED)
        _require(connection, actor, Permission.UNDO, source)
        _refuse_to_undo(connection, run, source)
        inverse = runs.add(
            connection,
            source_id=run.source_id,
            register_id=run.register_id,
            order_id=None,
            cause="undo",
            scope=Scope.DELTA,
            status=RunStatus.SETTLING,
            window=Window(Scope.DELTA),
            rules_version=run.rules_version,
            now=now,
            undoes_run_id=run_id,
            decided_by=actor.name,
        )
        changes.stage_inverse(connection, run_id, run.source_id, inverse)
        runs.change(connection, inverse, tally=Tally(**changes.count_by_action(connection, inverse)))
        declines.decline_run(connection, run_id, run.source_id, CHANGING, actor.name, now, standing_only=True)
        runs.change(connection, run_id, status=str(RunStatus.UNDONE))
        ordering.place_settling(connection, run.register_id, requested_by=actor.name, now=now)
        _record(connection, run, actor, "undo", reason, now)
        return inverse


def _refuse_to_undo(connection: Connection, run: runs.Run, source: sources.Source) -> None:
    if run.undoes_run_id is not None:
        raise Conflict(
            Text(
                zh=f"运行 {run.id} 本身是一次撤销，不能再撤销；请重新采集该来源。",
                en=f"run {run.id} is itself an undoing; harvest the source again instead.",
            )
        )
    if source.status is SourceStatus.RETIRED:
        raise Conflict(
            Text(
                zh=f"来源 {source.code} 已退役，其记录已撤下，不能恢复。",
                en=f"the source {source.code} is retired and its records are withdrawn; they stay so.",
            )
        )
    _refuse_while_under_way(connection, run)
    if (held := runs.held(connection, run.source_id)) is not None:
        raise Conflict(
            Text(
                zh=f"来源 {run.source_code} 的运行 {held.id} 尚待处理({held.status})，请先处理。",
                en=f"run {held.id} of {run.source_code} is {held.status}; decide about it first.",
            )
        )


def _refuse_while_under_way(connection: Connection, run: runs.Run) -> None:
    """One run of a source at a time: what is being collected or settled comes to its end first."""
    if (standing := runs.under_way(connection, run.source_id)) is not None:
        raise Conflict(
            Text(
                zh=f"来源 {run.source_code} 的运行 {standing.id} 正在进行({standing.status})，请稍后再试。",
                en=f"run {standing.id} of {run.source_code} is {standing.status}; try again when it has ended.",
            )
        )


def lift(engine: Engine, source_code: str, identifier: str, *, actor: Actor, now: datetime) -> int:
    """Let a source propose again what was undone or refused under an identifier; returns how many contents.

    Its next harvest asks for the whole list, also where nothing has changed since (a folder's deliveries
    are read again on demand only).
    """
    with transaction(engine) as connection:
        source = sources.get(connection, source_code, lock=True)
        _require(connection, actor, Permission.LIFT, source)
        lifted = declines.lift(connection, source.id, identifier)
        if lifted:
            sources.read_anew(connection, source.id, now)
        after = {"identifier": identifier, "lifted": lifted}
        event = Event(
            actor, "lift", f"source:{source_code}", after=after, register_id=source.description.register_id
        )
        events.record(connection, event, now)
        return lifted


def _require(connection: Connection, actor: Actor, permission: Permission, source: sources.Source) -> None:
    access.require(connection, actor, permission, source.description.register_id, source=source)


def _expect(connection: Connection, run_id: int, wanted: RunStatus) -> tuple[runs.Run, sources.Source]:
    """The run and its source, both locked, the source first. Raises ``Conflict`` for another status."""
    source = sources.by_id(connection, runs.get(connection, run_id).source_id, lock=True)
    run = runs.get(connection, run_id, lock=True)
    if run.status is not wanted:
        raise Conflict(
            Text(
                zh=f"运行 {run_id} 的状态是 {run.status}，此操作只适用于 {wanted}。",
                en=f"run {run_id} is {run.status}; this act is for runs that are {wanted}.",
            )
        )
    return run, source


def need_reason(reason: str) -> None:
    """Raise ``Refused`` where a person gave no reason for an act that needs one."""
    if not reason.strip():
        raise Refused(Text(zh="请说明理由(--reason)。", en="please give a reason (--reason)."))


def _record(
    connection: Connection,
    run: runs.Run,
    actor: Actor,
    action: str,
    reason: str,
    now: datetime,
    **told: int,
) -> None:
    """The event of an act on a run; ``told``: numbers that belong to it, but for zeros."""
    event = Event(
        actor,
        action,
        f"run:{run.id}",
        reason,
        before={"status": run.status},
        after={"source": run.source_code, **{name: count for name, count in told.items() if count}},
        register_id=run.register_id,
    )
    events.record(connection, event, now)
