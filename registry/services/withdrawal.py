"""Retiring a source withdraws its records: as a run like any other, settled and published like any other."""

from __future__ import annotations

from datetime import datetime

from registry.errors import Conflict
from registry.model.event import Actor
from registry.model.issue import Text
from registry.model.run import UNSETTLED, RunStatus, Scope, Tally, Window
from registry.services import ordering
from registry.store import changes, deliveries, runs, sources
from registry.store.engine import Connection


def withdraw_all(connection: Connection, source: sources.Source, actor: Actor, now: datetime) -> int:
    """Stage the deletion of every live record of the source, within the caller's transaction.

    Returns the id of the run, which is ordered to be settled. What was being collected or held
    of this source is given up. The caller has locked the source. Raises ``Conflict`` while a run of it is
    being settled.
    """
    for standing in (runs.under_way(connection, source.id), runs.held(connection, source.id)):
        if standing is not None:
            _give_up(connection, runs.get(connection, standing.id, lock=True), now)
    run_id = runs.add(
        connection,
        source_id=source.id,
        register_id=source.description.register_id,
        order_id=None,
        cause="retire",
        scope=Scope.FULL,
        status=RunStatus.SETTLING,
        window=Window(Scope.FULL),
        rules_version=0,
        now=now,
        decided_by=actor.name,
    )
    changes.stage_withdrawal(connection, run_id, source.id)
    runs.change(connection, run_id, tally=Tally(**changes.count_by_action(connection, run_id)))
    deliveries.discard_all(connection, source.id, actor.name, now)
    ordering.place_settling(connection, source.description.register_id, requested_by=actor.name, now=now)
    return run_id


def _give_up(connection: Connection, standing: runs.Run, now: datetime) -> None:
    if standing.status is RunStatus.SETTLING:
        raise Conflict(
            Text(
                zh=f"来源 {standing.source_code} 的运行 {standing.id} 正在入册，请稍后再试。",
                en=f"run {standing.id} of {standing.source_code} is being settled; try again in a moment.",
            )
        )
    if standing.status in UNSETTLED:
        runs.change(connection, standing.id, status=str(RunStatus.SUPERSEDED), finished_at=now)
