"""Handing in what an office without an endpoint has to tell: kept, looked at by a worker, then delivered or discarded.

What is handed in waits in the store. An order has it read as a harvest would read it, which writes nothing
(``OrderKind.PREVIEW``). Delivering orders the harvest that reads exactly these bytes; from there on it is a delivery
like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from registry.errors import Conflict, Refused
from registry.model.delivery import NAME_LIMIT, Delivery, DeliveryState, FileKind, Origin, asked_for
from registry.model.event import Actor, Event
from registry.model.inspection import ANSWERED
from registry.model.issue import Text
from registry.model.labels import label_of
from registry.model.order import OrderKind, OrderStatus
from registry.model.role import Permission
from registry.model.run import Scope
from registry.model.source import Protocol, SourceStatus
from registry.services import access, ordering
from registry.services.reviewing import need_reason
from registry.store import claims, deliveries, events, orders, records, sources
from registry.store.engine import Connection, Engine, transaction

_NOT_HERE = Text(
    zh="来源 {source} 有自己的接口({protocol})，不在管理台报送。",
    en="the source {source} has an endpoint of its own ({protocol}); nothing is handed in for it here.",
)
_RETIRED = Text(zh="来源 {source} 已注销。", en="the source {source} is retired.")
_TOO_LARGE = Text(zh="文件超过 {limit} 字节。", en="the file is longer than {limit} bytes.")
_EMPTY = Text(zh="文件是空的。", en="the file is empty.")
_MANY = Text(
    zh="已有 {limit} 份报送等待处理，请先报送或放弃其中一些。",
    en="{limit} deliveries wait already; deliver or discard some of them first.",
)
_DECIDED = Text(zh="这份报送的状态已是“{state}”。", en="this delivery is {state} already.")
_UNSEEN = Text(
    zh="这份报送尚未检查完毕，请等待预览结果。",
    en="this delivery has not been looked at yet; wait for its preview.",
)
_BUSY = Text(
    zh="本来源的另一份报送正等待检查，请稍后再试。",
    en="another delivery of the source waits to be looked at; try again in a moment.",
)
_UNREADABLE = Text(
    zh="这份报送无法读取，不能报送；请更正文件后重新上传。",
    en="this delivery cannot be read; mend the file and upload it again.",
)
_NOT_APPROVED = Text(
    zh="来源 {source} 的状态是“{status}”，获批之后才能报送；已上传的内容会保留。",
    en="the source {source} is {status}; it can deliver once it is approved. What was uploaded is kept.",
)
_NOT_HELD = Text(
    zh="来源 {source} 没有标识符为 {identifier} 的有效记录。",
    en="the source {source} holds no live record {identifier}.",
)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What is handed in: a file, a record from a form, or (``withdrawn``) records that are taken back. ``replaces``:
    the delivery whose place it takes."""

    name: str
    kind: FileKind
    origin: Origin
    scope: Scope = Scope.DELTA
    pieces: Iterable[bytes] = ()
    withdrawn: tuple[str, ...] = ()
    reason: str = ""
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be handed in: bytes of one delivery, and deliveries of one source that wait at once."""

    file_bytes: int
    waiting: int


def hand_in(
    engine: Engine, source_code: str, what: HandedIn, *, room: Room, actor: Actor, now: datetime
) -> int:
    """Keep what an office hands in, and have it looked at. Returns the delivery's id.

    Raises ``Forbidden``, ``Conflict`` for a source that is retired, ``Refused`` for what is empty, too long, or too
    much, for a source with an endpoint, and for records to be taken back that it does not hold.
    """
    with transaction(engine) as connection:
        source = sources.by_id(connection, sources.get(connection, source_code).description.id, lock=True)
        stated = source.description
        access.require(connection, actor, Permission.DELIVER, stated.register_id, source=source)
        _check(connection, source, what)
        if what.replaces is not None:
            _drop(connection, _expect_kept(connection, what.replaces, source), actor, now)
        if deliveries.count_open(connection, source.id) >= room.waiting:
            raise Refused(_MANY.format(limit=room.waiting))
        delivery_id = _keep(connection, source, what, room, actor, now)
        _look_at(connection, source, delivery_id, actor, now)
        kept = deliveries.get(connection, delivery_id)
        _record(connection, source, kept, "hand-in", actor, now, reason=what.reason.strip())
        return delivery_id


def look_again(engine: Engine, delivery_id: int, *, actor: Actor, now: datetime) -> None:
    """Have a delivery looked at once more. Raises ``Forbidden``, ``NotFound``, and ``Conflict`` unless it is kept,
    while it is being looked at, and while another one of the source waits for that."""
    with transaction(engine) as connection:
        source, kept = _kept(connection, delivery_id, actor)
        if kept.order_id is not None:
            _outcome(connection, kept)
        if not _look_at(connection, source, kept.id, actor, now):
            raise Conflict(_BUSY)
        _record(connection, source, kept, "preview", actor, now)


def deliver(engine: Engine, delivery_id: int, *, actor: Actor, now: datetime) -> int:
    """Have a delivery harvested: exactly the bytes that were looked at. Returns the order's id.

    Raises ``Forbidden``, ``NotFound``, and ``Conflict`` where somebody has decided already, where it was not looked at
    yet or cannot be read, and while its source is not approved.
    """
    with transaction(engine) as connection:
        source, kept = _kept(connection, delivery_id, actor)
        if _outcome(connection, kept).get("ending") != ANSWERED:
            raise Conflict(_UNREADABLE)
        if source.status is not SourceStatus.APPROVED:
            raise Conflict(_NOT_APPROVED.format(source=source.code, status=label_of(source.status)))
        number = deliveries.last_number(connection, source.id) + 1
        values = {"state": str(DeliveryState.DELIVERED), "decided_by": actor.name, "decided_at": now}
        deliveries.change(connection, kept.id, number=number, **values)
        order_id = ordering.place_harvest(
            connection, source, full=False, requested_by=actor.name, now=now, at_once=True
        )
        _record(connection, source, kept, "deliver", actor, now, order=order_id, number=number)
        return order_id


def discard(engine: Engine, delivery_id: int, *, actor: Actor, now: datetime) -> None:
    """Drop a delivery that was not delivered: its bytes go. Raises ``Forbidden``, ``NotFound``, ``Conflict``."""
    with transaction(engine) as connection:
        source, kept = _kept(connection, delivery_id, actor)
        _drop(connection, kept, actor, now)
        _record(connection, source, kept, "discard", actor, now)


def _kept(connection: Connection, delivery_id: int, actor: Actor) -> tuple[sources.Source, Delivery]:
    """The source, locked, and the delivery, which the actor may decide about."""
    found = deliveries.get(connection, delivery_id)
    source = sources.by_id(connection, found.source_id, lock=True)
    access.require(connection, actor, Permission.DELIVER, source.description.register_id, source=source)
    return source, _expect_kept(connection, delivery_id, source)


def _expect_kept(connection: Connection, delivery_id: int, source: sources.Source) -> Delivery:
    found = deliveries.get(connection, delivery_id, lock=True)
    if found.source_id != source.id or found.state is not DeliveryState.KEPT:
        raise Conflict(_DECIDED.format(state=label_of(found.state)))
    return found


def _check(connection: Connection, source: sources.Source, what: HandedIn) -> None:
    stated = source.description
    if stated.protocol is not Protocol.CONSOLE:
        raise Refused(_NOT_HERE.format(source=source.code, protocol=label_of(stated.protocol)))
    if source.status is SourceStatus.RETIRED:
        raise Conflict(_RETIRED.format(source=source.code))
    if not what.withdrawn:
        return
    need_reason(what.reason)
    held = records.known_records(connection, stated.register_id, stated.id, what.withdrawn)
    for identifier in what.withdrawn:
        if identifier not in held or held[identifier][0].deleted:
            raise Refused(_NOT_HELD.format(source=source.code, identifier=identifier))


@dataclass(slots=True)
class _Measured:
    """Counts and digests bytes on their way."""

    limit: int
    size: int = 0
    digest: bytes = b""

    def over(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces. Raises ``Refused`` once they are too many bytes."""
        begun = sha256()
        for piece in pieces:
            self.size += len(piece)
            if self.size > self.limit:
                raise Refused(_TOO_LARGE.format(limit=self.limit))
            begun.update(piece)
            yield piece
        self.digest = begun.digest()


