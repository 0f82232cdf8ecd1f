"""Publishing: one short transaction moves a register's mark; readers see all of it or nothing.

The datestamp lies at least one second ahead, and answers show a publication only when its second has passed: so
whoever asks with ``from`` = an earlier responseDate misses nothing. A commit that came too late for its datestamp
is stamped again; one that nobody verified (the worker died) is too. Until it is verified, answers leave it out
and are dated no later than its datestamp (``publications.certain_until``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from registry.errors import PublicationStopped
from registry.model.register import Register
from registry.model.run import Ending, RunStatus, Scope, Verdict
from registry.services import health, ordering
from registry.services.ingest.delivered import take_in
from registry.store import publications, registers, runs, sources, stops
from registry.store.engine import Connection, transaction

if TYPE_CHECKING:
    from registry.services.ingest.settle import RegisterLease


_PROGRESS = ("etag", "last_modified", "full_at", "cursor_sequence")
"""What of a source says how far it has been read: a run that began before it was to be read anew says nothing of it."""


def ahead_of(now: datetime, previous: datetime | None) -> datetime:
    """A datestamp for a publication: a whole second, one second ahead at least, never before ``previous``."""
    coming = (now + timedelta(seconds=1)).replace(microsecond=0)
    if coming < now + timedelta(seconds=1):
        coming += timedelta(seconds=1)
    return coming if previous is None else max(coming, previous)


def publish(lease: RegisterLease, *, cause: str, run_id: int | None = None) -> int | None:
    """Make everything settled visible, end the run, and ask the registers above to read.

    Returns the publication's id; None where nothing had changed. Raises ``PublicationStopped``, having changed
    nothing, while a stop stands.
    """
    settler = lease.settler
    with transaction(settler.engines.write) as connection:
        register = lease.fence(connection)
        if (stop := stops.standing(connection, firm=True)) is not None:
            raise PublicationStopped(stop.text)
        now = settler.clock()
        publication_id = _publish(connection, register, cause, now)
        if run_id is not None:
            _end_run(connection, run_id, publication_id, now)
        if publication_id is not None:
            ordering.order_parents(connection, register.code, now)
    if publication_id is not None:
        verify_last(lease)
    return publication_id


def _publish(connection: Connection, register: Register, cause: str, now: datetime) -> int | None:
    if register.head == register.mark:
        return None
    datestamp = ahead_of(now, register.published_at)
    publication_id = publications.add(
        connection,
        register_id=register.id,
        first_sequence=register.mark + 1,
        last_sequence=register.head,
        datestamp=datestamp,
        cause=cause,
        now=now,
    )
    registers.move_mark(connection, register.id, register.head, datestamp)
    return publication_id


def _end_run(connection: Connection, run_id: int, publication_id: int | None, now: datetime) -> None:
    source_id = runs.get(connection, run_id).source_id
    source = sources.by_id(connection, source_id, lock=True)  # sources before runs, as everybody locks them
    run = runs.get(connection, run_id, lock=True)
    runs.change(
        connection,
        run_id,
        status=str(RunStatus.PUBLISHED),
        published_at=now,
        finished_at=run.finished_at or now,  # an act has no walk that ended before
        publication_id=publication_id,
    )
    values = {"live": source.live + run.live_change, **_read_so_far(source, run, now)}
    if "succeeded_at" in values:
        values["late_at"] = None
    sources.change(connection, source.id, **values)
    take_in(connection, source.description, str(values.get("etag", "")))
    health.judge(connection, source.id, now)


def _read_so_far(source: sources.Source, run: runs.Run, now: datetime) -> dict[str, object]:
    """What a run that is published says of its source, and of how far it has been read."""
    values: dict[str, object] = {}
    walk = run.walk
    if walk is not None and walk.name:
        values["told_name"] = walk.name
    if run.ending is Ending.NOT_MODIFIED:
        values["succeeded_at"] = now
    elif walk is not None and run.verdict is Verdict.PARTIAL:
        if source.description.is_delivered and walk.etag:
            values["etag"] = walk.etag  # what could be read of a delivery was read
    elif walk is not None:
        values.update(succeeded_at=now, etag=walk.etag, last_modified=walk.last_modified)
        if run.scope is Scope.FULL:
            values["rules_version"] = run.rules_version
        doubted = walk.total_changed or walk.end_untold or walk.missed or run.tally.moved
        if walk.cursor_since is not None and not doubted:  # else the list may have hidden a change
            values["cursor_since"] = walk.cursor_since
        if walk.missed:
            values["full_at"] = (
                None  # what it left out that nobody knew of, only another whole list can bring
            )
        if walk.cursor_sequence:
            values["cursor_sequence"] = max(walk.cursor_sequence, source.cursor_sequence)
        if run.scope is Scope.FULL and run.verdict is Verdict.COMPLETE:
            values["full_at"] = run.started_at
    if source.anew_at is not None and run.started_at < source.anew_at:
        return {name: value for name, value in values.items() if name not in _PROGRESS}
    return values


def verify_last(lease: RegisterLease) -> None:
    """See to it that the last publication was committed before its datestamp; else stamp it again."""
    settler = lease.settler
    while True:
        with transaction(settler.engines.write) as connection:
            register = lease.fence(connection)
            newest = publications.last(connection, register.id)
            if newest is None or newest.verified:
                return
            now = settler.clock()
            if now < newest.datestamp:
                publications.verify(connection, newest.id)
                return
            again = ahead_of(now, newest.datestamp)
            publications.stamp_again(connection, newest.id, again)
            registers.move_mark(connection, register.id, register.mark, again)
