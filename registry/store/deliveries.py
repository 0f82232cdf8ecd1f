"""Deliveries that offices hand in, and their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from registry.errors import NotFound
from registry.model.delivery import OPEN, Delivery, DeliveryState, FileKind, Origin
from registry.model.issue import Text
from registry.model.run import Scope
from registry.store.engine import lock_row
from registry.store.tables import deliveries, delivery_pieces

_c = deliveries.c
_p = delivery_pieces.c
_COLUMNS: Final = (
    _c.id, _c.source_id, _c.name, _c.kind, _c.origin, _c.scope, _c.size, _c.digest, _c.withdrawn, _c.state,
    _c.reason, _c.handed_in_by, _c.handed_in_at, _c.order_id, _c.number, _c.decided_by, _c.decided_at,
)  # fmt: skip

PIECE: Final = 1 << 18
"""Bytes of one piece."""

_UNKNOWN = Text(zh="没有编号为 {id} 的报送。", en="there is no delivery {id}.")


def _delivery(row: Any) -> Delivery:
    key, source_id, name, kind, origin, scope, size, digest, withdrawn, state, *rest = row
    return Delivery(
        key, source_id, name, FileKind(kind), Origin(origin), Scope(scope), size, bytes(digest),
        tuple(withdrawn), DeliveryState(state), *rest,
    )  # fmt: skip


def add(connection: Connection, values: dict[str, Any]) -> int:
    """A new delivery; returns its id."""
    key: int = connection.execute(insert(deliveries).values(**values).returning(_c.id)).scalar_one()
    return key


def add_pieces(connection: Connection, delivery_id: int, pieces: Iterable[bytes]) -> None:
    """Keep the bytes of a delivery."""
    for number, piece in enumerate(pieces):
        values = {"delivery_id": delivery_id, "number": number, "content": piece}
        connection.execute(insert(delivery_pieces).values(**values))


def get(connection: Connection, delivery_id: int, *, lock: bool = False) -> Delivery:
    """One delivery; ``lock``: until the transaction ends. Raises ``NotFound``."""
    if lock:
        lock_row(connection, deliveries, delivery_id)
    row = connection.execute(select(*_COLUMNS).where(_c.id == delivery_id)).one_or_none()
    if row is None:
        raise NotFound(_UNKNOWN.format(id=delivery_id))
    return _delivery(row)


def of_source(connection: Connection, source_id: int, *, before: int | None, limit: int) -> list[Delivery]:
    """The deliveries of a source, the newest first: those handed in before the one with the id ``before``."""
    query = select(*_COLUMNS).where(_c.source_id == source_id).order_by(_c.id.desc()).limit(limit)
    rows = connection.execute(query if before is None else query.where(_c.id < before))
    return [_delivery(row) for row in rows]


def count_open(connection: Connection, source_id: int) -> int:
    """How many deliveries of a source have their bytes."""
    query = select(func.count()).where(_c.source_id == source_id, _c.state.in_([str(each) for each in OPEN]))
    return connection.execute(query).scalar_one()


def last_number(connection: Connection, source_id: int) -> int:
    """The number of the last one that a source has delivered; 0 where there is none."""
    query = select(func.coalesce(func.max(_c.number), 0)).where(_c.source_id == source_id)
    number: int = connection.execute(query).scalar_one()
    return number


def next_delivered(connection: Connection, source_id: int, after: int) -> Delivery | None:
    """The delivery to be read by one who has read up to the number ``after``; None where nothing is new. What came
    before the newest complete list is passed over."""
    waiting = (_c.source_id == source_id, _c.state == str(DeliveryState.DELIVERED), _c.number > after)
    whole = select(func.max(_c.number)).where(*waiting, _c.scope == str(Scope.FULL)).scalar_subquery()
    first = (
        select(func.min(_c.number)).where(*waiting, _c.number >= func.coalesce(whole, 0)).scalar_subquery()
    )
    row = connection.execute(select(*_COLUMNS).where(*waiting, _c.number == first)).one_or_none()
    return None if row is None else _delivery(row)


def numbered(connection: Connection, source_id: int, number: int) -> Delivery | None:
    """The delivery with that number, while it is to be read."""
    query = select(*_COLUMNS).where(
        _c.source_id == source_id, _c.number == number, _c.state == str(DeliveryState.DELIVERED)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _delivery(row)


def piece(connection: Connection, delivery_id: int, number: int) -> bytes | None:
    """A piece of the bytes (from 0); None behind the last one."""
    query = select(_p.content).where(_p.delivery_id == delivery_id, _p.number == number)
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found)


def pieces(connection: Connection, delivery_id: int) -> Iterator[bytes]:
    """All bytes, piece by piece."""
    number = 0
    while (found := piece(connection, delivery_id, number)) is not None:
        yield found
        number += 1


def change(connection: Connection, delivery_id: int, **values: Any) -> None:
    """Set columns of a delivery."""
    connection.execute(update(deliveries).where(_c.id == delivery_id).values(**values))


def drop_pieces(connection: Connection, delivery_id: int) -> None:
    """Forget the bytes of a delivery."""
    connection.execute(delete(delivery_pieces).where(_p.delivery_id == delivery_id))


def take_in(connection: Connection, source_id: int, through: str) -> None:
    """What a source has delivered was read up to the one called ``through``: the bytes go."""
    read = (
        _c.source_id == source_id,
        _c.state == str(DeliveryState.DELIVERED),
        _c.number <= int(through or 0),
    )
    ids = select(_c.id).where(*read)
    connection.execute(delete(delivery_pieces).where(_p.delivery_id.in_(ids)))
    connection.execute(update(deliveries).where(*read).values(state=str(DeliveryState.TAKEN)))


def discard_all(connection: Connection, source_id: int, actor: str, now: datetime) -> None:
    """A source is retired: whatever it has handed in and nobody has read is dropped."""
    waits = (_c.source_id == source_id, _c.state.in_([str(each) for each in OPEN]))
    connection.execute(delete(delivery_pieces).where(_p.delivery_id.in_(select(_c.id).where(*waits))))
    values = {"state": str(DeliveryState.DISCARDED), "decided_by": actor, "decided_at": now}
    connection.execute(update(deliveries).where(*waits).values(**values))
