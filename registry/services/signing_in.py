"""Signing in and out. A session is a row that can be ended; the browser holds its token, the store a digest of it.

A failed attempt is counted before the password is looked at, so that many at once gain nothing. Where a password is
being verified no transaction is open: that takes a tenth of a second.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from registry.errors import Conflict, Forbidden, Refused
from registry.model.account import Account
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.throttle import Failures, ThrottleLimits, counted, waits_until
from registry.services import passwords
from registry.store import accounts, events, sessions
from registry.store.engine import Connection, Engine, Engines, transaction

_WRONG = Text(
    zh="账号或密码不正确，或账号已锁定。", en="the name or the password is wrong, or the account is locked."
)
_WAIT = Text(zh="尝试次数过多，请在 {until} 之后再试。", en="too many attempts; try again after {until}.")
_NOT_THEIRS = Text(zh="原密码不正确。", en="the present password is wrong.")
_SAME = Text(zh="新密码须与原密码不同。", en="the new password must be another one.")
_USED = Text(
    zh="此登录请求已使用过，请重新登录。", en="this attempt to sign in was used already; sign in again."
)
_UNLINKED = Text(
    zh="没有账号与您的外部身份关联。请将此标识告知管理员，由其关联到您的账号：{subject}",
    en="no account is linked with your external identity. Your administrator can link yours with this: {subject}",
)
_LOCKED = Text(zh="您的账号已锁定，请联系管理员。", en="your account is locked; ask your administrator.")
_ENDED = Text(zh="会话已结束，请重新登录。", en="the session has ended; sign in again.")

_SEEN_EVERY = timedelta(minutes=1)
ATTEMPT_LASTS = timedelta(minutes=10)
"""So long may somebody be away at an identity provider, and so long it is known that an attempt was used."""


class Throttled(Forbidden):
    """Too many attempts: nothing was tried. ``until``: when the next one is."""

    def __init__(self, until: datetime) -> None:
        super().__init__(_WAIT.format(until=until.isoformat(timespec="seconds")))
        self.until = until


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """``account`` and ``address``: failures that are borne; ``idle`` and ``longest``: how long a session lasts
    without use, and at all."""

    account: ThrottleLimits
    address: ThrottleLimits
    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun. ``token`` is shown once: it goes into the browser's cookie."""

    token: str
    account: Account


@dataclass(frozen=True, slots=True)
class Identity:
    """Who comes with a session's token."""

    account: Account
    actor: Actor
    session_id: int


def sign_in(
    engine: Engine, name: str, password: str, *, address: str, agent: str, limits: SignInLimits, now: datetime
) -> SignedIn:
    """Begin a session. Raises ``Forbidden`` where name and password do not fit (or the account is locked: one
    and the same sentence), ``Throttled`` after too many attempts of the account or from the address."""
    name = name.strip().lower()
    with transaction(engine) as connection:
        _count_attempt(connection, name, address, limits, now)
        account = accounts.named(connection, name)
        stored = accounts.password_hash(connection, account.id) if account else ""
    good = passwords.matches(password, stored)
    with transaction(engine) as connection:
        account = accounts.named(connection, name, lock=True)
        actor = Actor(name, address, account.id if account else None)
        if account is None:
            raise Forbidden(_WRONG)
        unchanged = accounts.password_hash(connection, account.id) == stored
        if good and unchanged and not account.locked:
            sessions.set_failures(connection, _account(name), Failures())
            _uncount(connection, _address(address))
            return _begin(connection, account, actor, agent, limits, now)
        events.record(connection, Event(actor, "sign-in-refused", f"account:{name}"), now)
    raise Forbidden(_WRONG)


def count_return(engine: Engine, state: str, *, address: str, limits: SignInLimits, now: datetime) -> None:
    """Count that somebody comes back from an identity provider, before it is asked anything: for the address, and for
    the attempt that ``state`` stands for, which is good once. Raises ``Throttled``, ``Forbidden`` for a second time."""
    with transaction(engine) as connection:
        attempt, once = _attempt(state), ThrottleLimits(1, ATTEMPT_LASTS)
        asked = {_address(address): limits.address, attempt: once}
        _forget(connection, limits, now)
        if waits_until(sessions.failures(connection, attempt), once, now) is not None:
            raise Forbidden(_USED)
        _count(connection, asked, now)


def sign_in_subject(
    engine: Engine, subject: str, *, address: str, agent: str, limits: SignInLimits, now: datetime
) -> SignedIn:
    """Begin a session of whoever an identity provider has vouched for, as :func:`sign_in` does; the attempt was
    counted by :func:`count_return`. Raises ``Forbidden`` where no account has that external identity, or a locked one:
    who it is was proved, so that it is told which."""
    with transaction(engine) as connection:
        found = accounts.of_subject(connection, subject)
        account = None if found is None else accounts.get(connection, found.name, lock=True)
        if account is None or account.subject != subject:
            raise Forbidden(_UNLINKED.format(subject=subject.partition("|")[2]))
        actor = Actor(account.name, address, account.id)
        if not account.locked:
            _uncount(connection, _address(address))
            return _begin(connection, account, actor, agent, limits, now, subject)
        events.record(connection, Event(actor, "sign-in-refused", f"account:{account.name}"), now)
    raise Forbidden(_LOCKED)


