"""The archive of raw bytes, under keyed digests: for the eyes of authorised people, and for replays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from registry.model.record import Raw
from registry.store.columns import to_microseconds
from registry.store.engine import insert_rows
from registry.store.tables import raw_records

_c = raw_records.c


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
