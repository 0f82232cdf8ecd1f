"""Orders: placed by people and clocks, claimed by workers (``store.claims``), and ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from registry.errors import LeaseLost
from registry.model.issue import Text
from registry.model.order import Order, OrderKind, OrderStatus
from registry.model.run import Pause
from registry.model.source import SourceDescription
from registry.store.engine import is_sqlite
from registry.store.tables import orders

_c = orders.c
COLUMNS = (
    _c.id, _c.kind, _c.register_id, _c.source, _c.full, _c.requested_by, _c.requested_at, _c.fence,
    _c.slow, _c.attempts,
)  # fmt: skip


def order_of(row: Any) -> Order:
    """The order in a row of ``COLUMNS``."""
    key, kind, register_id, source, *rest = row
    description = None if source is None else msgspec.convert(source, SourceDescription)
    return Order(key, OrderKind(kind), register_id, description, *rest)


def place(
    connection: Connection,
    *,
    kind: OrderKind,
    register_id: int,
    source: SourceDescription | None,
    full: bool,
    requested_by: str,
    now: datetime,
    slow: bool = False,
    at_once: bool = False,
) -> int:
    """Place an order, or join one of the same kind that waits already (a full one stays full).

    ``slow``: in which lane a new one runs; ``at_once``: one that is postponed waits no longer. Returns the id of
    the order that will carry it out.
    """
    values = _values(kind, register_id, source, requested_by, now) | {"full": full, "slow": slow}
    new = _new(connection, values)
    join = (
        update(orders)
        .where(
            _c.kind == str(kind),
            _c.status == str(OrderStatus.WAITING),
            _c.register_id == register_id,
            _c.source_id.is_not_distinct_from(source.id if source else None),
        )
        .values(
            source=source,
            host=source.host if source else "",
            full=true() if full else _c.full,
            not_before=None if at_once else _c.not_before,
        )
        .returning(_c.id)
    )
    # A waiting one that is claimed between the two statements has begun without what is asked for now: the
    # update does not find it, and its place is free again.
    while True:
        for statement in (new, join):
            placed = connection.execute(statement).scalar_one_or_none()
            if placed is not None:
                return int(placed)


def place_alone(
    connection: Connection,
    *,
    kind: OrderKind,
    register_id: int,
    source: SourceDescription,
    requested_by: str,
    now: datetime,
) -> int | None:
    """Place an order that joins no other: returns its id, or None where one of the kind waits already (of the source;
    where that is not registered, its id 0, of the register)."""
    values = _values(kind, register_id, source, requested_by, now) | {"full": False}
    placed: int | None = connection.execute(_new(connection, values)).scalar_one_or_none()
    return placed


def _values(
    kind: OrderKind, register_id: int, source: SourceDescription | None, requested_by: str, now: datetime
) -> dict[str, Any]:
    return {
        "kind": str(kind), "register_id": register_id, "source_id": (source.id or None) if source else None,
        "status": str(OrderStatus.WAITING), "source": source, "requested_by": requested_by, "requested_at": now,
        "host": source.host if source else "",
    }  # fmt: skip


def _new(connection: Connection, values: dict[str, Any]) -> Any:
    dialect = sqlite if is_sqlite(connection) else postgresql
    return dialect.insert(orders).values(**values).on_conflict_do_nothing().returning(_c.id)


def renew(connection: Connection, order: Order, now: datetime, duration: timedelta) -> None:
    """Prolong a claim within the caller's transaction. Raises ``LeaseLost`` where another has it now."""
    renewed = connection.execute(
        update(orders)
        .where(_c.id == order.id, _c.fence == order.fence, _c.status == str(OrderStatus.RUNNING))
        .values(lease_until=now + duration)
    ).rowcount
    if not renewed:
        raise _lost(order)


def hold(connection: Connection, order: Order) -> None:
    """Lock a claim until the caller's transaction ends. Raises ``LeaseLost`` where another has it now."""
    query = select(_c.id).where(
        _c.id == order.id, _c.fence == order.fence, _c.status == str(OrderStatus.RUNNING)
    )
    if connection.execute(query.with_for_update(key_share=True)).one_or_none() is None:
        raise _lost(order)


def _lost(order: Order) -> LeaseLost:
    return LeaseLost(
        Text(zh=f"任务 {order.id} 已被其他进程接管。", en=f"order {order.id} has passed to another worker.")
    )


def finish(
    connection: Connection, order: Order, status: OrderStatus, outcome: dict[str, Any], now: datetime
) -> None:
    """End an order that the caller still holds."""
    connection.execute(
        update(orders)
        .where(_c.id == order.id, _c.fence == order.fence)
        .values(status=str(status), finished_at=now, lease_until=None, outcome=outcome)
    )


def cancel(connection: Connection, source_id: int, outcome: dict[str, Any], now: datetime) -> list[int]:
    """End the harvests of a source that wait or run, with this outcome: whoever carries one out has lost it. Their
    ids."""
    query = (
        update(orders)
        .where(*_harvests_of(source_id))
        .values(status=str(OrderStatus.DONE), finished_at=now, lease_until=None, outcome=outcome)
        .returning(_c.id)
    )
    return sorted(connection.execute(query).scalars())


def is_asked_for(connection: Connection, source_id: int) -> bool:
    """Whether a harvest of a source waits or runs."""
    query = select(_c.id).where(*_harvests_of(source_id)).limit(1)
    return connection.execute(query).first() is not None


