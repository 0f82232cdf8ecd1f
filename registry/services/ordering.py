"""Placing, claiming and ending orders: the only way in which work gets from people and clocks to the worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from registry.errors import Conflict, LeaseLost
from registry.model.event import Actor, Event
from registry.model.health import late_at
from registry.model.issue import Text
from registry.model.lanes import Lanes
from registry.model.order import Order, OrderKind, OrderStatus
from registry.model.role import Permission
from registry.model.run import Pause
from registry.model.source import SourceStatus
from registry.services import access
from registry.store import claims, events, leases, notifications, orders, registers, runs, sources, stops
from registry.store.engine import Connection, Engine, IntegrityError, transaction

Clock = Callable[[], datetime]

_SCHEDULE = "schedule"


def order_harvest(engine: Engine, source_code: str, *, full: bool, actor: Actor, now: datetime) -> int:
    """A person asks for a harvest. Returns the order's id. Raises ``Conflict`` unless the source is approved."""
    with transaction(engine) as connection:
        source = sources.get(connection, source_code)
        register_id = source.description.register_id
        access.require(connection, actor, Permission.HARVEST, register_id, source=source)
        if source.status is not SourceStatus.APPROVED:
            raise Conflict(
                Text(
                    zh=f"来源 {source_code} 的状态是 {source.status}，只有已批准的来源才能采集。",
                    en=f"the source {source_code} is {source.status}; only approved sources are harvested.",
                )
            )
        order_id = place_harvest(
            connection, source, full=full, requested_by=actor.name, now=now, at_once=True
        )
        events.record(
            connection,
            Event(
                actor,
                "harvest",
                f"source:{source_code}",
                after={"order": order_id, "full": full},
                register_id=register_id,
            ),
            now,
        )
        return order_id


def place_harvest(
    connection: Connection,
    source: sources.Source,
    *,
    full: bool,
    requested_by: str,
    now: datetime,
    at_once: bool = False,
) -> int:
    """Place a harvest order within the caller's transaction; joins one that waits already (``at_once``: also one
    that is postponed, which waits no longer)."""
    return orders.place(
        connection,
        kind=OrderKind.HARVEST,
        register_id=source.description.register_id,
        source=source.description,
        full=full,
        requested_by=requested_by,
        now=now,
        slow=source.failures > 0,
        at_once=at_once,
    )


def order_parents(connection: Connection, register_code: str, now: datetime) -> list[int]:
    """A register has published: ask every register above it in this installation to read its log."""
    return [
        place_harvest(connection, source, full=False, requested_by=f"publication:{register_code}", now=now)
        for source in sources.fed_by(connection, register_code)
    ]


def place_settling(connection: Connection, register_id: int, *, requested_by: str, now: datetime) -> int:
    """Something was decided about a run: have it settled and published, by whichever worker comes first."""
    return _place_on_register(connection, OrderKind.SETTLE, register_id, requested_by, now)


def place_delivery(connection: Connection, register_id: int, *, requested_by: str, now: datetime) -> int:
    """Mails about a register are due: have them sent."""
    return _place_on_register(connection, OrderKind.DELIVER, register_id, requested_by, now)


def drop_settled(engine: Engine, register_id: int, now: datetime) -> None:
    """Whoever decided has settled the register already: what was ordered for it needs nobody any more."""
    with transaction(engine) as connection:
        waiting = registers.by_id(connection, register_id).policy.to_follow
        if not waiting and not runs.settling(connection, register_id):
            orders.drop(connection, OrderKind.SETTLE, register_id, now)


def order_expiry(engine: Engine, register_code: str, *, requested_by: str, now: datetime) -> int:
    """Ask for what the calendar changed in a register. Returns the order's id."""
    with transaction(engine) as connection:
        register = registers.get(connection, register_code)
        return _place_on_register(connection, OrderKind.EXPIRE, register.id, requested_by, now)


