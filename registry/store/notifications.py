"""Notifications, and the mails that some of them also go out as."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registry.model.notification import Facts, Kind, MailStatus, Notification
from registry.store.engine import is_sqlite
from registry.store.tables import accounts, notifications

_c = notifications.c
_SELECT = select(_c.id, _c.account_id, _c.kind, _c.subject, _c.facts, _c.at, _c.read_at, _c.mail)


class Letter(NamedTuple):
    """A notification that is due as a mail, and to whom it goes."""

    notification: Notification
    name: str
    email: str
    language: str
    attempts: int


def _notification(row: Any) -> Notification:
    key, account_id, kind, subject, facts, at, read_at, mail = row
    told = msgspec.convert(facts, Facts)
    return Notification(key, account_id, Kind(kind), subject, told, at, read_at, MailStatus(mail))


def add(
    connection: Connection,
    account_id: int,
    kind: Kind,
    subject: str,
    *,
    register_id: int,
    cause: str,
    facts: Facts,
    by_mail: bool,
    now: datetime,
) -> bool:
    """Tell an account of something; False where it was told of this cause already."""
    values = {
        "account_id": account_id, "kind": str(kind), "subject": subject, "register_id": register_id,
        "cause": cause, "facts": facts, "at": now,
        "mail": str(MailStatus.WAITING if by_mail else MailStatus.NONE), "mail_due_at": now if by_mail else None,
    }  # fmt: skip
    dialect = sqlite if is_sqlite(connection) else postgresql
    statement = dialect.insert(notifications).values(**values).on_conflict_do_nothing().returning(_c.id)
    return connection.execute(statement).scalar_one_or_none() is not None


def listed(
    connection: Connection, account_id: int, *, unread_only: bool = False, before: int = 0, limit: int = 50
) -> list[Notification]:
    """What an account was told, newest first; ``before``: an id, to go on behind a page."""
    query = _SELECT.where(_c.account_id == account_id).order_by(_c.id.desc()).limit(limit)
    if unread_only:
        query = query.where(_c.read_at.is_(None))
    if before:
        query = query.where(_c.id < before)
    return [_notification(row) for row in connection.execute(query)]


def unread(connection: Connection, account_id: int) -> int:
    """How many notifications of an account wait to be read."""
    query = select(func.count()).where(_c.account_id == account_id, _c.read_at.is_(None))
    return int(connection.execute(query).scalar_one())


def mark_read(connection: Connection, account_id: int, ids: Collection[int] | None, now: datetime) -> int:
    """These notifications of an account were read (None: all); returns how many had not been."""
    statement = (
        update(notifications).where(_c.account_id == account_id, _c.read_at.is_(None)).values(read_at=now)
    )
    if ids is not None:
        statement = statement.where(_c.id.in_(list(ids)))
    return connection.execute(statement).rowcount


def letters_due(connection: Connection, register_id: int, now: datetime, limit: int) -> list[Letter]:
    """The mails about a register that are due, the oldest first."""
    a = accounts.c
    query = (
        _SELECT.add_columns(a.full_name, a.name, a.email, a.language, _c.mail_attempts)
        .join_from(notifications, accounts, a.id == _c.account_id)
        .where(_c.mail == str(MailStatus.WAITING), _c.mail_due_at <= now, _c.register_id == register_id)
        .order_by(_c.mail_due_at, _c.id)
        .limit(limit)
    )
    return [
        Letter(_notification(row[:8]), row.full_name or row.name, row.email, row.language, row.mail_attempts)
        for row in connection.execute(query)
    ]


def registers_with_letters(connection: Connection, now: datetime) -> list[int]:
    """The ids of the registers about which mails are due."""
    query = select(_c.register_id).where(_c.mail == str(MailStatus.WAITING), _c.mail_due_at <= now).distinct()
    return sorted(connection.execute(query).scalars())


def mailed(
    connection: Connection,
    notification_id: int,
    status: MailStatus,
    *,
    attempts: int,
    due_at: datetime | None = None,
    error: str = "",
) -> None:
    """How the mail of a notification fared: sent, given up, or still waiting (until ``due_at``)."""
    connection.execute(
        update(notifications)
        .where(_c.id == notification_id, _c.mail == str(MailStatus.WAITING))
        .values(mail=str(status), mail_attempts=attempts, mail_due_at=due_at, mail_error=error)
    )