def _harvests_of(source_id: int) -> tuple[ColumnElement[bool], ...]:
    """The harvests of a source that wait or run, among the orders that are open (which are indexed)."""
    return (_c.finished_at.is_(None), _c.source_id == source_id, _c.kind == str(OrderKind.HARVEST))


def drop(connection: Connection, kind: OrderKind, register_id: int, now: datetime) -> None:
    """End the waiting order of a kind on a register: it has been seen to."""
    query = update(orders).where(
        _c.kind == str(kind), _c.register_id == register_id, _c.status == str(OrderStatus.WAITING)
    )
    connection.execute(query.values(status=str(OrderStatus.DONE), finished_at=now))


def return_to_waiting(connection: Connection, order: Order, pause: Pause | None, now: datetime) -> None:
    """Put a claimed order back: the next one goes on at its checkpoint, as ``pause`` says later."""
    connection.execute(
        update(orders)
        .where(_c.id == order.id, _c.fence == order.fence)
        .values(
            status=str(OrderStatus.WAITING),
            lease_until=None,
            claimed_by="",
            dispatched_at=None,
            **_paused(pause, now),
        )
    )


def pass_on(connection: Connection, order: Order, pause: Pause | None, now: datetime) -> None:
    """The next order of the same source and kind, which waits, goes on in the place of ``order``."""
    connection.execute(
        update(orders)
        .where(
            _c.kind == str(order.kind),
            _c.status == str(OrderStatus.WAITING),
            _c.source_id == (order.source.id if order.source else None),
        )
        .values(full=true() if order.full else _c.full, **_paused(pause, now))
    )


def _paused(pause: Pause | None, now: datetime) -> dict[str, Any]:
    """What a pause makes of an order. It runs in the slow lane from then on where its walk gave way, or where the
    source did not only ask for time."""
    if pause is None:  # behind those who wait already
        return {"attempts": 0, "not_before": now}
    slow = pause.gave_way or pause.attempts > 1
    return {
        "attempts": pause.attempts,
        "not_before": now + timedelta(seconds=pause.seconds),
        "slow": true() if slow else _c.slow,
    }


def mark_slow(connection: Connection, order: Order) -> None:
    """A running order goes on in the slow lane."""
    connection.execute(update(orders).where(_c.id == order.id, _c.fence == order.fence).values(slow=true()))


def next_time(connection: Connection, now: datetime) -> datetime | None:
    """When the next order that is postponed may be claimed; None where none is."""
    query = select(func.min(_c.not_before)).where(
        _c.finished_at.is_(None), _c.status == str(OrderStatus.WAITING), _c.not_before > now
    )
    at: datetime | None = connection.scalar(query)
    return at


def description(connection: Connection, order_id: int) -> SourceDescription | None:
    """The source as an order describes it; None for an order on a register."""
    source = connection.execute(select(_c.source).where(_c.id == order_id)).scalar_one()
    return None if source is None else msgspec.convert(source, SourceDescription)


class State(NamedTuple):
    """Where an order stands: its outcome once it has ended, and until when it is postponed."""

    status: OrderStatus
    outcome: dict[str, Any] | None
    not_before: datetime | None


def state(connection: Connection, order_id: int) -> State:
    """Where an order stands."""
    row = connection.execute(select(_c.status, _c.outcome, _c.not_before).where(_c.id == order_id)).one()
    return State(OrderStatus(row.status), row.outcome, row.not_before)


class Placed(NamedTuple):
    """An order as people look at it."""

    id: int
    kind: OrderKind
    register_id: int
    source: SourceDescription | None
    status: OrderStatus
    outcome: dict[str, Any] | None
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None


def placed(connection: Connection, order_id: int) -> Placed | None:
    """One order; None where there is none under this number."""
    query = select(
        _c.id, _c.kind, _c.register_id, _c.source, _c.status, _c.outcome, _c.requested_by, _c.requested_at,
        _c.finished_at,
    ).where(_c.id == order_id)  # fmt: skip
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    source = None if row.source is None else msgspec.convert(row.source, SourceDescription)
    kind, status = OrderKind(row.kind), OrderStatus(row.status)
    return Placed(row.id, kind, row.register_id, source, status, *row[5:])


class Backlog(NamedTuple):
    """What waits to be carried out. ``alive``: claims that hold; ``lapsed_since``: when the oldest claim that was
    not taken over ran out; ``waiting_since``: since when the oldest order that waits may be carried out."""

    alive: int
    lapsed: int
    lapsed_since: datetime | None
    waiting: int
    waiting_since: datetime | None


def backlog(connection: Connection, now: datetime) -> Backlog:
    """What waits at ``now``, and whether somebody is at work."""
    running = _c.status == str(OrderStatus.RUNNING)
    alive = connection.execute(select(func.count()).where(running, _c.lease_until > now)).scalar_one()
    lapsed = select(func.count(), func.min(_c.lease_until)).where(running, _c.lease_until <= now)
    since = func.coalesce(_c.not_before, _c.requested_at)
    waiting = select(func.count(), func.min(since)).where(_c.status == str(OrderStatus.WAITING), since <= now)
    return Backlog(alive, *connection.execute(lapsed).one(), *connection.execute(waiting).one())
