"""What follows a harvest: when its source is due again, and what more there is to read."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import structlog

from harvester.errors import HarvestFailure
from harvester.protocols.deliveries import next_delivery
from harvester.schedule import next_due
from registry.model.source import Protocol, SourceDescription, SourceStatus
from registry.services.ordering import place_harvest
from registry.store import deliveries, health, runs, sources
from registry.store.engine import Engine, Engines, transaction

_log = structlog.get_logger(__name__)


def plan_next(
    engine: Engine, run: runs.Run, *, now: datetime, began: datetime, time_zone: str, longest: timedelta
) -> None:
    """Plan when the source of a run that has ended is due again: by its schedule, or later and later (up to
    ``longest``) while it fails. Tells what became of its health since the run ``began``."""
    asked = run.walk.asked_seconds if run.walk else None
    with transaction(engine) as connection:
        source = sources.by_id(connection, run.source_id, lock=True)
        due = next_due(
            source.schedule,
            now=now,
            time_zone=time_zone,
            failures=source.failures,
            longest=longest,
            asked=timedelta(seconds=asked or 0),
        )
        sources.change(connection, source.id, due_at=due)
        changes = [each for each in health.of_source(connection, source.id, 3) if each.at >= began]
    for each in reversed(changes):
        told = each.change
        reason = told.reason.en
        _log.info("source.health", source=source.code, before=told.before, after=told.after, reason=reason)


def look_for_more(engines: Engines, delivered: SourceDescription, now: datetime) -> None:
    """A run reads one delivery: order the next one where it is there already."""
    if not delivered.is_delivered:
        return
    with engines.read.connect() as connection:
        read = sources.by_id(connection, delivered.id).etag
        kept = (
            deliveries.next_delivered(connection, delivered.id, int(read or 0))
            if _is_kept(delivered)
            else None
        )
    if kept is None and (_is_kept(delivered) or not _has_next(Path(delivered.location), behind=read)):
        return
    with transaction(engines.write) as connection:
        source = sources.by_id(connection, delivered.id)
        if source.status is SourceStatus.APPROVED:
            place_harvest(connection, source, full=False, requested_by="delivery", now=now)


def _is_kept(delivered: SourceDescription) -> bool:
    """Whether its deliveries lie in the store, not in a folder."""
    return delivered.protocol is Protocol.CONSOLE


def _has_next(location: Path, *, behind: str) -> bool:
    """Whether a folder holds a delivery to be read by one who has read ``behind``."""
    try:
        return next_delivery(location, behind) is not None
    except HarvestFailure:  # the run that comes to it will tell
        return True
