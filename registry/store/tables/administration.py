"""Who keeps what, where it comes from, what is asked for, who works on it, and who did what."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from registry.store.columns import Day, Json, Moment
from registry.store.tables.declaration import ID, key, metadata, to

registers = Table(
    "registers",
    metadata,
    key(),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("level", String(16), nullable=False),
    Column("division", String(6), nullable=False),
    Column("owner", Text, nullable=False, server_default=""),
    Column("manager", Text, nullable=False, server_default=""),
    Column("policy", Json, nullable=False),
    Column("mark", ID, nullable=False, server_default="0"),
    Column("head", ID, nullable=False, server_default="0"),
    Column("entries", ID, nullable=False, server_default="0"),
    Column("entries_to_come", ID, nullable=False, server_default="0"),
    Column("published_at", Moment),
    Column("indexed_through", ID, nullable=False, server_default="0"),
    Column("expired_through", Day),
    Column("created_at", Moment, nullable=False),
)

READS_A_REGISTER = "protocol = 'register'"
"""Of a source: it ties two registers together. Few among many, and asked for by every page."""

sources = Table(
    "sources",
    metadata,
    key(),
    to("registers.id", "register_id"),
    Column("code", String(128), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("protocol", String(16), nullable=False),
    Column("location", Text, nullable=False),
    Column("metadata_prefix", String(64), nullable=False),
    Column("namespace", Text, nullable=False),
    Column("scope", Json, nullable=False),
    Column("set_spec", Text, nullable=False, server_default=""),
    Column("credentials", Text, nullable=False, server_default=""),
    Column("ca_bundle", Text, nullable=False, server_default=""),
    Column("allowed_networks", Json, nullable=False),
    Column("schedule", Text, nullable=False, server_default=""),
    Column("status", String(16), nullable=False),
    Column("approved_fingerprint", String(64), nullable=False, server_default=""),
    Column("approved_scope", Json),
    Column("added_by", Text, nullable=False, server_default=""),
    Column("submitted_by", Text, nullable=False, server_default=""),
    Column("approved_by", Text, nullable=False, server_default=""),
    Column("cursor_since", Moment),
    Column("cursor_sequence", ID, nullable=False, server_default="0"),
    Column("etag", Text, nullable=False, server_default=""),
    Column("last_modified", Text, nullable=False, server_default=""),
    Column("told_name", Text, nullable=False, server_default=""),
    Column("rules_version", Integer, nullable=False, server_default="0"),
    Column("live", ID, nullable=False, server_default="0"),
    Column("declines", ID, nullable=False, server_default="0"),
    Column("released_at", Moment),
    Column("full_at", Moment),
    Column("anew_at", Moment),
    Column("succeeded_at", Moment),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failures_by_kind", Json, nullable=False, server_default="{}"),
    Column("last_failure", Json),
    Column("health", String(16), nullable=False, server_default="suspended"),
    Column("health_since", Moment),
    Column("due_at", Moment),
    Column("late_at", Moment),
    Column("contact", Json),
    Column("created_at", Moment, nullable=False),
    Index("ix_sources_register_id", "register_id"),
    Index("ix_sources_due_at", "due_at", sqlite_where=text("due_at IS NOT NULL"),
          postgresql_where=text("due_at IS NOT NULL")),
    Index("ix_sources_late_at", "late_at", sqlite_where=text("late_at IS NOT NULL"),
          postgresql_where=text("late_at IS NOT NULL")),
    Index("ix_sources_protocol_location", "protocol", "location"),
    Index("ix_sources_reading", "location", "register_id", sqlite_where=text(READS_A_REGISTER),
          postgresql_where=text(READS_A_REGISTER)),
    Index("ix_sources_health", "health", "status", "register_id"),
    Index("ix_sources_status_id", "status", "id"),
)  # fmt: skip

health_changes = Table(
    "health_changes",
    metadata,
    key(),
    to("sources.id", "source_id"),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("reason", Json, nullable=False),
    Index("ix_health_changes_source_id", "source_id"),
)
"""The transitions of the automaton in ``registry.model.health``: one row each."""

orders = Table(
    "orders",
    metadata,
    key(),
    Column("kind", String(16), nullable=False),
    to("registers.id", "register_id"),
    to("sources.id", "source_id", nullable=True),
    Column("status", String(16), nullable=False),
    Column("full", Boolean, nullable=False),
    Column("source", Json),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("host", Text, nullable=False, server_default=""),
    Column("slow", Boolean, nullable=False, server_default=text("false")),
    Column("not_before", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_by", Text, nullable=False, server_default=""),
    Column("fence", ID, nullable=False, server_default="0"),
    Column("lease_until", Moment),
    Column("dispatched_at", Moment),
    Column("finished_at", Moment),
    Column("outcome", Json),
    Index("ix_orders_open", "id", sqlite_where=text("finished_at IS NULL"),
          postgresql_where=text("finished_at IS NULL")),
)  # fmt: skip
"""At most one waiting and one running order per source and kind; orders without a source, per register."""

for _status in ("waiting", "running"):
    for _name, _column, _kind in (
        ("source", orders.c.source_id, "source_id IS NOT NULL"),
        ("register", orders.c.register_id, "source_id IS NULL"),
    ):
        Index(
            f"uq_orders_{_status}_{_name}",
            _column,
            orders.c.kind,
            unique=True,
            sqlite_where=text(f"status = '{_status}' AND {_kind}"),
            postgresql_where=text(f"status = '{_status}' AND {_kind}"),
        )

workers = Table(
    "workers",
    metadata,
    Column("holder", Text, primary_key=True),
    Column("capacity", Integer, nullable=False),
    Column("until", Moment, nullable=False),
)
"""The processes that carry out orders, and how many at once each; until when, unless they say so again."""

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", ID, nullable=False),
    Column("until", Moment, nullable=False),
)
"""Who may settle a register, or tick the schedule, and until when; the fence grows with every holder."""

stops = Table(
    "stops",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("stopped_at", Moment, nullable=False),
    Column("stopped_by", Text, nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Column("causes", Json, nullable=False),
)
"""What is stopped for the whole installation (``publication``), while it is; events tell of earlier ones."""

events = Table(
    "events",
    metadata,
    key(),
    Column("happened_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Json, nullable=False),
    Column("after", Json, nullable=False),
    Column("register_id", ID),
    Index("ix_events_subject", "subject"),
)
"""Append-only: triggers refuse to change or delete one (``registry.store.append_only``)."""

seals = Table(
    "seals",
    metadata,
    Column("number", ID, primary_key=True, autoincrement=False),
    Column("event_id", ID, ForeignKey("events.id"), nullable=False, unique=True),
    Column("digest", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("key", String(64), nullable=False),
    Column("sealed_at", Moment, nullable=False),
)
"""The chain over the events (``registry.model.seal``). Append-only too."""

outbox = Table(
    "outbox",
    metadata,
    key(),
    Column("topic", String(16), nullable=False),
    Column("item", Text, nullable=False),
    Index("ix_outbox_topic_id", "topic", "id"),
)
"""What is still to be told to a reader of the topic, written in the transaction that it tells of, taken out in
the transaction that has dealt with it: exactly once, in whichever order transactions are committed."""
