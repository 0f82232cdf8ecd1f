"""API keys: issued, revoked, and whom they speak for. A key never reaches farther than its account.

A key with ``entries.read`` makes a system downstream a peer: OAI-PMH shows it what is shared on conditions, on the
register that the key is for and beneath.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from registry.errors import Conflict, Forbidden, NotFound, Refused
from registry.model.account import Limits
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.role import PERMISSIONS, Permission
from registry.model.visibility import Audience
from registry.services import access
from registry.store import accounts, api_keys, events, registers
from registry.store.api_keys import ApiKey
from registry.store.engine import Connection, Engine, Engines, transaction

PREFIX = "mulu_"
"""How every key begins: whoever finds one in a log or a repository knows what it is."""

_USED_EVERY = timedelta(minutes=1)

_NONE = Text(zh="没有编号为 {id} 的密钥。", en="there is no key {id}.")
_REVOKED = Text(zh="密钥 {id} 已撤销。", en="the key {id} is revoked already.")
_NOTHING = Text(zh="请指定密钥的权限。", en="a key needs at least one permission.")
_TOO_LONG = Text(
    zh="密钥的有效期须在 1 秒至 {days} 天之间。", en="a key lasts up to {days} days, and longer than nothing."
)
_ACTING = Text(
    zh="能够更改数据的密钥只能由账号本人签发：{permissions}。",
    en="keys that can change something are issued by the account itself: {permissions}.",
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key. ``secret`` is shown once."""

    secret: str
    key: ApiKey


def issue(
    engine: Engine,
    account_name: str,
    *,
    label: str,
    permissions: Collection[Permission],
    register_code: str | None,
    lasting: timedelta,
    longest: timedelta,
    actor: Actor,
    now: datetime,
) -> Issued:
    """A key for an account, narrowed to ``permissions`` on a register and beneath (None: wherever the account
    reaches).

    An account issues its own (signed in, not by a key); administrators issue keys that only read, for accounts
    on registers that they administer. Raises ``Refused``, ``Forbidden``, ``NotFound``.
    """
    if not permissions:
        raise Refused(_NOTHING)
    if not timedelta(0) < lasting <= longest:
        raise Refused(_TOO_LONG.format(days=longest.days))
    with transaction(engine) as connection:
        account = accounts.get(connection, account_name, lock=True)
        register_id = None if register_code is None else registers.get(connection, register_code).id
        if actor.account is not None and (actor.account != account.id or actor.limits is not None):
            _require_to_issue(connection, actor, permissions, register_id)
        secret = PREFIX + secrets.token_urlsafe(32)
        limits = Limits(frozenset(permissions), register_id)
        key_id = api_keys.add(
            connection, account.id, _digest(secret), label=label, limits=limits, issued_by=actor.name,
            expires_at=now + lasting, now=now,
        )  # fmt: skip
        after = {
            "key": key_id, "label": label, "permissions": sorted(permissions), "register": register_code,
            "expires_at": now + lasting,
        }  # fmt: skip
        event = Event(actor, "issue-key", f"account:{account_name}", after=after, register_id=register_id)
        events.record(connection, event, now)
        return Issued(secret, _existing(connection, key_id))


def _require_to_issue(
    connection: Connection, actor: Actor, permissions: Collection[Permission], register_id: int | None
) -> None:
    access.require(connection, actor, Permission.GRANT, register_id)
    acting = [each for each in permissions if not PERMISSIONS[each].reads]
    if acting:
        raise Forbidden(_ACTING.format(permissions=", ".join(sorted(acting))))


def revoke(engine: Engine, key_id: int, *, actor: Actor, now: datetime, reason: str = "") -> ApiKey:
    """Revoke a key: one's own, or (administrators) one for a register within reach."""
    with transaction(engine) as connection:
        key = _existing(connection, key_id)
        if actor.account != key.account_id or actor.limits is not None:
            access.require(connection, actor, Permission.GRANT, key.limits.register_id)
        if not api_keys.revoke(connection, key_id, now):
            raise Conflict(_REVOKED.format(id=key_id))
        register_id = key.limits.register_id
        event = Event(
            actor,
            "revoke-key",
            f"account:{key.account}",
            reason,
            before={"key": key_id},
            register_id=register_id,
        )
        events.record(connection, event, now)
        return _existing(connection, key_id)


def actor_of(engines: Engines, secret: str, *, address: str, now: datetime) -> Actor | None:
    """Who comes with this key; None where it is unknown, revoked or run out, or its account is locked. Notes
    (once a minute) that it is used."""
    if not secret.startswith(PREFIX):
        return None
    with engines.read.connect() as connection:
        key = api_keys.of_secret(connection, _digest(secret))
        if key is None or key.revoked_at is not None or now >= key.expires_at:
            return None
        if accounts.by_id(connection, key.account_id).locked:
            return None
    if key.used_at is None or now >= key.used_at + _USED_EVERY:
        with transaction(engines.write) as connection:
            api_keys.use(connection, key.id, now)
    return Actor(key.account, f"key:{key.id} {address}".strip(), key.account_id, key.limits)


def audience_of(engines: Engines, actor: Actor, register_code: str) -> Audience:
    """For whom an outlet reads a register. Raises ``NotFound``, and ``Forbidden`` where ``actor`` is no peer
    there: it is told so, rather than shown less than it expects."""
    with engines.read.connect() as connection:
        register_id = registers.get(connection, register_code).id
        access.require(connection, actor, Permission.READ_ENTRIES, register_id)
    return Audience.PEER


def _existing(connection: Connection, key_id: int) -> ApiKey:
    found = api_keys.by_id(connection, key_id)
    if found is None:
        raise NotFound(_NONE.format(id=key_id))
    return found


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()
