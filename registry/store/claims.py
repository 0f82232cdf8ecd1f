"""Which orders may be claimed, in which order, and claiming one: a conditional update with a fence.

Who decides sees all orders that run: claims of an installation are made one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, String, cast, func, literal_column, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from registry.model.lanes import Lanes, Traffic, free_slow, may_start
from registry.model.order import Order, OrderKind, OrderStatus
from registry.model.source import Protocol
from registry.store import workers
from registry.store.engine import among, one_at_a_time
from registry.store.orders import COLUMNS, order_of
from registry.store.tables import orders, sources

_c = orders.c
_WAITING = _c.status == literal_column(f"'{OrderStatus.WAITING}'")
_RUNNING = _c.status == literal_column(f"'{OrderStatus.RUNNING}'")
_OPEN = _c.finished_at.is_(None)
"""Words of the partial indexes, which a parameter would hide from SQLite."""

_WHAT = (
    _c.kind + ":" + func.coalesce("s" + cast(_c.source_id, String), "r" + cast(_c.register_id, String))
).label("what")
"""What one runs of at a time: a kind, and a source or a register."""

_IN_QUEUE_PER_WORKER, _IN_QUEUE = 4, 16
"""So many orders wait in a broker at once, where the first one in is the first one out: the others stay here, and
what is next is decided when it is."""


def claim(
    connection: Connection, order_id: int, holder: str, now: datetime, duration: timedelta, lanes: Lanes
) -> Order | None:
    """Take an order that waits, or whose holder's lease has run out. None where another has it.

    Also None while another order of the same source and kind is running (one runs at a time), where its lane is
    full, or its host has enough orders; it is then handed to a broker anew once that has changed.
    """
    one_at_a_time(connection, "claims")
    query = select(_c.slow, _c.host).where(_c.id == order_id, _claimable(now))
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    if not may_start(traffic(connection, now, lanes), lanes, slow=found.slow, host=found.host):
        connection.execute(update(orders).where(_c.id == order_id).values(dispatched_at=None))
        return None
    try:
        with connection.begin_nested():
            row = connection.execute(
                update(orders)
                .where(_c.id == order_id, _claimable(now))
                .values(
                    status=str(OrderStatus.RUNNING), claimed_by=holder, fence=_c.fence + 1,
                    lease_until=now + duration,
                )
                .returning(*COLUMNS)
            ).one_or_none()  # fmt: skip
    except IntegrityError:
        return None
    return None if row is None else order_of(row)


def traffic(connection: Connection, now: datetime, lanes: Lanes) -> Traffic:
    """What goes on now."""
    return _look(connection, now, lanes)[0]


def to_do(
    connection: Connection, now: datetime, limit: int, lanes: Lanes, *, internal: bool = False
) -> list[int]:
    """Orders that can be claimed, in their turn: of the register that has the fewest running (and the fewest in
    front of it here), then the one that has waited longest. Slow ones as far as their lane has room.

    ``internal``: only those by which a register reads another one of this installation.
    """
    found, startable = _look(connection, now, lanes)
    query = startable.where(_hops()) if internal else startable
    return _in_turn(connection, query, now, limit, free_slow(found, lanes))


def undispatched(connection: Connection, now: datetime, resend_after: timedelta, lanes: Lanes) -> list[int]:
    """Orders to be sent to a broker, in their turn: those :func:`to_do` that were not sent, or not lately; no more
    than are soon to be carried out."""
    found, startable = _look(connection, now, lanes)
    stale = now - resend_after
    sent = select(_c.slow).where(_OPEN, _WAITING, _c.dispatched_at > stale)
    in_queue = list(connection.execute(sent).scalars())
    room = max(_IN_QUEUE, _IN_QUEUE_PER_WORKER * found.workers) - len(in_queue)
    query = startable.where(or_(_c.dispatched_at.is_(None), _c.dispatched_at <= stale))
    slow = free_slow(found, lanes) - sum(in_queue)
    return _in_turn(connection, query, now, room, slow) if room > 0 else []


def mark_dispatched(connection: Connection, order_ids: Sequence[int], now: datetime) -> None:
    """These orders have been handed to a broker."""
    if order_ids:
        connection.execute(
            update(orders).where(among(_c.id, order_ids, connection)).values(dispatched_at=now)
        )


def _hops() -> ColumnElement[bool]:
    """Whether an order has a register read another one of this installation."""
    internal = select(sources.c.id).where(sources.c.protocol == str(Protocol.REGISTER))
    return (_c.kind == str(OrderKind.HARVEST)) & _c.source_id.in_(internal)


def _claimable(now: datetime) -> ColumnElement[bool]:
    """Waiting and not postponed, or claimed by somebody whose lease has run out."""
    waits = _WAITING & or_(_c.not_before.is_(None), _c.not_before <= now)
    return _OPEN & or_(waits, _RUNNING & (_c.lease_until <= now))


def _look(
    connection: Connection, now: datetime, lanes: Lanes
) -> tuple[Traffic, Select[tuple[int, bool, int]]]:
    """What goes on, and the orders for which there is room beside it: claimable ones, none of whose source and
    kind is running, and whose host has not enough of them."""
    query = select(_c.id, _c.slow, _c.host, _WHAT).where(_OPEN, _RUNNING, _c.lease_until > now)
    running = connection.execute(query).all()
    hosts = Counter(row.host for row in running if row.host)
    full = [host for host, count in hosts.items() if count >= lanes.host_orders]
    startable = select(_c.id, _c.slow, _c.register_id).where(
        _claimable(now),
        ~among(_WHAT, [row.what for row in running], connection),
        ~among(_c.host, full, connection),
    )
    others = startable.where(_c.slow.is_(False)).limit(1)
    found = Traffic(
        workers.capacity(connection, now),
        len(running),
        frozenset(row.id for row in running if row.slow),
        hosts,
        connection.execute(others).one_or_none() is not None,
    )
    return found, startable


def _in_turn(
    connection: Connection, query: Select[Any], now: datetime, limit: int, slow_limit: int
) -> list[int]:
    """The first of the orders that ``query`` selects; of slow ones no more than ``slow_limit``."""
    at_work = (
        select(_c.register_id, func.count().label("count"))
        .where(_OPEN, _RUNNING, _c.lease_until > now)
        .group_by(_c.register_id)
        .subquery()
    )
    since = func.coalesce(_c.not_before, _c.requested_at)
    place = func.row_number().over(partition_by=(_c.register_id, _c.slow), order_by=(since, _c.id))
    turn = func.coalesce(at_work.c.count, 0) + place
    queue = query.add_columns(turn.label("turn"), since.label("since")).outerjoin(
        at_work, at_work.c.register_id == _c.register_id
    )
    rows: list[Any] = []
    for slow, most in ((False, limit), (True, min(limit, slow_limit))):
        if most > 0:
            lane = queue.where(_c.slow.is_(slow)).order_by("turn", "since", _c.id).limit(most)
            rows += connection.execute(lane)
    rows.sort(key=lambda row: (row.turn, row.since, row.id))
    return [row.id for row in rows[:limit]]


def call_off(connection: Connection, order_id: int, now: datetime) -> None:
    """End an order that nobody has claimed yet: what it is about is no longer there."""
    query = update(orders).where(_c.id == order_id, _c.status == str(OrderStatus.WAITING))
    connection.execute(query.values(status=str(OrderStatus.DONE), finished_at=now))
