"""Judging the health of a source in the transaction that changes what decides it: once a transition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from registry.model.health import Change, LastFailure, change
from registry.model.run import Walk
from registry.store import health, sources
from registry.store.engine import Connection, Engine, transaction

BEGINNING: Mapping[str, Any] = MappingProxyType({"failures": 0, "failures_by_kind": {}, "late_at": None})
"""What is set where people have a source harvested (again): what failed before does not count."""


def judge(connection: Connection, source_id: int, now: datetime) -> Change | None:
    """Move a source, whose row the caller has locked, to the state that its facts lead to."""
    source = sources.by_id(connection, source_id)
    found = change(source.health, source.facts, now)
    if found is not None:
        sources.change(connection, source_id, health=str(found.after), health_since=now)
        health.add(connection, source_id, found, now)
    return found


def count(connection: Connection, source: sources.Source, walk: Walk, now: datetime) -> None:
    """Note how the walk over a source, whose row the caller has locked, has ended. The end of its run is judged
    apart: a run that is still to be published has not succeeded yet."""
    if not walk.broke_off:
        sources.change(connection, source.id, failures=0, failures_by_kind={})
        return
    kind = str(walk.ending)
    sources.change(
        connection,
        source.id,
        failures=source.failures + 1,
        failures_by_kind=source.failures_by_kind | {kind: source.failures_by_kind.get(kind, 0) + 1},
        last_failure=LastFailure(walk.ending, walk.message, now),
    )


def judge_late(engine: Engine, now: datetime, limit: int) -> list[tuple[str, Change]]:
    """Move the sources whose time to succeed has passed; returns their codes and what has changed. The clock
    calls this; any number of processes may."""
    found = []
    with transaction(engine) as connection:
        for source in sources.overdue(connection, now, limit):
            moved = judge(connection, source.id, now)
            if moved is not None:
                found.append((source.code, moved))
    return found