def _keep(
    connection: Connection, source: sources.Source, what: HandedIn, room: Room, actor: Actor, now: datetime
) -> int:
    delivery_id = deliveries.add(
        connection,
        {
            "source_id": source.id,
            "name": what.name[-NAME_LIMIT:],
            "kind": str(what.kind),
            "origin": str(what.origin),
            "scope": str(what.scope),
            "size": 0,
            "digest": b"",
            "withdrawn": what.withdrawn,
            "state": str(DeliveryState.KEPT),
            "reason": what.reason.strip(),
            "handed_in_by": actor.name,
            "handed_in_at": now,
        },
    )
    measured = _Measured(room.file_bytes)
    deliveries.add_pieces(connection, delivery_id, measured.over(what.pieces))
    if not measured.size and not what.withdrawn:
        raise Refused(_EMPTY)
    deliveries.change(connection, delivery_id, size=measured.size, digest=measured.digest)
    return delivery_id


def _look_at(
    connection: Connection, source: sources.Source, delivery_id: int, actor: Actor, now: datetime
) -> bool:
    """Order a look at a delivery; False where another one of the source waits to be looked at: an order looks at one
    only, and somebody has to ask again."""
    asked = replace(source.description, location=asked_for(delivery_id))
    order_id = orders.place_alone(
        connection,
        kind=OrderKind.PREVIEW,
        register_id=source.description.register_id,
        source=asked,
        requested_by=actor.name,
        now=now,
    )
    if order_id is not None:
        deliveries.change(connection, delivery_id, order_id=order_id)
    return order_id is not None


def _outcome(connection: Connection, kept: Delivery) -> dict[str, object]:
    """What came of the last look. Raises ``Conflict`` where there was none, or it has not ended."""
    order = None if kept.order_id is None else orders.placed(connection, kept.order_id)
    if order is None or order.status not in (OrderStatus.DONE, OrderStatus.FAILED):
        raise Conflict(_UNSEEN)
    return order.outcome or {}


def _drop(connection: Connection, kept: Delivery, actor: Actor, now: datetime) -> None:
    if kept.order_id is not None:
        claims.call_off(connection, kept.order_id, now)
    deliveries.drop_pieces(connection, kept.id)
    deliveries.change(
        connection, kept.id, state=str(DeliveryState.DISCARDED), decided_by=actor.name, decided_at=now
    )


def _record(
    connection: Connection,
    source: sources.Source,
    kept: Delivery,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    **more: object,
) -> None:
    after = {
        "delivery": kept.id,
        "file": kept.name,
        "scope": kept.scope,
        "bytes": kept.size,
        "sha256": kept.digest.hex(),
        "withdrawn": kept.withdrawn,
        **more,
    }
    register_id = source.description.register_id
    event = Event(actor, action, f"source:{source.code}", reason, after=after, register_id=register_id)
    events.record(connection, event, now)
