"""Sessions of accounts that have signed in, and how often signing in has failed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from registry.model.throttle import Failures
from registry.store.engine import is_sqlite
from registry.store.tables import sessions, sign_in_attempts

_c = sessions.c
_a = sign_in_attempts.c


class Session(NamedTuple):
    """A session that has not ended. Its token is known to the browser only."""

    id: int
    account_id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


_SELECT = select(_c.id, _c.account_id, _c.created_at, _c.seen_at, _c.expires_at, _c.address, _c.agent).where(
    _c.ended_at.is_(None)
)


def begin(
    connection: Connection,
    account_id: int,
    digest: bytes,
    *,
    expires_at: datetime,
    address: str,
    agent: str,
    now: datetime,
) -> int:
    """A new session; returns its id."""
    statement = insert(sessions).values(
        account_id=account_id, digest=digest, created_at=now, seen_at=now, expires_at=expires_at, address=address,
        agent=agent,
    )  # fmt: skip
    return int(connection.execute(statement.returning(_c.id)).scalar_one())


def of_token(connection: Connection, digest: bytes) -> Session | None:
    """The session with the token of this digest; None where it has ended. It may have run out."""
    row = connection.execute(_SELECT.where(_c.digest == digest)).one_or_none()
    return None if row is None else Session(*row)


def of_account(connection: Connection, account_id: int, now: datetime) -> list[Session]:
    """The sessions of an account that have neither ended nor run out, the newest first."""
    query = _SELECT.where(_c.account_id == account_id, _c.expires_at > now).order_by(_c.id.desc())
    return [Session(*row) for row in connection.execute(query)]


def see(connection: Connection, session_id: int, now: datetime) -> None:
    """The session was used just now."""
    connection.execute(update(sessions).where(_c.id == session_id).values(seen_at=now))


def end(connection: Connection, session_id: int, now: datetime) -> bool:
    """End a session; whether it had not ended before."""
    ended = connection.execute(
        update(sessions).where(_c.id == session_id, _c.ended_at.is_(None)).values(ended_at=now)
    )
    return ended.rowcount > 0


def end_all(connection: Connection, account_id: int, now: datetime, *, but: int | None = None) -> int:
    """End the sessions of an account (``but``: except this one); returns how many."""
    statement = (
        update(sessions).where(_c.account_id == account_id, _c.ended_at.is_(None)).values(ended_at=now)
    )
    return connection.execute(statement if but is None else statement.where(_c.id != but)).rowcount


def failures(connection: Connection, whom: str) -> Failures:
    """The attempts of ``whom`` that have not succeeded, its row locked until the transaction ends."""
    if not is_sqlite(connection):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (whom,))
    query = select(_a.count, _a.since).where(_a.whom == whom)
    row = connection.execute(query).one_or_none()
    return Failures() if row is None else Failures(*row)


def set_failures(connection: Connection, whom: str, failures: Failures) -> None:
    """Remember the attempts of ``whom``."""
    connection.execute(sign_in_attempts.delete().where(_a.whom == whom))
    if failures.count:
        connection.execute(
            insert(sign_in_attempts).values(whom=whom, count=failures.count, since=failures.since)
        )


def forget_failures(connection: Connection, before: datetime) -> None:
    """Forget attempts that began before a moment: their window has run out."""
    connection.execute(sign_in_attempts.delete().where(_a.since < before))
