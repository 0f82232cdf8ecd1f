"""The registers as readers see them: documents, versions, publications, and the sets of OAI-PMH."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from registry.store.columns import Day, Json, Moment
from registry.store.tables.declaration import ID, NAMED, key, metadata, naming, to

publications = Table(
    "publications",
    metadata,
    key(),
    to("registers.id", "register_id"),
    Column("first_sequence", ID, nullable=False),
    Column("last_sequence", ID, nullable=False),
    Column("datestamp", Moment, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("cause", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    UniqueConstraint("register_id", "last_sequence"),
    Index("ix_publications_register_id_datestamp", "register_id", "datestamp"),
    Index("ix_publications_published_at", "published_at"),
)

documents = Table(
    "documents",
    metadata,
    key(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("catalogue", String(16), nullable=False),
    Column("item", String(16), nullable=False),
    Column("division", String(6), nullable=False),
    Column("body", Text, nullable=False),
    Column("sharing", String(1), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("published_from", Day),
    Column("published_until", Day),
    Column("updated_on", Day),
    Index("ix_documents_published_from", "published_from",
          sqlite_where=text("published_from IS NOT NULL"),
          postgresql_where=text("published_from IS NOT NULL")),
    Index("ix_documents_published_until", "published_until",
          sqlite_where=text("published_until IS NOT NULL"),
          postgresql_where=text("published_until IS NOT NULL")),
)  # fmt: skip

memberships = Table(
    "memberships",
    metadata,
    key(),
    Column("key", Text, nullable=False, unique=True),
    Column("sets", Json, nullable=False),
    Column("left", Json, nullable=False),
)
"""The combinations of sets that entries belong to (few): those they are in, and those they left."""

sets = Table("sets", metadata, key(), Column("spec", Text, nullable=False, unique=True))

membership_sets = Table(
    "membership_sets",
    metadata,
    Column("membership_id", ID, ForeignKey("memberships.id"), primary_key=True),
    Column("set_id", ID, ForeignKey("sets.id"), primary_key=True),
    Column("gone", Boolean, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    key(),
    naming("registers.id", "register_id"),
    Column("identifier", Text, nullable=False),
    Column("head_sequence", ID, nullable=False),
    naming("documents.id", "document_id", nullable=True),
    Column("deleted", Boolean, nullable=False),
    naming("sources.id", "source_id"),
    Column("route", Text, nullable=False),
    naming("memberships.id", "membership_id"),
    Column("was_public", Boolean, nullable=False),
    Column("was_peer", Boolean, nullable=False),
    Column("begins_on", Day),
    UniqueConstraint("register_id", "identifier"),
    Index("ix_entries_document_id", "document_id"),
    Index("ix_entries_begins_on", "begins_on", sqlite_where=text("begins_on IS NOT NULL"),
          postgresql_where=text("begins_on IS NOT NULL")),
)  # fmt: skip
"""The head of each identifier, unpublished settles included. Readers read ``versions``.

``begins_on``: where a tombstone stays one because its sources now hold another document, whose publication
period has not begun, the day on which it begins.
"""

versions = Table(
    "versions",
    metadata,
    Column("register_id", ID, primary_key=True, autoincrement=False, info={NAMED: "registers.id"}),
    Column("sequence", ID, primary_key=True, autoincrement=False),
    Column("identifier", Text, nullable=False),
    naming("documents.id", "document_id", nullable=True),
    Column("deleted", Boolean, nullable=False),
    Column("superseded_by", ID, nullable=False, server_default="0"),
    Column("previous", ID, nullable=False, server_default="0"),
    Column("cause", Text, nullable=False),
    naming("sources.id", "source_id"),
    naming("memberships.id", "membership_id"),
    Column("path", Text, nullable=False),
    Column("was_public", Boolean, nullable=False),
    Column("was_peer", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

version_sets = Table(
    "version_sets",
    metadata,
    Column("register_id", ID, primary_key=True, autoincrement=False),
    Column("set_id", ID, primary_key=True, autoincrement=False),
    Column("sequence", ID, primary_key=True, autoincrement=False),
    Column("gone", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
