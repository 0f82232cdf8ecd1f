"""Registers: rows and their policies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from registry.errors import NotFound
from registry.model.issue import Text
from registry.model.register import Level, Policy, Register
from registry.store.tables import registers

_c = registers.c
_COLUMNS = (
    _c.id, _c.code, _c.name, _c.level, _c.division, _c.policy, _c.mark, _c.head, _c.entries,
    _c.published_at, _c.owner, _c.manager,
)  # fmt: skip


def _register(row: Any) -> Register:
    key, code, name, level, division, policy, *rest = row
    return Register(key, code, name, Level(level), division, msgspec.convert(policy, Policy), *rest)


def add(
    connection: Connection,
    *,
    code: str,
    name: str,
    level: Level,
    division: str,
    policy: Policy,
    owner: str,
    manager: str,
    now: datetime,
) -> int:
    """A new, empty register; returns its id."""
    result = connection.execute(
        insert(registers)
        .values(
            code=code, name=name, level=str(level), division=division, policy=policy,
            owner=owner, manager=manager, created_at=now,
        )
        .returning(_c.id)
    )  # fmt: skip
    return int(result.scalar_one())


_BY_CODE = select(*_COLUMNS).where(_c.code == bindparam("code"))
"""Asked for every answer of an outlet: made once."""


def get(connection: Connection, code: str) -> Register:
    """The register with this code. Raises ``NotFound``."""
    row = connection.execute(_BY_CODE, {"code": code}).one_or_none()
    if row is None:
        raise NotFound(
            Text(
                zh=f"没有代码为 {code} 的登记册；用 mulu register list 查看。",
                en=f"there is no register {code!r}; `mulu register list` shows those that are.",
            )
        )
    return _register(row)


def by_id(connection: Connection, register_id: int, *, lock: bool = False) -> Register:
    """The register with this id; ``lock`` holds its row until the transaction ends."""
    query = select(*_COLUMNS).where(_c.id == register_id)
    return _register(connection.execute(query.with_for_update(key_share=True) if lock else query).one())


def listed(connection: Connection) -> list[Register]:
    """All registers, from the nation down, by code within a level."""
    order = {level: place for place, level in enumerate(Level)}
    found = [_register(row) for row in connection.execute(select(*_COLUMNS))]
    return sorted(found, key=lambda register: (order[register.level], register.code))


def change(connection: Connection, register_id: int, **values: Any) -> None:
    """Set columns of a register."""
    connection.execute(update(registers).where(_c.id == register_id).values(**values))


def advance_head(connection: Connection, register_id: int, head: int, entries_change: int) -> None:
    """Sequences up to ``head`` are given out; so many live entries more once they are published."""
    connection.execute(
        update(registers)
        .where(_c.id == register_id)
        .values(head=head, entries_to_come=_c.entries_to_come + entries_change)
    )


def move_mark(connection: Connection, register_id: int, mark: int, published_at: datetime) -> None:
    """Everything up to ``mark`` is visible from now on."""
    connection.execute(
        update(registers)
        .where(_c.id == register_id)
        .values(
            mark=mark, published_at=published_at, entries=_c.entries + _c.entries_to_come, entries_to_come=0
        )
    )


def expired_through(connection: Connection, register_id: int) -> date | None:
    """The last day whose calendar changes are published; None before the first."""
    found: date | None = connection.execute(
        select(_c.expired_through).where(_c.id == register_id)
    ).scalar_one()
    return found


def set_expired_through(connection: Connection, register_id: int, day: date) -> None:
    """The calendar changes of all days up to ``day`` are published."""
    connection.execute(update(registers).where(_c.id == register_id).values(expired_through=day))


def indexed_through(connection: Connection, register_id: int) -> int:
    """The sequence up to which the search index has been fed."""
    return int(connection.execute(select(_c.indexed_through).where(_c.id == register_id)).scalar_one())


def advance_index(connection: Connection, register_id: int, sequence: int) -> None:
    """The search index holds everything up to ``sequence``, or more: it never goes back."""
    connection.execute(
        update(registers)
        .where(_c.id == register_id, _c.indexed_through < sequence)
        .values(indexed_through=sequence)
    )
