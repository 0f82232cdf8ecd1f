"""Stopping publication for the whole installation, and letting it go on: one transaction, one event each."""

from __future__ import annotations

from datetime import datetime

from registry.errors import Conflict
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.role import Permission
from registry.model.stop import Stop
from registry.services import access
from registry.services.reviewing import need_reason
from registry.store import events, stops
from registry.store.engine import Engine, transaction

SUBJECT = "installation"
"""What the events of stopping and resuming are about."""

_NOT_STOPPED = Text(
    zh="发布没有停止，无需恢复。", en="publication is not stopped; there is nothing to resume."
)


def stop_publication(engine: Engine, stop: Stop) -> bool:
    """Publish nothing from now on, on no host; False where that was so before (the older stop stands)."""
    with transaction(engine) as connection:
        if not stops.put(connection, stop):
            return False
        after = {"causes": list(stop.causes), "host": stop.set_by}
        event = Event(
            Actor("canaries", stop.set_by), "stop-publication", SUBJECT, stop.reason.en, after=after
        )
        events.record(connection, event, stop.since)
        return True


def resume_publication(engine: Engine, *, actor: Actor, now: datetime, reason: str) -> Stop:
    """A person lifts the stop; returns the one that stood. What waits is published by whoever settles next.

    Raises ``Conflict`` where none stands, ``Refused`` without a reason.
    """
    need_reason(reason)
    with transaction(engine) as connection:
        access.require(connection, actor, Permission.RESUME_PUBLICATION, None)
        stop = stops.standing(connection)
        if stop is None or not stops.remove(connection, stop.since):
            raise Conflict(_NOT_STOPPED)
        before = {"since": stop.since.isoformat(), "causes": list(stop.causes), "host": stop.set_by}
        events.record(connection, Event(actor, "resume-publication", SUBJECT, reason, before=before), now)
        return stop
