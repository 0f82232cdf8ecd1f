"""Settling: staged changes become records, records become entries, entries become versions. All invisible.

One worker at a time settles a register, under a fenced lease; each slice is one transaction. A worker that dies
leaves a run that the next holder of the lease carries to its end: settling only rolls forward.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import compress
from threading import get_ident

from registry.errors import PublicationStopped
from registry.model.diff import CHANGING, Action
from registry.model.issue_ledger import KEEPING, Keeping
from registry.model.register import Register
from registry.model.run import Tally
from registry.model.visibility import day_of
from registry.services.ingest import authority, merging, publish, sharing
from registry.services.ordering import Clock
from registry.store import changes, holdings, leases, publications, records, registers, runs
from registry.store.changes import Change, Staged
from registry.store.engine import Connection, Engines, lock_row, transaction
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
    keeping: Keeping = KEEPING

    def settle_register(self, register_id: int) -> None:
        """Settle and publish every decided run of a register, the oldest first, and whatever is left over
        from a worker that died; while publication is stopped, as much as may wait invisibly.
        Raises ``LeaseLost`` where this worker was too slow."""
        with self.hold(register_id) as held, suppress(PublicationStopped):
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
        # Threads of one worker exclude each other too; the same thread, begun again, need not wait.
        holder = f"{settler.holder}/{get_ident()}"
        pause = 0.01
        while self._lease is None:
            with transaction(settler.engines.write) as connection:
                self._lease = leases.take(
                    connection, f"register:{self.register_id}", holder, settler.clock(), settler.lease
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
        """Carry every decided run to its publication, and verify the last publication.

        Raises ``PublicationStopped`` behind the first run that may not be published: the next one must not be
        begun above it, for half of it would become visible with the first.
        """
        publish.verify_last(self)
        with self.settler.engines.read.connect() as connection:
            pending = runs.settling(connection, self.register_id)
        for run_id in pending:
            while self._settle_slice(run_id):
                pass
            self._unbury(run_id)
            followed = authority.follow(self)
            publish.publish(self, run_id=run_id, cause=f"run:{run_id}")
            authority.followed(self, followed)
        while followed := authority.follow(self):
            publish.publish(self, cause=authority.cause_of(followed[-1]))
            authority.followed(self, followed)

    def _settle_slice(self, run_id: int) -> bool:
        """Settle one slice; False when nothing was left."""
        with transaction(self.settler.engines.write) as connection:
            register = self.fence(connection)
            run = runs.get(connection, run_id, lock=True)
            rows = changes.slice_after(connection, run_id, run.settled_through, self.settler.slice_size)
            if not rows:
                return False
            now = self.settler.clock()
            candidates = _apply(connection, run, rows, now)
            sharing.note_shared(connection, run, candidates, self.settler.keeping)
            cause = f"run:{run_id}" if run.cause == "order" else f"act:{run.cause}:{run_id}"
            merging.merge(connection, register, candidates, on=day_of(now), cause=cause)
            return True

    def _unbury(self, run_id: int) -> None:
        """Where the run retires its source: what the source had declared gone before stands for the others again."""
        with self.settler.engines.read.connect() as connection:
            run = runs.get(connection, run_id)
        after = ""
        while run.cause == "retire":
            with self.settler.engines.read.connect() as connection:
                identifiers = holdings.buried(
                    connection, run.register_id, run.source_id, after=after, size=self.settler.slice_size
                )
            if not identifiers:
                return
            self.resettle(identifiers, on=day_of(self.settler.clock()), cause=f"act:retire:{run_id}")
            after = identifiers[-1]

    def resettle(self, identifiers: Sequence[str], *, on: date, cause: str) -> int:
        """Bring entries to what their records say on a day, in one transaction; returns how many changed."""
        with transaction(self.settler.engines.write) as connection:
            register = self.fence(connection)
            candidates = holdings.candidates(connection, register.id, identifiers)
            return merging.merge(connection, register, candidates, on=on, cause=cause)


def left_over(connection: Connection, register_id: int) -> bool:
    """Whether something of a register waits to be carried to its end: a decided run, a change of authority, or a
    publication whose worker died before it was verified."""
    newest = publications.last(connection, register_id)
    unverified = newest is not None and not newest.verified
    changed = bool(registers.by_id(connection, register_id).policy.to_follow)
    return unverified or changed or bool(runs.settling(connection, register_id))


def _apply(
    connection: Connection, run: runs.Run, rows: Sequence[Staged], now: datetime
) -> dict[str, list[holdings.Candidate]]:
    """Write what a slice of changes makes of the source's records; returns all that is held now under the
    identifiers concerned.

    A record that something newer has changed or only seen since the change was staged is left alone
    (OUTDATED): a run may have been held while another walk broke off.
    """
    changing = [each for each in rows if each.change.action in CHANGING]
    identifiers = [each.change.identifier for each in changing]
    present = records.present(connection, run.register_id, run.source_id, identifiers)
    held = [present.get(each.change.identifier, records.NEW) for each in changing]
    states = [_state(each.change, before) for each, before in zip(changing, held, strict=True)]
    fits = [
        before.version == each.change.base_version and before.seen_run <= run.id
        for each, before in zip(changing, held, strict=True)
    ]
    fitting = list(compress(zip(changing, states, strict=True), fits))
    outdated = [each for each, fit in zip(changing, fits, strict=True) if not fit]
    records.write(
        connection,
        [state for _, state in fitting],
        register_id=run.register_id,
        source_id=run.source_id,
        run_id=run.id,
        rules_version=run.rules_version,
        now=now,
    )
    absent = [
        each.change.record_id
        for each in rows
        if each.change.action == Action.ABSENT and each.change.record_id is not None
    ]
    records.set_absent(connection, run.id, absent, run.started_at)
    changes.mark_outdated(connection, [each.id for each in outdated])
    runs.change(
        connection,
        run.id,
        settled_through=rows[-1].id,
        live_change=run.live_change + sum(_LIVE_CHANGE.get(each.change.action, 0) for each, _ in fitting),
        tally=_tally_behind(run, Counter(each.change.action for each in outdated)),
    )
    return _held_now(connection, run, fitting, now)


def _tally_behind(run: runs.Run, outdated: Mapping[str, int]) -> Tally:
    """The tally of a run behind a slice of which so many changes (by action) were overtaken."""
    if run.cause != "order":
        return run.tally.overtaken(outdated)
    return replace(run.tally, outdated=run.tally.outdated + sum(outdated.values()))


def _held_now(
    connection: Connection,
    run: runs.Run,
    settled: Sequence[tuple[Staged, records.RecordState]],
    now: datetime,
) -> dict[str, list[holdings.Candidate]]:
    """The candidates for the entries of settled changes. Where no other source holds a record, the one just
    written is the only candidate and need not be read again."""
    identifiers = [state.identifier for _, state in settled]
    shared = holdings.held_elsewhere(connection, run.register_id, run.source_id, identifiers)
    others = holdings.candidates(connection, run.register_id, sorted(shared)) if shared else {}
    return {
        state.identifier: others[state.identifier]
        if state.identifier in shared
        else [holdings.candidate_of(state, run.source_id, run.source_code, each.digest, each.facts, now)]
        for each, state in settled
    }


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