def identity_of(
    engines: Engines, token: str, *, address: str, limits: SignInLimits, now: datetime
) -> Identity | None:
    """Who comes with this token; None where its session has ended, run out or was idle for too long, or where
    its account is locked. Notes (once a minute) that the session is used."""
    with engines.read.connect() as connection:
        session = sessions.of_token(connection, _digest(token))
        if session is None or now >= session.expires_at or now >= session.seen_at + limits.idle:
            return None
        account = accounts.by_id(connection, session.account_id)
    if account.locked:
        return None
    if now >= session.seen_at + _SEEN_EVERY:
        with transaction(engines.write) as connection:
            sessions.see(connection, session.id, now)
    return Identity(account, Actor(account.name, address, account.id), session.id)


def sign_out(engine: Engine, identity: Identity, now: datetime) -> None:
    """End a session; harmless where it has ended."""
    with transaction(engine) as connection:
        if sessions.end(connection, identity.session_id, now):
            _record(connection, identity, "sign-out", now)


def end_other_sessions(engine: Engine, identity: Identity, now: datetime) -> int:
    """End all other sessions of one's own account; returns how many."""
    with transaction(engine) as connection:
        ended = sessions.end_all(connection, identity.account.id, now, but=identity.session_id)
        _record(connection, identity, "end-sessions", now, {"ended": ended})
        return ended


def change_password(
    engine: Engine, identity: Identity, present: str, wanted: str, *, limits: SignInLimits, now: datetime
) -> None:
    """Choose another password for one's own account; its other sessions end.

    Raises ``Forbidden`` where the present one is wrong (counted like a failed sign-in), ``Refused`` for a weak
    one, ``Conflict`` where the session ended meanwhile.
    """
    account = identity.account
    with transaction(engine) as connection:
        _count_attempt(connection, account.name, identity.actor.address, limits, now)
        stored = accounts.password_hash(connection, account.id)
    if not passwords.matches(present, stored):
        raise Forbidden(_NOT_THEIRS)
    if present == wanted:
        raise Refused(_SAME)
    password_hash = passwords.hashed(wanted, account.name)
    with transaction(engine) as connection:
        current = accounts.get(connection, account.name, lock=True)
        if current.locked or accounts.password_hash(connection, account.id) != stored:
            raise Conflict(_ENDED)
        _uncount(connection, _account(account.name))
        _uncount(connection, _address(identity.actor.address))
        accounts.change(connection, account.id, password_hash=password_hash, must_change=False)
        sessions.end_all(connection, account.id, now, but=identity.session_id)
        _record(connection, identity, "change-password", now)


def _count_attempt(
    connection: Connection, name: str, address: str, limits: SignInLimits, now: datetime
) -> None:
    """Count one attempt for the account and for the address. Raises ``Throttled`` where either has to wait."""
    _forget(connection, limits, now)
    _count(connection, {_account(name): limits.account, _address(address): limits.address}, now)


def _forget(connection: Connection, limits: SignInLimits, now: datetime) -> None:
    longest = max(limits.account.window, limits.address.window, ATTEMPT_LASTS)
    sessions.forget_failures(connection, now - longest)


def _count(connection: Connection, asked: Mapping[str, ThrottleLimits], now: datetime) -> None:
    before = {whom: sessions.failures(connection, whom) for whom in asked}
    for whom, limit in asked.items():
        if (until := waits_until(before[whom], limit, now)) is not None:
            raise Throttled(until)
    for whom, limit in asked.items():
        sessions.set_failures(connection, whom, counted(before[whom], limit, now))


def _uncount(connection: Connection, whom: str) -> None:
    """An attempt that was counted has succeeded; those that have failed meanwhile stay counted."""
    failures = sessions.failures(connection, whom)
    if failures.count:
        sessions.set_failures(connection, whom, Failures(failures.count - 1, failures.since))


def _account(name: str) -> str:
    return f"account:{name[:64]}"


def _address(address: str) -> str:
    return f"address:{address}"


def _attempt(state: str) -> str:
    return f"attempt:{sha256(state.encode('utf-8', 'replace')).hexdigest()}"


def _begin(
    connection: Connection, account: Account, actor: Actor, agent: str, limits: SignInLimits, now: datetime,
    subject: str = "",
) -> SignedIn:  # fmt: skip
    token = secrets.token_urlsafe(32)
    sessions.begin(
        connection, account.id, _digest(token), expires_at=now + limits.longest, address=actor.address,
        agent=agent[:200], now=now,
    )  # fmt: skip
    accounts.change(connection, account.id, signed_in_at=now)
    by = {"subject": subject} if subject else {}
    events.record(connection, Event(actor, "sign-in", f"account:{account.name}", after=by), now)
    return SignedIn(token, accounts.by_id(connection, account.id))


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def _record(
    connection: Connection,
    identity: Identity,
    action: str,
    now: datetime,
    after: dict[str, int] | None = None,
) -> None:
    subject = f"account:{identity.account.name}"
    events.record(connection, Event(identity.actor, action, subject, after=after or {}), now)
