"""Retiring a source withdraws its records: as a run like any other, settled and published like any other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from registry.model.event import Actor
from registry.model.run import RunStatus, Scope, Window
from registry.store import changes, runs, sources


def withdraw_all(connection: Connection, source: sources.Source, actor: Actor, now: datetime) -> int:
    """Stage the deletion of every live record of the source, within the caller's transaction.

    Returns the id of the run, which the caller has settled afterwards. What was being collected or held
    of this source is given up.
    """
    standing = runs.unsettled(connection, source.id)
    if standing is not None and standing.status is not RunStatus.SETTLING:
        runs.change(connection, standing.id, status=str(RunStatus.SUPERSEDED))
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
    return run_id
