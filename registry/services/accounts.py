"""Accounts and the roles they hold. Each function is one transaction with exactly one event.

An administrator acts within its reach: it grants on its register and beneath, and it looks after accounts whose
roles all lie there. Nobody changes the roles of its own account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.errors import Conflict, Forbidden, Refused
from registry.model.account import Account, is_account_name
from registry.model.event import Actor, Event
from registry.model.external import value_fault
from registry.model.issue import Text
from registry.model.role import Grant, Permission, Role, clashing
from registry.services import access, passwords
from registry.store import accounts, events, registers, sessions
from registry.store.engine import Connection, Engine, IntegrityError, transaction

_BAD_NAME = Text(
    zh="账号名 {name!r} 不合规：限 2 至 64 个小写字母、数字、点、下划线或连字符，且不得是保留名。",
    en="{name!r} is no name for an account: 2 to 64 lower-case letters, digits, dots, underscores or hyphens, and "
    "none that is reserved.",
)
_TAKEN = Text(zh="账号 {name} 已存在。", en="there is an account {name} already.")
_HELD = Text(zh="{name} 已是 {register} 的 {role}。", en="{name} is {role} on {register} already.")
_NOT_HELD = Text(zh="{name} 不是 {register} 的 {role}。", en="{name} is not {role} on {register}.")
_CLASH = Text(
    zh="{name} 已有角色 {held}，不能同时为 {role}(管理、审计与业务操作须分离)；请先撤销。",
    en="{name} is {held}: {role} does not go with that (administering, auditing and acting are kept apart); "
    "revoke it first.",
)
_OWN = Text(
    zh="不能更改自己账号的角色或状态。", en="nobody changes the roles or the state of its own account."
)
_ALREADY = Text(zh="账号 {name} 的状态已是如此。", en="the account {name} is so already.")
_BAD_EMAIL = Text(zh="{email!r} 不是电子邮件地址。", en="{email!r} is no e-mail address.")
_LINKED = Text(
    zh="此外部身份已关联另一账号；请先解除。",
    en="this external identity is linked with another account; unlink it there first.",
)
_OUT_OF_REACH = Text(
    zh="账号 {name} 的角色超出 {actor} 的管理范围。",
    en="the account {name} has roles beyond the reach of {actor}.",
)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is stated of a new account. ``password`` empty: it cannot sign in with one (an identity provider, or
    API keys only). ``must_change``: whoever signs in first chooses another."""

    name: str
    full_name: str = ""
    email: str = ""
    language: str = "zh"
    password: str = ""
    must_change: bool = True
    subject: str = ""


def add_account(
    engine: Engine,
    new: NewAccount,
    *,
    role: Role | None = None,
    register_code: str | None = None,
    actor: Actor,
    now: datetime,
) -> Account:
    """A new account, with its first role (``register_code`` None: on every register) or none.

    Raises ``Refused`` for a bad name, address, password or subject, ``Conflict`` where the name or the external
    identity is another account's, ``Forbidden``.
    """
    if not is_account_name(new.name):
        raise Refused(_BAD_NAME.format(name=new.name))
    _check_email(new.email)
    _check_subject(new.subject)
    password_hash = passwords.hashed(new.password, new.name) if new.password else ""
    try:
        with transaction(engine) as connection:
            register_id = _place(connection, register_code)
            if role is None:
                _require_somewhere(connection, actor)
            else:
                access.require(connection, actor, Permission.GRANT, register_id)
            _require_free(connection, new.subject)
            account_id = accounts.add(
                connection,
                {
                    "name": new.name, "full_name": new.full_name, "email": new.email, "language": new.language,
                    "subject": new.subject, "password_hash": password_hash,
                    "must_change": bool(password_hash) and new.must_change, "created_at": now,
                },
            )  # fmt: skip
            if role is not None:
                accounts.add_grant(connection, account_id, Grant(role, register_id), actor.name, now)
            after = {"role": role, "register": register_code, "subject": new.subject}
            after["full_name"] = new.full_name
            _record(connection, actor, "add", new.name, now, after=after, register_id=register_id)
            return accounts.by_id(connection, account_id)
    except IntegrityError as error:
        raise Conflict(_TAKEN.format(name=new.name)) from error


