"""Defects planted on purpose: each is one that a colleague could build in, and each is caught.

They are planted in the driver's own process; nothing else knows of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from registry.model.record import Page
from registry.model.run import RunStatus
from registry.services.ingest import publish, settle
from registry.services.ingest.settle import RegisterLease
from registry.services.ingest.stage import RegisterSink
from registry.services.ordering import Claims
from registry.store import leases, publications, runs
from registry.store.engine import transaction
from registry.store.tables import runs as runs_table


def plant(name: str) -> None:
    """Build the defect ``name`` into this process; nothing for an empty name."""
    if name:
        DEFECTS[name]()


def _stamp_without_running_ahead() -> None:
    """A publication is dated by the second in which it happens, and shown at once."""

    def now_or_later(now: datetime, previous: datetime | None) -> datetime:
        second = now.replace(microsecond=0)
        return second if previous is None else max(second, previous)

    publish.ahead_of = now_or_later
    _believe_every_datestamp()


def _believe_every_datestamp() -> None:
    """A commit that came too late for its datestamp keeps it."""

    def verify_last(lease: RegisterLease) -> None:
        with transaction(lease.settler.engines.write) as connection:
            register = lease.fence(connection)
            newest = publications.last(connection, register.id)
            if newest is not None:
                publications.verify(connection, newest.id)

    publish.verify_last = verify_last


def _publish_slice_by_slice() -> None:
    """Readers need not wait for the whole run."""
    settle_slice = RegisterLease._settle_slice

    def settle_and_publish(self: RegisterLease, run_id: int) -> bool:
        more = settle_slice(self, run_id)
        if more:
            publish.publish(self, cause=f"run:{run_id}")
        return more

    RegisterLease._settle_slice = settle_and_publish  # type: ignore[method-assign]


def _move_the_checkpoint_first() -> None:
    """The checkpoint is committed before the page that it stands behind."""
    take = RegisterSink.take

    def take_after_the_checkpoint(self: RegisterSink, pages: Sequence[Page]) -> list[int]:
        with transaction(self._engines.write) as connection:
            runs.change(connection, self._run.id, checkpoint=pages[-1].checkpoint)
        return take(self, pages)

    RegisterSink.take = take_after_the_checkpoint  # type: ignore[method-assign]


def _count_a_slice_later() -> None:
    """How far a run is settled is written in a transaction of its own, behind the slice."""
    settle_slice = RegisterLease._settle_slice
    later: dict[str, Any] = {}

    class Runs:
        """``registry.store.runs``, but for one column."""

        def __getattr__(self, name: str) -> Any:
            return getattr(runs, name)

        def change(self, connection: Connection, run_id: int, **values: Any) -> None:
            later["settled_through"] = values.pop("settled_through")
            runs.change(connection, run_id, **values)

    def settle_then_count(self: RegisterLease, run_id: int) -> bool:
        more = settle_slice(self, run_id)
        if more:
            with transaction(self.settler.engines.write) as connection:
                runs.change(connection, run_id, **later)
        return more

    settle.runs = Runs()  # type: ignore[assignment, attr-defined]
    RegisterLease._settle_slice = settle_then_count  # type: ignore[method-assign]


def _let_anybody_write() -> None:
    """Nobody is fenced: who has lost an order or a register goes on."""

    def agree(*_: object) -> None:
        pass

    Claims.renew = agree  # type: ignore[assignment]
    leases.hold = agree  # type: ignore[assignment]


def _settle_the_oldest_first() -> None:
    """Runs are settled in their order, whichever of them a dead worker has begun."""

    def by_age(connection: Connection, register_id: int) -> list[int]:
        c = runs_table.c
        query = select(c.id).where(c.register_id == register_id, c.status == str(RunStatus.SETTLING))
        return list(connection.execute(query.order_by(c.id)).scalars())

    runs.settling = by_age


DEFECTS: Mapping[str, Callable[[], None]] = {
    "stamp without running ahead": _stamp_without_running_ahead,
    "believe every datestamp": _believe_every_datestamp,
    "publish slice by slice": _publish_slice_by_slice,
    "move the checkpoint first": _move_the_checkpoint_first,
    "count a slice later": _count_a_slice_later,
    "let anybody write": _let_anybody_write,
    "settle the oldest first": _settle_the_oldest_first,
}
