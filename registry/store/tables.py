"""The tables. Who writes what is said in ``registry.services``; who reads, in ``registry.outlets``.

A register is a log: ``versions`` are its lines, ``publications`` the moments at which sets of lines became
visible, ``entries`` the head of each identifier, ``records`` what each source holds. ``changes`` are the change
sets of runs; they outlive their run, so that it can be looked at and undone.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from registry.store.columns import Day, Json, Moment
from registry.store.document_index import create_document_index, drop_document_index

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = BigInteger().with_variant(Integer, "sqlite")


def _key() -> Column[int]:
    return Column("id", _ID, Identity(), primary_key=True)


def _to(target: str, name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, _ID, ForeignKey(target), nullable=nullable)


registers = Table(
    "registers",
    metadata,
    _key(),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("level", String(16), nullable=False),
    Column("division", String(6), nullable=False),
    Column("owner", Text, nullable=False, server_default=""),
    Column("manager", Text, nullable=False, server_default=""),
    Column("policy", Json, nullable=False),
    Column("mark", _ID, nullable=False, server_default="0"),
    Column("head", _ID, nullable=False, server_default="0"),
    Column("entries", _ID, nullable=False, server_default="0"),
    Column("entries_to_come", _ID, nullable=False, server_default="0"),
    Column("published_at", Moment),
    Column("indexed_through", _ID, nullable=False, server_default="0"),
    Column("expired_through", Day),
    Column("created_at", Moment, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    _key(),
    _to("registers.id", "register_id"),
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
    Column("submitted_by", Text, nullable=False, server_default=""),
    Column("approved_by", Text, nullable=False, server_default=""),
    Column("cursor_since", Moment),
    Column("cursor_sequence", _ID, nullable=False, server_default="0"),
    Column("etag", Text, nullable=False, server_default=""),
    Column("last_modified", Text, nullable=False, server_default=""),
    Column("live", _ID, nullable=False, server_default="0"),
    Column("declines", _ID, nullable=False, server_default="0"),
    Column("released_at", Moment),
    Column("full_at", Moment),
    Column("succeeded_at", Moment),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment),
    Column("created_at", Moment, nullable=False),
    Index("ix_sources_register_id", "register_id"),
    Index("ix_sources_due_at", "due_at", sqlite_where=text("due_at IS NOT NULL"),
          postgresql_where=text("due_at IS NOT NULL")),
    Index("ix_sources_protocol_location", "protocol", "location"),
)  # fmt: skip

orders = Table(
    "orders",
    metadata,
    _key(),
    Column("kind", String(16), nullable=False),
    _to("registers.id", "register_id"),
    _to("sources.id", "source_id", nullable=True),
    Column("status", String(16), nullable=False),
    Column("full", Boolean, nullable=False),
    Column("source", Json),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("claimed_by", Text, nullable=False, server_default=""),
    Column("fence", _ID, nullable=False, server_default="0"),
    Column("lease_until", Moment),
    Column("dispatched_at", Moment),
    Column("finished_at", Moment),
    Column("outcome", Json),
)
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

publications = Table(
    "publications",
    metadata,
    _key(),
    _to("registers.id", "register_id"),
    Column("first_sequence", _ID, nullable=False),
    Column("last_sequence", _ID, nullable=False),
    Column("datestamp", Moment, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("cause", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    UniqueConstraint("register_id", "last_sequence"),
    Index("ix_publications_register_id_datestamp", "register_id", "datestamp"),
)

_UNSETTLED = "status IN ('collecting', 'held', 'settling')"

runs = Table(
    "runs",
    metadata,
    _key(),
    _to("orders.id", "order_id", nullable=True),
    _to("sources.id", "source_id"),
    _to("registers.id", "register_id"),
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
    Column("rules_version", Integer, nullable=False),
    Column("settled_through", _ID, nullable=False, server_default="0"),
    Column("vanished", _ID, nullable=False, server_default="0"),
    Column("live_change", _ID, nullable=False, server_default="0"),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("published_at", Moment),
    _to("publications.id", "publication_id", nullable=True),
    _to("runs.id", "undoes_run_id", nullable=True),
    Index("uq_runs_unsettled", "source_id", unique=True, sqlite_where=text(_UNSETTLED),
          postgresql_where=text(_UNSETTLED)),
    Index("ix_runs_register_id_settling", "register_id", sqlite_where=text("status = 'settling'"),
          postgresql_where=text("status = 'settling'")),
    Index("ix_runs_source_id_published_at", "source_id", "published_at"),
)  # fmt: skip

documents = Table(
    "documents",
    metadata,
    _key(),
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

raw_records = Table(
    "raw_records",
    metadata,
    _key(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
)

records = Table(
    "records",
    metadata,
    _key(),
    _to("registers.id", "register_id"),
    _to("sources.id", "source_id"),
    Column("identifier", Text, nullable=False),
    _to("documents.id", "document_id", nullable=True),
    Column("deleted", Boolean, nullable=False),
    Column("raw_digest", LargeBinary, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("datestamp", Moment),
    Column("version", Integer, nullable=False),
    Column("seen_run", _ID),
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
    _key(),
    _to("runs.id", "run_id"),
    Column("identifier", Text, nullable=False),
    Column("action", String(12), nullable=False),
    Column("record_id", _ID),
    Column("base_version", Integer, nullable=False),
    _to("documents.id", "document_id", nullable=True),
    _to("documents.id", "previous_document_id", nullable=True),
    Column("previous_deleted", Boolean, nullable=False),
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
    _key(),
    _to("runs.id", "run_id"),
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
    Column("source_id", _ID, ForeignKey("sources.id"), primary_key=True),
    Column("identifier", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("declined_at", Moment, nullable=False),
)
"""What people undid or refused: not proposed again until the content differs (a deletion: empty digest)."""

memberships = Table(
    "memberships",
    metadata,
    _key(),
    Column("key", Text, nullable=False, unique=True),
    Column("sets", Json, nullable=False),
    Column("left", Json, nullable=False),
)
"""The combinations of sets that entries belong to (few): those they are in, and those they left."""

sets = Table("sets", metadata, _key(), Column("spec", Text, nullable=False, unique=True))

membership_sets = Table(
    "membership_sets",
    metadata,
    Column("membership_id", _ID, ForeignKey("memberships.id"), primary_key=True),
    Column("set_id", _ID, ForeignKey("sets.id"), primary_key=True),
    Column("gone", Boolean, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    _key(),
    _to("registers.id", "register_id"),
    Column("identifier", Text, nullable=False),
    Column("head_sequence", _ID, nullable=False),
    _to("documents.id", "document_id", nullable=True),
    Column("deleted", Boolean, nullable=False),
    _to("sources.id", "source_id"),
    Column("route", Text, nullable=False),
    _to("memberships.id", "membership_id"),
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
    Column("register_id", _ID, ForeignKey("registers.id"), primary_key=True, autoincrement=False),
    Column("sequence", _ID, primary_key=True, autoincrement=False),
    Column("identifier", Text, nullable=False),
    _to("documents.id", "document_id", nullable=True),
    Column("deleted", Boolean, nullable=False),
    Column("superseded_by", _ID, nullable=False, server_default="0"),
    Column("previous", _ID, nullable=False, server_default="0"),
    Column("cause", Text, nullable=False),
    _to("sources.id", "source_id"),
    _to("memberships.id", "membership_id"),
    Column("path", Text, nullable=False),
    Column("was_public", Boolean, nullable=False),
    Column("was_peer", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

version_sets = Table(
    "version_sets",
    metadata,
    Column("register_id", _ID, primary_key=True, autoincrement=False),
    Column("set_id", _ID, primary_key=True, autoincrement=False),
    Column("sequence", _ID, primary_key=True, autoincrement=False),
    Column("gone", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", _ID, nullable=False),
    Column("until", Moment, nullable=False),
)
"""Who may settle a register, or tick the schedule, and until when; the fence grows with every holder."""

events = Table(
    "events",
    metadata,
    _key(),
    Column("happened_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Json, nullable=False),
    Column("after", Json, nullable=False),
    Index("ix_events_subject", "subject"),
)

event.listen(metadata, "after_create", lambda _target, connection, **_: create_document_index(connection))
event.listen(metadata, "before_drop", lambda _target, connection, **_: drop_document_index(connection))
