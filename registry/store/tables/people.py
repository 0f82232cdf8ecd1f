"""Who may act and read, how they prove who they are, what they are told, and whom they spoke to."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
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
from registry.store.tables.declaration import key, metadata, to

accounts = Table(
    "accounts",
    metadata,
    key(),
    Column("name", String(64), nullable=False, unique=True),
    Column("full_name", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("language", String(8), nullable=False, server_default="zh"),
    Column("mails", Boolean, nullable=False, server_default=text("true")),
    Column("subject", Text, nullable=False, server_default=""),
    Column("password_hash", Text, nullable=False, server_default=""),
    Column("must_change", Boolean, nullable=False, server_default=text("false")),
    Column("locked", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Moment, nullable=False),
    Column("signed_in_at", Moment),
    Index("uq_accounts_subject", "subject", unique=True, sqlite_where=text("subject <> ''"),
          postgresql_where=text("subject <> ''")),
)  # fmt: skip

grants = Table(
    "grants",
    metadata,
    key(),
    to("accounts.id", "account_id"),
    Column("role", String(16), nullable=False),
    to("registers.id", "register_id", nullable=True),
    Column("granted_by", Text, nullable=False),
    Column("granted_at", Moment, nullable=False),
    Index("uq_grants_register", "account_id", "role", "register_id", unique=True,
          sqlite_where=text("register_id IS NOT NULL"), postgresql_where=text("register_id IS NOT NULL")),
    Index("uq_grants_everywhere", "account_id", "role", unique=True,
          sqlite_where=text("register_id IS NULL"), postgresql_where=text("register_id IS NULL")),
    Index("ix_grants_role_register_id", "role", "register_id"),
)  # fmt: skip
"""Roles held on a register, or (no register) on all of them."""

sessions = Table(
    "sessions",
    metadata,
    key(),
    to("accounts.id", "account_id"),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index("ix_sessions_account_id", "account_id"),
)
"""Who has signed in, until when. Of the token only a digest is kept."""

api_keys = Table(
    "api_keys",
    metadata,
    key(),
    to("accounts.id", "account_id"),
    Column("label", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("permissions", Json, nullable=False),
    to("registers.id", "register_id", nullable=True),
    Column("issued_by", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
    Index("ix_api_keys_account_id", "account_id"),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("whom", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", Moment, nullable=False),
)
"""Attempts to sign in that have not succeeded: of an account (``account:li``), from an address."""

notifications = Table(
    "notifications",
    metadata,
    key(),
    to("accounts.id", "account_id"),
    Column("kind", String(16), nullable=False),
    Column("subject", Text, nullable=False),
    to("registers.id", "register_id"),
    Column("cause", Text, nullable=False),
    Column("facts", Json, nullable=False),
    Column("at", Moment, nullable=False),
    Column("read_at", Moment),
    Column("mail", String(8), nullable=False),
    Column("mail_attempts", Integer, nullable=False, server_default="0"),
    Column("mail_due_at", Moment),
    Column("mail_error", Text, nullable=False, server_default=""),
    UniqueConstraint("account_id", "cause", "kind"),
    Index("ix_notifications_account_id_id", "account_id", "id"),
    Index("ix_notifications_mail_due_at", "mail_due_at", sqlite_where=text("mail = 'waiting'"),
          postgresql_where=text("mail = 'waiting'")),
)  # fmt: skip
"""``cause``: what it tells of (``event:12``, ``run:17``); each account is told of it once."""

contacts = Table(
    "contacts",
    metadata,
    key(),
    to("sources.id", "source_id"),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_contacts_source_id", "source_id"),
)
"""What was spoken about a source, with whom it concerns."""
