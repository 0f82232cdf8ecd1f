"""The archive of raw bytes, under keyed digests: for the eyes of authorised people, and for replays.

Records lie in one piece. Answers that could not be read, which may be large, lie in several.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from registry.model.record import Raw
from registry.store.columns import to_microseconds
from registry.store.engine import insert_rows
from registry.store.tables import issues, raw_pages, raw_records

_c = raw_records.c
_p = raw_pages.c


def store(connection: Connection, incoming: Iterable[Raw], now: datetime) -> None:
    """Keep raw bytes that are not kept yet (in digest order, as documents are)."""
    received = to_microseconds(now)
    rows = sorted({each.digest: each.content for each in incoming}.items())
    if rows:
        insert_rows(
            connection,
            raw_records,
            (_c.digest, _c.content, _c.received_at),
            ((digest, content, received) for digest, content in rows),
            ignore_existing=True,
        )


def content(connection: Connection, digest: bytes) -> bytes | None:
    """The raw bytes under a keyed digest; None where they are not (or no longer) kept."""
    found = connection.execute(select(_c.content).where(_c.digest == digest)).scalar()
    return None if found is None else bytes(found)


def store_piece(connection: Connection, digest: bytes, number: int, piece: bytes, now: datetime) -> None:
    """Keep the ``number``-th piece (from 0) of an answer, unless it is kept already."""
    insert_rows(
        connection,
        raw_pages,
        (_p.digest, _p.number, _p.content, _p.received_at),
        [(digest, number, piece, to_microseconds(now))],
        ignore_existing=True,
    )


def page_size(connection: Connection, digest: bytes) -> int:
    """How many bytes of an answer are kept under ``digest``."""
    query = select(func.coalesce(func.sum(func.length(_p.content)), 0)).where(_p.digest == digest)
    return int(connection.execute(query).scalar_one())


def page_pieces(connection: Connection, digest: bytes) -> Iterator[bytes]:
    """The bytes of an answer kept under ``digest``, piece by piece; none where it is not kept."""
    number = 0
    while True:
        query = select(_p.content).where(_p.digest == digest, _p.number == number)
        piece = connection.execute(query).scalar()
        if piece is None:
            return
        yield bytes(piece)
        number += 1


class KeptPage(NamedTuple):
    """An answer that a run could not read: where it stood, what was wrong with it, its bytes."""

    digest: bytes
    size: int
    identifier: str
    place: str
    code: str


def pages_of(connection: Connection, run_id: int) -> list[KeptPage]:
    """The answers that a run kept, in the order in which they came; each once."""
    c = issues.c
    firsts = (
        select(func.min(c.id))
        .join_from(issues, raw_pages, (_p.digest == c.raw_digest) & (_p.number == 0))
        .where(c.run_id == run_id)
        .group_by(c.raw_digest)
    )
    query = select(c.raw_digest, c.identifier, c.place, c.code).where(c.id.in_(firsts)).order_by(c.id)
    return [
        KeptPage(bytes(digest), page_size(connection, digest), identifier, place, code)
        for digest, identifier, place, code in connection.execute(query).all()
    ]
