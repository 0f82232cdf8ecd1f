"""Erasures as they were asked for and decided, and the markers that they leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from registry.errors import NotFound
from registry.model.erasure import Erasure, ErasureStatus
from registry.model.issue import Text
from registry.store.engine import among, insert_rows
from registry.store.tables import erased_digests, erasures, registers

_c = erasures.c
_d = erased_digests.c
_SELECT = select(
    _c.id, _c.register_id, _c.identifier, _c.status, _c.reason, _c.asked_by, _c.asked_at, _c.decided_by,
    _c.decided_at,
)  # fmt: skip


def _erasure(row: Any) -> Erasure:
    return Erasure(row[0], row[1], row[2], ErasureStatus(row[3]), *row[4:])


def ask(
    connection: Connection, register_id: int, identifier: str, reason: str, asked_by: str, now: datetime
) -> int:
    """A new request; returns its number. ``IntegrityError`` where one stands for the identifier."""
    values = {
        "register_id": register_id, "identifier": identifier, "status": str(ErasureStatus.ASKED),
        "reason": reason, "asked_by": asked_by, "asked_at": now,
    }  # fmt: skip
    return int(connection.execute(insert(erasures).values(values).returning(_c.id)).scalar_one())


def standing(connection: Connection, identifier: str, *, lock: bool = False) -> Erasure:
    """The request that stands for an identifier. Raises ``NotFound`` where none does."""
    query = _SELECT.where(_c.identifier == identifier, _c.status == str(ErasureStatus.ASKED))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound(
            Text(f"没有人申请抹除条目 {identifier}。", f"nobody has asked for an erasure of {identifier}.")
        )
    return _erasure(row)


def of_identifier(connection: Connection, identifier: str) -> list[Erasure]:
    """All erasures of an identifier that were asked for, newest first."""
    query = _SELECT.where(_c.identifier == identifier).order_by(_c.id.desc())
    return [_erasure(row) for row in connection.execute(query)]


class Waiting(NamedTuple):
    """A request that waits for another person. ``register``: the code of the one where it was asked for."""

    erasure: Erasure
    register: str


def waiting(connection: Connection, within: frozenset[int] | None, *, limit: int) -> list[Waiting]:
    """Requests on some registers (None: on all) that wait, the oldest first."""
    query = (
        _SELECT.add_columns(registers.c.code)
        .join_from(erasures, registers, registers.c.id == _c.register_id)
        .where(_c.status == str(ErasureStatus.ASKED))
        .order_by(_c.id)
        .limit(limit)
    )
    if within is not None:
        query = query.where(among(_c.register_id, sorted(within), connection))
    return [Waiting(_erasure(row[:-1]), row[-1]) for row in connection.execute(query)]


def decide(
    connection: Connection, erasure_id: int, status: ErasureStatus, decided_by: str, now: datetime
) -> None:
    """Somebody erased what was asked for, or took the request back."""
    values = {"status": str(status), "decided_by": decided_by, "decided_at": now}
    connection.execute(update(erasures).where(_c.id == erasure_id).values(values))


def mark(connection: Connection, erasure_id: int, identifier: str, digests: Iterable[bytes]) -> None:
    """These documents are not taken in again under the identifier."""
    rows = [(identifier, digest, erasure_id) for digest in sorted(set(digests))]
    insert_rows(
        connection,
        erased_digests,
        (_d.identifier, _d.digest, _d.erasure_id),
        rows,
        ignore_existing=True,
    )


def erased(connection: Connection, identifiers: Sequence[str]) -> set[tuple[str, bytes]]:
    """(identifier, digest) of what was erased under some identifiers."""
    query = select(_d.identifier, _d.digest).where(among(_d.identifier, identifiers, connection))
    return {(row[0], bytes(row[1])) for row in connection.execute(query)}
