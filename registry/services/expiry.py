"""What the calendar changes: publication periods that begin or end, published like any other change.

Days are those of Asia/Shanghai. A period that ended becomes a tombstone, one that began a live entry; the registers
above read it from the log like everything else.
"""

from __future__ import annotations

from datetime import date, timedelta

from registry.services.ingest import publish
from registry.services.ingest.settle import RegisterLease
from registry.store import entries, registers
from registry.store.engine import transaction


def expire(lease: RegisterLease, on: date, *, batch: int = 1000) -> int:
    """Publish what changed by the calendar up to and including ``on``; returns how many entries.

    Safe to repeat: entries that say already what they should are left alone. Raises ``PublicationStopped`` where
    that must wait; the day is looked at again then.
    """
    lease.finish_pending()
    engines, register_id = lease.settler.engines, lease.register_id
    with engines.read.connect() as connection:
        since = registers.expired_through(connection, register_id)
    first = on if since is None else since + timedelta(days=1)
    changed = 0
    after = 0
    while True:
        with engines.read.connect() as connection:
            found = entries.touched_by_calendar(
                connection, register_id, None if since is None else first, on, after=after, limit=batch
            )
        if not found:
            break
        after = found[-1][0]
        changed += lease.resettle([identifier for _, identifier in found], on=on, cause=f"clock:{on}")
    publish.publish(lease, cause=f"clock:{on}")
    with transaction(engines.write) as connection:
        lease.fence(connection)
        registers.set_expired_through(connection, register_id, on)
    return changed
