"""What people decided about single entries: which record stands, and what was erased."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text, text

from registry.store.columns import Moment
from registry.store.tables.declaration import ID, key, metadata, to

pins = Table(
    "pins",
    metadata,
    Column("register_id", ID, ForeignKey("registers.id"), primary_key=True),
    Column("identifier", Text, primary_key=True),
    to("sources.id", "source_id"),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("pinned_at", Moment, nullable=False),
)
"""The records that stand for their entries because somebody said so: one an entry at most."""

erasures = Table(
    "erasures",
    metadata,
    key(),
    to("registers.id", "register_id"),
    Column("identifier", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("decided_at", Moment),
    Index("ix_erasures_identifier", "identifier"),
    Index("uq_erasures_asked", "identifier", unique=True, sqlite_where=text("status = 'asked'"),
          postgresql_where=text("status = 'asked'")),
)  # fmt: skip
"""Contents that one person asked to erase and another one erased. ``register_id``: where that was asked."""

erased_digests = Table(
    "erased_digests",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    to("erasures.id", "erasure_id"),
)
"""The markers: documents that are not taken in again under their identifier."""
