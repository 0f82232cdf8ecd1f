"""What offices without an endpoint hand in."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from registry.store.columns import Json, Moment
from registry.store.tables.declaration import ID, key, metadata, to

_KEPT = "state = 'kept'"
"""Few among many, and asked for by the first page."""

deliveries = Table(
    "deliveries",
    metadata,
    key(),
    to("sources.id", "source_id"),
    Column("name", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("scope", String(8), nullable=False),
    Column("size", ID, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("withdrawn", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("handed_in_by", Text, nullable=False),
    Column("handed_in_at", Moment, nullable=False),
    to("orders.id", "order_id", nullable=True),
    Column("number", ID),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("decided_at", Moment),
    UniqueConstraint("source_id", "number"),
    Index("ix_deliveries_source_id_id", "source_id", "id"),
    Index("ix_deliveries_kept", "id", sqlite_where=text(_KEPT), postgresql_where=text(_KEPT)),
)

delivery_pieces = Table(
    "delivery_pieces",
    metadata,
    Column("delivery_id", ID, ForeignKey("deliveries.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Their bytes, in pieces; there until a harvest has read them, or they were discarded."""
