"""What runs brought: the records that each source holds, what changed in them, and what was wrong."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
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
from registry.store.tables.declaration import ID, key, metadata, naming, to

_UNDER_WAY = "status IN ('collecting', 'settling')"
_HELD = "status = 'held'"

runs = Table(
    "runs",
    metadata,
    key(),
    to("orders.id", "order_id", nullable=True),
    to("sources.id", "source_id"),
    to("registers.id", "register_id"),
    Column("cause", Text, nullable=False),
    Column("scope", String(8), nullable=False),
    Column("status", String(16), nullable=False),
    Column("verdict", String(16), nullable=False, server_default=""),
    Column("ending", String(16), nullable=False, server_default=""),
    Column("window", Json, nullable=False),
    Column("checkpoint", Text, nullable=False, server_default=""),
    Column("mid_answer", Boolean, nullable=False, server_default=text("false")),
    Column("tally", Json, nullable=False),
    Column("hold_reasons", Json),
    Column("walk", Json),
    Column("failures", Json),
    Column("issue_counts", Json),
    Column("issue_ledger", Json),
    Column("rules_version", Integer, nullable=False),
    Column("settled_through", ID, nullable=False, server_default="0"),
    Column("vanished", ID, nullable=False, server_default="0"),
    Column("live_change", ID, nullable=False, server_default="0"),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("published_at", Moment),
    to("publications.id", "publication_id", nullable=True),
    to("runs.id", "undoes_run_id", nullable=True),
    Index("uq_runs_under_way", "source_id", unique=True, sqlite_where=text(_UNDER_WAY),
          postgresql_where=text(_UNDER_WAY)),
    Index("uq_runs_held", "source_id", unique=True, sqlite_where=text(_HELD),
          postgresql_where=text(_HELD)),
    Index("ix_runs_register_id_settling", "register_id", sqlite_where=text("status = 'settling'"),
          postgresql_where=text("status = 'settling'")),
    Index("ix_runs_source_id_published_at", "source_id", "published_at"),
    Index("ix_runs_started_at", "started_at", "status", "register_id"),
    Index("ix_runs_status_id", "status", "id"),
)  # fmt: skip

raw_records = Table(
    "raw_records",
    metadata,
    key(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
)

raw_pages = Table(
    "raw_pages",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
)
"""Answers that could not be read, in pieces; issues name them by their digest."""

records = Table(
    "records",
    metadata,
    key(),
    naming("registers.id", "register_id"),
    naming("sources.id", "source_id"),
    Column("identifier", Text, nullable=False),
    naming("documents.id", "document_id", nullable=True),
    Column("deleted", Boolean, nullable=False),
    Column("raw_digest", LargeBinary, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("datestamp", Moment),
    Column("version", Integer, nullable=False),
    Column("seen_run", ID),
    Column("absent_since", Moment),
    Column("stale", Boolean, nullable=False),
    Column("path", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    UniqueConstraint("register_id", "identifier", "source_id"),
    Index("ix_records_source_id", "source_id"),
    postgresql_with={"fillfactor": "70"},
)

changes = Table(
    "changes",
    metadata,
    key(),
    naming("runs.id", "run_id"),
    Column("identifier", Text, nullable=False),
    Column("action", String(12), nullable=False),
    Column("record_id", ID),
    Column("base_version", Integer, nullable=False),
    naming("documents.id", "document_id", nullable=True),
    naming("documents.id", "previous_document_id", nullable=True),
    Column("previous_deleted", Boolean, nullable=False),
    Column("previous_path", Text),
    Column("raw_digest", LargeBinary, nullable=False),
    Column("datestamp", Moment),
    Column("path", Text, nullable=False),
    Column("place", Text, nullable=False),
    UniqueConstraint("run_id", "identifier"),
    Index("ix_changes_run_id_id", "run_id", "id"),
)

issues = Table(
    "issues",
    metadata,
    key(),
    to("runs.id", "run_id"),
    Column("identifier", Text, nullable=False),
    Column("code", String(64), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("path", Text, nullable=False),
    Column("line", Integer),
    Column("message_zh", Text, nullable=False),
    Column("message_en", Text, nullable=False),
    Column("hint_zh", Text, nullable=False),
    Column("hint_en", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("raw_digest", LargeBinary, nullable=False),
    Index("ix_issues_run_id_code", "run_id", "code"),
)

declines = Table(
    "declines",
    metadata,
    Column("source_id", ID, ForeignKey("sources.id"), primary_key=True),
    Column("identifier", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("declined_at", Moment, nullable=False),
)
"""What people undid or refused: not proposed again until the content differs (a deletion: empty digest)."""
