"""API keys: what programs come with instead of a session."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from registry.model.account import Limits
from registry.model.role import Permission
from registry.store.engine import among
from registry.store.tables import accounts, api_keys, registers

_c = api_keys.c


class ApiKey(NamedTuple):
    """A key as it stands; ``register_code`` empty: on any register that its account reaches."""

    id: int
    account_id: int
    account: str
    label: str
    limits: Limits
    register_code: str
    issued_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


_SELECT = (
    select(
        _c.id, _c.account_id, accounts.c.name, _c.label, _c.permissions, _c.register_id, registers.c.code,
        _c.issued_by, _c.created_at, _c.expires_at, _c.used_at, _c.revoked_at,
    )
    .join_from(api_keys, accounts, accounts.c.id == _c.account_id)
    .join(registers, registers.c.id == _c.register_id, isouter=True)
)  # fmt: skip


def _key(row: Any) -> ApiKey:
    key, account_id, account, label, permissions, register_id, code, *rest = row
    limits = Limits(frozenset(map(Permission, permissions)), register_id)
    return ApiKey(key, account_id, account, label, limits, code or "", *rest)


def add(
    connection: Connection,
    account_id: int,
    digest: bytes,
    *,
    label: str,
    limits: Limits,
    issued_by: str,
    expires_at: datetime,
    now: datetime,
) -> int:
    """A new key; returns its id."""
    statement = insert(api_keys).values(
        account_id=account_id, digest=digest, label=label, permissions=sorted(limits.permissions),
        register_id=limits.register_id, issued_by=issued_by, created_at=now, expires_at=expires_at,
    )  # fmt: skip
    return int(connection.execute(statement.returning(_c.id)).scalar_one())


def of_secret(connection: Connection, digest: bytes) -> ApiKey | None:
    """The key whose secret has this digest, revoked or run out though it may be."""
    row = connection.execute(_SELECT.where(_c.digest == digest)).one_or_none()
    return None if row is None else _key(row)


def by_id(connection: Connection, key_id: int) -> ApiKey | None:
    """The key with this id."""
    row = connection.execute(_SELECT.where(_c.id == key_id)).one_or_none()
    return None if row is None else _key(row)


def listed(connection: Connection, account_id: int | None = None) -> list[ApiKey]:
    """All keys, or those of an account, the newest first."""
    query = _SELECT.order_by(_c.id.desc())
    return [_key(row) for row in connection.execute(
        query if account_id is None else query.where(_c.account_id == account_id)
    )]  # fmt: skip


def page(
    connection: Connection,
    *,
    within: frozenset[int] | None,
    valid_at: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[ApiKey]:
    """Keys for registers of ``within`` (None: all, also those for any register), the newest first, older than the key
    ``before``; ``valid_at``: only those that open something at that moment."""
    query = _SELECT.order_by(_c.id.desc()).limit(limit)
    if within is not None:
        query = query.where(among(_c.register_id, sorted(within), connection))
    if valid_at is not None:
        query = query.where(_c.revoked_at.is_(None), _c.expires_at > valid_at)
    if before is not None:
        query = query.where(_c.id < before)
    return [_key(row) for row in connection.execute(query)]


def use(connection: Connection, key_id: int, now: datetime) -> None:
    """The key was used just now."""
    connection.execute(update(api_keys).where(_c.id == key_id).values(used_at=now))


def revoke(connection: Connection, key_id: int, now: datetime) -> bool:
    """The key opens nothing from now on; whether it did before."""
    revoked = connection.execute(
        update(api_keys).where(_c.id == key_id, _c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return revoked.rowcount > 0
