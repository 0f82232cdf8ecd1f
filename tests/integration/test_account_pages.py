"""Accounts and keys by the page, within the registers that count."""

from __future__ import annotations

from datetime import timedelta

from registry.model.event import Actor
from registry.model.role import Permission, Role
from registry.services import accounts, keys
from registry.store import accounts as stored
from registry.store import api_keys, registers
from registry.store.engine import Engines
from tests.factories import Installation

CLI = Actor("cli:test")


def test_pages_of_accounts_and_keys(engines: Engines) -> None:
    installation = Installation(engines)
    for each in ("330100", "330200"):
        installation.register(each)
    now = installation.clock()
    staff: tuple[tuple[str, Role | None, str | None], ...] = (
        ("a.both", Role.VIEWER, "330100"),
        ("b_here", Role.OPERATOR, "330100"),
        ("c%there", Role.OPERATOR, "330200"),
        ("d.all", Role.AUDITOR, None),
        ("e.none", None, None),
    )
    for name, role, code in staff:
        new = accounts.NewAccount(name.replace("%", "-"), f"姓名 {name}")
        accounts.add_account(engines.write, new, role=role, register_code=code, actor=CLI, now=now)
    accounts.grant(engines.write, "a.both", Role.OPERATOR, "330200", actor=CLI, now=now)
    accounts.set_locked(engines.write, "b_here", locked=True, actor=CLI, now=now)
    for place in ("330100", "330200", None):
        keys.issue(
            engines.write, "a.both", label="x", permissions=[Permission.READ_ENTRIES], register_code=place,
            lasting=timedelta(days=1), longest=timedelta(days=1), actor=CLI, now=now,
        )  # fmt: skip
    keys.revoke(engines.write, 2, actor=CLI, now=now)
    with engines.read.connect() as connection:
        here = frozenset({registers.get(connection, "330100").id})

        def names(**asked: object) -> list[str]:
            return [each.name for each in stored.page(connection, **asked)]  # type: ignore[arg-type]

        assert names(within=None) == ["a.both", "b_here", "c-there", "d.all", "e.none"]
        assert names(within=here) == ["a.both", "b_here", "e.none"]
        assert names(within=frozenset()) == ["e.none"]
        assert names(within=here, role=Role.OPERATOR) == ["b_here"]
        assert names(within=None, role=Role.OPERATOR) == ["a.both", "b_here", "c-there"]
        assert names(within=None, locked=True) == ["b_here"]
        assert names(within=None, wanted="_") == ["b_here"]
        assert names(within=None, wanted="姓名 c%") == ["c-there"]
        assert names(within=None, wanted="%") == ["c-there"]
        assert names(within=None, after="b_here", limit=2) == ["c-there", "d.all"]

        def numbers(**asked: object) -> list[int]:
            return [each.id for each in api_keys.page(connection, **asked)]  # type: ignore[arg-type]

        assert numbers(within=None) == [3, 2, 1]
        assert numbers(within=here) == [1]
        assert numbers(within=None, valid_at=now) == [3, 1]
        assert numbers(within=None, valid_at=now + timedelta(days=1)) == []
        assert numbers(within=None, before=3, limit=1) == [2]
