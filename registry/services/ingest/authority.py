"""Changes of authority, pins, erasures: the standing entries follow, in slices, as if settled at once.

What is left to follow stands in the register's policy: whoever holds the lease next goes on where a worker died.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from registry.model.register import AuthorityChange
from registry.model.visibility import day_of
from registry.store import holdings, registers
from registry.store.engine import transaction

if TYPE_CHECKING:
    from registry.services.ingest.settle import RegisterLease


def follow(lease: RegisterLease) -> tuple[AuthorityChange, ...]:
    """Bring the entries to what their records say under the register's policy as it stands now; returns the changes
    that are followed by that, the oldest first.

    Only entries can change that are named, or that a source whose authority was changed shares with another one. The
    caller publishes them, and then has it noted (:func:`followed`): what was not published yet is followed again,
    which changes nothing.
    """
    with lease.settler.engines.read.connect() as connection:
        waiting = registers.by_id(connection, lease.register_id).policy.to_follow
    for change in waiting:
        _resettle(lease, change)
    return waiting


def followed(lease: RegisterLease, changes: Sequence[AuthorityChange]) -> None:
    """What :func:`follow` returned is published. Changes that came meanwhile stay."""
    if not changes:
        return
    with transaction(lease.settler.engines.write) as connection:
        register = lease.fence(connection)
        left = tuple(each for each in register.policy.to_follow if each not in changes)
        registers.change(connection, register.id, policy=replace(register.policy, to_follow=left))


def cause_of(change: AuthorityChange) -> str:
    """The cause of versions that a change of authority brought about."""
    return f"act:{change.act}:{change.event_id}"


def _resettle(lease: RegisterLease, change: AuthorityChange) -> None:
    settler = lease.settler
    if change.identifier:
        lease.resettle([change.identifier], on=day_of(settler.clock()), cause=cause_of(change))
        return
    after = ""
    while True:
        with settler.engines.read.connect() as connection:
            identifiers = holdings.shared(
                connection, lease.register_id, change.source_code, after=after, size=settler.slice_size
            )
        if not identifiers:
            return
        lease.resettle(identifiers, on=day_of(settler.clock()), cause=cause_of(change))
        after = identifiers[-1]
