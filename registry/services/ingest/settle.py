"""Settling: staged changes become records, records become entries, entries become versions. All invisible.

One worker at a time settles a register, under a fenced lease; each slice is one transaction. A worker that dies
leaves a run that the next holder of the lease carries to its end: settling only rolls forward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from registry.model.diff import CHANGING, Action
from registry.model.merge import AuthorityPolicy, winner
from registry.model.record import route_of
from registry.model.register import Register
from registry.model.visibility import Audience, day_of, in_publication_period, visible
from registry.services.ingest import publish, sets
from registry.services.ordering import Clock
from registry.store import changes, leases, memberships, records, registers, runs, versions
from registry.store.changes import Change
from registry.store.engine import Engines, lock_row, transaction
from registry.store.memberships import Membership
from registry.store.tables import registers as registers_table

SLICE = 2000
"""Changes a transaction: short enough that readers and other writers hardly wait."""


@dataclass(frozen=True, slots=True)
class Settler:
    """Who settles: ``holder`` names the worker; ``lease`` is how long it may be silent; ``sleep`` waits
    (seconds) for a register that another worker is settling."""

    engines: Engines
    holder: str
    clock: Clock
    sleep: Callable[[float], None]
    lease: timedelta = timedelta(seconds=60)
    slice_size: int = SLICE

    def settle_register(self, register_id: int) -> None:
        """Settle and publish every decided run of a register, the oldest first, and whatever is left over
        from a worker that died. Raises ``LeaseLost`` where this worker was too slow."""
        with self.hold(register_id) as held:
            held.finish_pending()

    def hold(self, register_id: int) -> RegisterLease:
        """The register's lease, as a context manager: waits until it is free."""
        return RegisterLease(self, register_id)