def order_due(
    engine: Engine,
    *,
    holder: str,
    lease: timedelta,
    now: datetime,
    today: date,
    following: Callable[[str, datetime], datetime | None],
    limit: int,
) -> int:
    """Place what the clock asks for: a harvest of every source that is due, and once a day (``today``, in
    Asia/Shanghai) a look at the calendar for every register, unless publication is stopped. Returns how many
    orders.

    ``following(schedule, now)`` tells when a source is due again. Nothing is placed where another process
    than ``holder`` has the lease of the schedule.
    """
    with transaction(engine) as connection:
        if leases.take(connection, _SCHEDULE, holder, now, lease) is None:
            return 0
        due = sources.due(connection, now, limit)
        # Sources before orders, as publishing locks them, and by their ids, as whoever changes several does.
        for source in sorted(due, key=lambda each: each.id):
            next_due = following(source.schedule, now)
            sources.change(connection, source.id, due_at=next_due, late_at=late_at(source.late_at, next_due))
        for source in due:
            place_harvest(connection, source, full=False, requested_by="schedule", now=now)
        return len(due) + _order_calendar(connection, today, now) + _order_letters(connection, now)


def is_scheduled(engine: Engine, now: datetime) -> bool:
    """Whether a process stands by that has orders carried out (it holds the lease of the schedule)."""
    with engine.connect() as connection:
        return leases.is_held(connection, _SCHEDULE, now)


def end_schedule(engine: Engine, *, holder: str, now: datetime) -> None:
    """``holder`` places no more orders: its lease ends now rather than when it would run out."""
    with transaction(engine) as connection:
        leases.take(connection, _SCHEDULE, holder, now, timedelta(0))


def _order_calendar(connection: Connection, today: date, now: datetime) -> int:
    placed = 0
    if stops.standing(connection) is not None:
        return placed  # nothing would come of it, and it would be asked for again at every tick
    for register in registers.listed(connection):
        through = registers.expired_through(connection, register.id)
        if through is None or through < today:
            _place_on_register(connection, OrderKind.EXPIRE, register.id, "calendar", now)
            placed += 1
    return placed


def _order_letters(connection: Connection, now: datetime) -> int:
    found = notifications.registers_with_letters(connection, now)
    for register_id in found:
        place_delivery(connection, register_id, requested_by="schedule", now=now)
    return len(found)


def _place_on_register(
    connection: Connection, kind: OrderKind, register_id: int, requested_by: str, now: datetime
) -> int:
    return orders.place(
        connection,
        kind=kind,
        register_id=register_id,
        source=None,
        full=False,
        requested_by=requested_by,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Claims:
    """How one worker claims and ends orders. ``holder`` names it; ``lease`` is how long a claim lasts; ``lanes``
    decides what may be claimed."""

    engine: Engine
    holder: str
    clock: Clock
    lease: timedelta
    lanes: Lanes = field(default_factory=Lanes)

    def claim(self, order_id: int) -> Order | None:
        """Take an order; None where another worker has it or it is done, and where it may not begin yet."""
        with transaction(self.engine) as connection:
            return claims.claim(connection, order_id, self.holder, self.clock(), self.lease, self.lanes)

    def renew(self, connection: Connection, order: Order) -> None:
        """Keep a claim alive within a transaction. Raises ``LeaseLost``."""
        orders.renew(connection, order, self.clock(), self.lease)

    @contextmanager
    def kept(self, order: Order) -> Iterator[None]:
        """Keep a claim alive in the background during the block: one answer may last longer than a lease.

        A claim that was lost is not taken back; the next :meth:`renew` in the block's own work tells.
        """
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(self.lease.total_seconds() / 3):
                try:
                    with transaction(self.engine) as connection:
                        self.renew(connection, order)
                except LeaseLost:
                    return

        heart = threading.Thread(target=beat, name=f"mulu-claim-{order.id}", daemon=True)
        heart.start()
        try:
            yield
        finally:
            ended.set()
            heart.join()

    def finish(self, order: Order, status: OrderStatus, outcome: dict[str, Any]) -> None:
        """End an order with what came of it."""
        with transaction(self.engine) as connection:
            orders.finish(connection, order, status, outcome, self.clock())

    def hand_back(self, order: Order, pause: Pause | None = None) -> None:
        """Let another worker go on with an order (at its checkpoint), when ``pause`` is over."""
        now = self.clock()
        try:
            with transaction(self.engine) as connection:
                orders.return_to_waiting(connection, order, pause, now)
        except IntegrityError:  # the next one waits already and will go on in its place
            with transaction(self.engine) as connection:
                orders.finish(connection, order, OrderStatus.DONE, {"ending": "interrupted"}, now)
                orders.pass_on(connection, order, pause, now)
