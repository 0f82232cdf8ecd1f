"""Accounts, and the roles they hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, exists, insert, select, update

from registry.errors import NotFound
from registry.model.account import Account
from registry.model.issue import Text
from registry.model.role import Grant, Role
from registry.store.engine import among
from registry.store.tables import accounts, grants, registers

_c = accounts.c
_SELECT = select(
    _c.id, _c.name, _c.full_name, _c.email, _c.language, _c.mails, _c.subject,
    (_c.password_hash != "").label("has_password"), _c.must_change, _c.locked, _c.created_at, _c.signed_in_at,
)  # fmt: skip


class Held(NamedTuple):
    """A grant as it stands: the role, on which register (its code; empty: on all), who gave it and when."""

    grant: Grant
    register_code: str
    granted_by: str
    granted_at: datetime


def add(connection: Connection, values: dict[str, Any]) -> int:
    """A new account from column values; returns its id."""
    return int(connection.execute(insert(accounts).values(**values).returning(_c.id)).scalar_one())


def get(connection: Connection, name: str, *, lock: bool = False) -> Account:
    """The account with this name; ``lock`` holds its row. Raises ``NotFound``."""
    found = named(connection, name, lock=lock)
    if found is None:
        raise NotFound(
            Text(
                zh=f"没有名为 {name} 的账号；用 mulu account list 查看。",
                en=f"there is no account {name!r}; `mulu account list` shows those that are.",
            )
        )
    return found


def named(connection: Connection, name: str, *, lock: bool = False) -> Account | None:
    """The account with this name, or None."""
    query = _SELECT.where(_c.name == name)
    row = connection.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()
    return None if row is None else Account(*row)


def by_id(connection: Connection, account_id: int) -> Account:
    """The account with this id."""
    return Account(*connection.execute(_SELECT.where(_c.id == account_id)).one())


def of_subject(connection: Connection, subject: str) -> Account | None:
    """The account of an external identity, or None."""
    row = connection.execute(_SELECT.where(_c.subject == subject, _c.subject != "")).one_or_none()
    return None if row is None else Account(*row)


def listed(connection: Connection) -> list[Account]:
    """All accounts, by name."""
    return [Account(*row) for row in connection.execute(_SELECT.order_by(_c.name))]


def page(
    connection: Connection,
    *,
    within: frozenset[int] | None,
    wanted: str = "",
    role: Role | None = None,
    locked: bool | None = None,
    after: str = "",
    limit: int = 50,
) -> list[Account]:
    """Accounts by name, from behind ``after`` on: those that hold a role on a register of ``within`` (None: all), or
    none at all. ``wanted``: a part of the name or of the full name; ``role``: one that they hold there."""
    query = _SELECT.where(_c.name > after).order_by(_c.name).limit(limit)
    holds = exists().where(grants.c.account_id == _c.id)
    there = holds if within is None else holds.where(among(grants.c.register_id, sorted(within), connection))
    if role is not None:
        query = query.where(there.where(grants.c.role == str(role)))
    elif within is not None:
        query = query.where(there | ~holds)
    if wanted:
        query = query.where(
            _c.name.contains(wanted.lower(), autoescape=True) | _c.full_name.contains(wanted, autoescape=True)
        )
    if locked is not None:
        query = query.where(_c.locked.is_(locked))
    return [Account(*row) for row in connection.execute(query)]


def password_hash(connection: Connection, account_id: int) -> str:
    """The hash of an account's password; empty where it has none."""
    return str(connection.execute(select(_c.password_hash).where(_c.id == account_id)).scalar_one())


def change(connection: Connection, account_id: int, **values: Any) -> None:
    """Set columns of an account."""
    connection.execute(update(accounts).where(_c.id == account_id).values(**values))


def grants_of(connection: Connection, account_id: int) -> list[Grant]:
    """The roles that an account holds."""
    query = select(grants.c.role, grants.c.register_id).where(grants.c.account_id == account_id)
    return [Grant(Role(role), register_id) for role, register_id in connection.execute(query)]


def held(connection: Connection, account_ids: Iterable[int]) -> dict[int, list[Held]]:
    """The grants of several accounts, as they stand; the roles in the order of their members."""
    query = (
        select(
            grants.c.account_id, grants.c.role, grants.c.register_id, registers.c.code, grants.c.granted_by,
            grants.c.granted_at,
        )
        .join_from(grants, registers, registers.c.id == grants.c.register_id, isouter=True)
        .where(grants.c.account_id.in_(list(account_ids)))
    )  # fmt: skip
    order = list(Role)
    found: dict[int, list[Held]] = {}
    for account_id, role, register_id, code, by, at in connection.execute(query):
        found.setdefault(account_id, []).append(Held(Grant(Role(role), register_id), code or "", by, at))
    for each in found.values():
        each.sort(key=lambda one: (one.register_code, order.index(one.grant.role)))
    return found


def add_grant(connection: Connection, account_id: int, grant: Grant, by: str, now: datetime) -> None:
    """Give a role. Raises ``IntegrityError`` where the account holds it already."""
    connection.execute(
        insert(grants).values(
            account_id=account_id,
            role=str(grant.role),
            register_id=grant.register_id,
            granted_by=by,
            granted_at=now,
        )
    )


def remove_grant(connection: Connection, account_id: int, grant: Grant) -> bool:
    """Take a role; whether the account held it."""
    removed = connection.execute(
        delete(grants).where(
            grants.c.account_id == account_id,
            grants.c.role == str(grant.role),
            grants.c.register_id.is_not_distinct_from(grant.register_id),
        )
    )
    return removed.rowcount > 0


def holders(connection: Connection, role: Role, register_id: int | None) -> list[int]:
    """The ids of the accounts, none of them locked, that hold a role on exactly this register (None: on all)."""
    query = (
        select(grants.c.account_id)
        .join_from(grants, accounts, _c.id == grants.c.account_id)
        .where(
            grants.c.role == str(role),
            grants.c.register_id.is_not_distinct_from(register_id),
            _c.locked.is_(False),
        )
        .order_by(grants.c.account_id)
    )
    return list(connection.execute(query).scalars())