class RegisterLease:
    """The right to write versions of one register, while it lasts."""

    def __init__(self, settler: Settler, register_id: int) -> None:
        self.settler, self.register_id = settler, register_id
        self._lease: leases.Lease | None = None

    def __enter__(self) -> RegisterLease:
        settler = self.settler
        pause = 0.01
        while self._lease is None:
            with transaction(settler.engines.write) as connection:
                self._lease = leases.take(
                    connection, f"register:{self.register_id}", settler.holder, settler.clock(), settler.lease
                )
            if self._lease is None:
                settler.sleep(pause)
                pause = min(pause * 2, 1.0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._lease is not None:
            with transaction(self.settler.engines.write) as connection:
                leases.give_back(connection, self._lease, self.settler.clock())

    def fence(self, connection: Connection) -> Register:
        """Prove, within a transaction, that the lease is still held; returns the locked register."""
        assert self._lease is not None
        leases.hold(connection, self._lease, self.settler.clock(), self.settler.lease)
        lock_row(connection, registers_table, self.register_id)
        return registers.by_id(connection, self.register_id)

    def finish_pending(self) -> None:
        """Carry every decided run to its publication, and verify the last publication."""
        publish.verify_last(self)
        with self.settler.engines.write.connect() as connection:
            pending = runs.settling(connection, self.register_id)
        for run_id in pending:
            while self._settle_slice(run_id):
                pass
            publish.publish(self, run_id=run_id, cause=f"run:{run_id}")

    def _settle_slice(self, run_id: int) -> bool:
        """Settle one slice; False when nothing was left."""
        with transaction(self.settler.engines.write) as connection:
            register = self.fence(connection)
            run = runs.get(connection, run_id, lock=True)
            rows = changes.slice_after(connection, run_id, run.settled_through, self.settler.slice_size)
            if not rows:
                return False
            now = self.settler.clock()
            effective = _apply(connection, run, rows, now)
            cause = f"run:{run_id}" if run.cause == "order" else f"act:{run.cause}:{run_id}"
            resettle(connection, register, effective, on=day_of(now), cause=cause)
            return True

    def resettle(self, identifiers: Sequence[str], *, on: date, cause: str) -> int:
        """Bring entries to what their records say on a day, in one transaction; returns how many changed."""
        with transaction(self.settler.engines.write) as connection:
            return resettle(connection, self.fence(connection), identifiers, on=on, cause=cause)


def _apply(
    connection: Connection, run: runs.Run, rows: Sequence[tuple[int, Change]], now: datetime
) -> list[str]:
    """Write what a slice of changes makes of the source's records; returns the identifiers concerned.

    A record that something newer has changed since the change was staged is left alone (OUTDATED).
    """
    changing = [(key, each) for key, each in rows if each.action in CHANGING]
    present = records.present(
        connection, run.register_id, run.source_id, [each.identifier for _, each in changing]
    )
    absent_record = records.Present(None, 0, "[]")
    outdated = [
        key
        for key, each in changing
        if present.get(each.identifier, absent_record).version != each.base_version
    ]
    late = set(outdated)
    fitting = [each for key, each in changing if key not in late]
    records.write(
        connection,
        [_state(each, present.get(each.identifier, absent_record)) for each in fitting],
        register_id=run.register_id,
        source_id=run.source_id,
        run_id=run.id,
        rules_version=run.rules_version,
        now=now,
    )
    absent = [each.record_id for _, each in rows if each.action == Action.ABSENT and each.record_id]
    records.set_absent(connection, absent, run.started_at)
    changes.mark_outdated(connection, outdated)
    runs.change(
        connection,
        run.id,
        settled_through=rows[-1][0],
        live_change=run.live_change + sum(_LIVE_CHANGE.get(each.action, 0) for each in fitting),
        tally=replace(run.tally, outdated=run.tally.outdated + len(outdated)),
    )
    return [each.identifier for each in fitting]


_LIVE_CHANGE: dict[str, int] = {
    Action.CREATED: 1,
    Action.RESTORED: 1,
    Action.DELETED: -1,
    Action.VANISHED: -1,
}


def _state(change: Change, present: records.Present) -> records.RecordState:
    deleted = change.action in (Action.DELETED, Action.VANISHED)
    return records.RecordState(
        id=present.id,
        identifier=change.identifier,
        document_id=change.document_id,
        deleted=deleted,
        raw_digest=change.raw_digest,
        datestamp=change.datestamp,
        version=present.version + 1,
        path=present.path if deleted and change.path == "[]" else change.path,
    )


def resettle(
    connection: Connection, register: Register, identifiers: Sequence[str], *, on: date, cause: str
) -> int:
    """Bring the entries of ``identifiers`` to what their records say on the day ``on``: the winner of the
    merge, as a tombstone where it is deleted or out of its publication period. Writes versions above the
    register's head, within the caller's transaction; returns how many.
    """
    if not identifiers:
        return 0
    candidates = records.candidates(connection, register.id, identifiers)
    heads = versions.heads(connection, register.id, identifiers)
    memberships_of_heads = memberships.by_ids(connection, {head.membership_id for head in heads.values()})
    drafts = [
        draft
        for identifier in dict.fromkeys(identifiers)
        if identifier in candidates
        for draft in _draft(
            identifier, candidates[identifier], heads.get(identifier), register.policy.authority, on
        )
    ]
    wanted = [_membership(draft, memberships_of_heads, on) for draft in drafts]
    ids = memberships.ids_of(connection, set(wanted))
    new = [
        versions.NewVersion(
            sequence, draft.identifier, draft.chosen.document_id, draft.deleted,
            draft.chosen.record.source_id, draft.route, draft.chosen.path, ids[membership],
            draft.was_public, draft.was_peer, draft.head,
        )
        for sequence, draft, membership in zip(
            range(register.head + 1, register.head + 1 + len(drafts)), drafts, wanted, strict=True
        )
    ]  # fmt: skip
    if new:
        versions.append(connection, register.id, new, cause)
        memberships.file_versions(connection, register.id, new[0].sequence, new[-1].sequence)
        registers.advance_head(connection, register.id, new[-1].sequence, sum(map(_entries_change, drafts)))
    return len(new)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A version before its sequence is known."""

    identifier: str
    chosen: records.Candidate
    deleted: bool
    route: str
    was_public: bool
    was_peer: bool
    head: versions.Head | None


def _draft(
    identifier: str,
    candidates: Sequence[records.Candidate],
    head: versions.Head | None,
    policy: AuthorityPolicy,
    on: date,
) -> Iterator[_Draft]:
    """The entry's next version; none where its head says the same already."""
    best = winner([each.record for each in candidates], policy)
    chosen = next(each for each in candidates if each.record is best)
    facts = chosen.record.facts
    deleted = chosen.record.deleted or facts is None or not in_publication_period(facts, on)
    route = " ".join(route_of(chosen.record.path))
    if head is not None and head.deleted and deleted:
        return
    if head is not None and (head.document_id, head.deleted, head.source_id, head.route) == (
        chosen.document_id,
        deleted,
        chosen.record.source_id,
        route,
    ):
        return
    shown = None if deleted else facts
    yield _Draft(
        identifier,
        chosen,
        deleted,
        route,
        (head is not None and head.was_public) or visible(shown, Audience.PUBLIC, on),
        (head is not None and head.was_peer) or visible(shown, Audience.PEER, on),
        head,
    )


def _membership(draft: _Draft, of_heads: dict[int, Membership], on: date) -> Membership:
    facts = draft.chosen.record.facts
    specs = sets.specs_of(facts, on) if facts is not None else ()
    if draft.head is None:
        return Membership(specs)
    return of_heads[draft.head.membership_id].followed_by(specs)


def _entries_change(draft: _Draft) -> int:
    before = 0 if draft.head is None or draft.head.deleted else 1
    return (0 if draft.deleted else 1) - before