def grant(
    engine: Engine,
    name: str,
    role: Role,
    register_code: str | None,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Account:
    """Give a role on a register and everything beneath it (None: on every register).

    Raises ``Conflict`` where the account holds it, or holds one that does not go with it; ``Forbidden``.
    """
    with transaction(engine) as connection:
        account, register_id = _to_grant(connection, name, register_code, actor)
        held = accounts.grants_of(connection, account.id)
        told = {"name": name, "role": role, "register": register_code or "*"}
        if Grant(role, register_id) in held:
            raise Conflict(_HELD.format(**told))
        if clash := clashing((each.role for each in held), role):
            raise Conflict(_CLASH.format(**told, held=", ".join(sorted(clash))))
        accounts.add_grant(connection, account.id, Grant(role, register_id), actor.name, now)
        after = {"role": role, "register": register_code}
        _record(connection, actor, "grant", name, now, reason=reason, after=after, register_id=register_id)
        return account


def revoke(
    engine: Engine,
    name: str,
    role: Role,
    register_code: str | None,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Account:
    """Take a role. It counts no more from now on, in sessions and for keys too. Raises as :func:`grant`."""
    with transaction(engine) as connection:
        account, register_id = _to_grant(connection, name, register_code, actor)
        if not accounts.remove_grant(connection, account.id, Grant(role, register_id)):
            raise Conflict(_NOT_HELD.format(name=name, role=role, register=register_code or "*"))
        before = {"role": role, "register": register_code}
        _record(connection, actor, "revoke", name, now, reason=reason, before=before, register_id=register_id)
        return account


def set_locked(
    engine: Engine, name: str, *, locked: bool, actor: Actor, now: datetime, reason: str = ""
) -> Account:
    """Lock an account (its sessions end, its keys and roles count no more) or unlock it."""
    with transaction(engine) as connection:
        account = _to_look_after(connection, name, actor)
        if account.locked is locked:
            raise Conflict(_ALREADY.format(name=name))
        accounts.change(connection, account.id, locked=locked)
        if locked:
            sessions.end_all(connection, account.id, now)
        _record(connection, actor, "lock" if locked else "unlock", name, now, reason=reason)
        return accounts.by_id(connection, account.id)


def reset_password(engine: Engine, name: str, password: str, *, actor: Actor, now: datetime) -> Account:
    """Give somebody else's account a password, to be changed at the next sign-in; its sessions end."""
    password_hash = passwords.hashed(password, name)
    with transaction(engine) as connection:
        account = _to_look_after(connection, name, actor)
        accounts.change(connection, account.id, password_hash=password_hash, must_change=True)
        sessions.end_all(connection, account.id, now)
        _record(connection, actor, "reset-password", name, now)
        return accounts.by_id(connection, account.id)


def set_subject(
    engine: Engine, name: str, subject: str, *, drop_password: bool = False, actor: Actor, now: datetime,
    reason: str = "",
) -> Account:  # fmt: skip
    """Say who an account is at the identity provider (``model.external.subject_of``; empty: nobody any more). Its
    sessions end, and the password that it was given and has not changed yet is none any more (``drop_password``:
    nor one that its holder chose). Raises ``Refused``, ``Conflict``, ``Forbidden``, ``NotFound``."""
    _check_subject(subject)
    with transaction(engine) as connection:
        account = _to_look_after(connection, name, actor)
        if account.subject == subject:
            raise Conflict(_ALREADY.format(name=name))
        _require_free(connection, subject)
        accounts.change(connection, account.id, subject=subject)
        if subject and (drop_password or account.must_change):
            accounts.change(connection, account.id, password_hash="", must_change=False)
        sessions.end_all(connection, account.id, now)
        before, after = {"subject": account.subject}, {"subject": subject}
        act = "link" if subject else "unlink"
        _record(connection, actor, act, name, now, reason=reason, before=before, after=after)
        return accounts.by_id(connection, account.id)


_ABOUT_ONESELF = frozenset({"full_name", "email", "language", "mails"})


def change_profile(
    engine: Engine, name: str, changes: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Account:
    """Change what an account says of its holder: ``full_name``, ``email``, ``language``, ``mails``. Everybody
    may on its own account, administrators within their reach. Raises ``Refused`` for other fields."""
    if unknown := set(changes) - _ABOUT_ONESELF:
        names = ", ".join(sorted(unknown))
        raise Refused(Text(zh=f"不能修改的字段：{names}。", en=f"fields that cannot be changed: {names}."))
    _check_email(changes.get("email", ""))
    with transaction(engine) as connection:
        account = accounts.get(connection, name, lock=True)
        if actor.account != account.id or actor.limits is not None:
            _to_look_after(connection, name, actor)
        accounts.change(connection, account.id, **changes)
        before = {each: getattr(account, each) for each in changes}
        _record(connection, actor, "change", name, now, before=before, after=dict(changes))
        return accounts.by_id(connection, account.id)


def _to_grant(
    connection: Connection, name: str, register_code: str | None, actor: Actor
) -> tuple[Account, int | None]:
    account = accounts.get(connection, name, lock=True)
    if actor.account == account.id:
        raise Forbidden(_OWN)
    register_id = _place(connection, register_code)
    access.require(connection, actor, Permission.GRANT, register_id)
    return account, register_id


def _to_look_after(connection: Connection, name: str, actor: Actor) -> Account:
    """The account, locked, if it is another one and all of its roles lie within the reach of ``actor``."""
    account = accounts.get(connection, name, lock=True)
    if actor.account is None:
        return account
    if actor.account == account.id:
        raise Forbidden(_OWN)
    held = accounts.grants_of(connection, account.id)
    if not held:
        _require_somewhere(connection, actor)
    if not all(access.allows(connection, actor, Permission.GRANT, each.register_id) for each in held):
        raise Forbidden(_OUT_OF_REACH.format(name=name, actor=actor.name))
    return account


def _require_somewhere(connection: Connection, actor: Actor) -> None:
    """``actor`` administers some register at least."""
    if access.reach(connection, actor, Permission.GRANT) == frozenset():
        access.require(connection, actor, Permission.GRANT, None)


def _place(connection: Connection, register_code: str | None) -> int | None:
    return None if register_code is None else registers.get(connection, register_code).id


def _check_subject(subject: str) -> None:
    issuer, _, value = subject.partition("|")
    fault = value_fault(value) if issuer else None
    if fault is not None:
        raise Refused(fault)


def _require_free(connection: Connection, subject: str) -> None:
    if accounts.of_subject(connection, subject) is not None:
        raise Conflict(_LINKED)


def _check_email(email: str) -> None:
    name, at, host = email.rpartition("@")
    if email and not (
        name and at and "." in host and email.isprintable() and " " not in email and "," not in email
    ):
        raise Refused(_BAD_EMAIL.format(email=email))


def _record(
    connection: Connection,
    actor: Actor,
    action: str,
    name: str,
    now: datetime,
    *,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    register_id: int | None = None,
) -> None:
    event = Event(actor, action, f"account:{name}", reason, before or {}, after or {}, register_id)
    events.record(connection, event, now)
