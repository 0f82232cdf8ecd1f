"""What is loaded once and asked often says what the services say in their transactions."""

from __future__ import annotations

import pytest

from registry.model.event import Actor
from registry.model.register import Level
from registry.model.role import Permission, Role
from registry.model.source import Protocol
from registry.services import access, accounts, registration
from registry.services.rights import INSTALLATION, place_of, rights_of
from registry.store import registers, sources
from registry.store.engine import Engines
from tests.factories import Installation

CLI = Actor("cli:test")
TREE = {
    "000000": Level.NATIONAL,
    "330000": Level.PROVINCIAL,
    "330100": Level.MUNICIPAL,
    "330106": Level.COUNTY,
    "420000": Level.PROVINCIAL,
}
READS = (("000000", "330000"), ("000000", "420000"), ("330000", "330100"), ("330100", "330106"))


@pytest.mark.parametrize("place", [None, "000000", "330000", "330106"])
def test_both_say_the_same(engines: Engines, place: str | None) -> None:
    installation = Installation(engines)
    for code, level in TREE.items():
        installation.register(code, code, level)
    for above, below in READS:
        installation.source(f"{above}-over-{below}", above, "", below, Protocol.REGISTER)
    now = installation.clock()
    for role in Role:
        name = f"{role}.x"
        account = accounts.add_account(
            engines.write, accounts.NewAccount(name), role=role, register_code=place, actor=CLI, now=now
        )
        actor = Actor(name, "", account.id)
        for code in ("330000", "330100"):
            registration.add_source(
                engines.write,
                registration.NewSource(
                    f"{role}-{code}", code, code, Protocol.FOLDER, f"/{role}/{code}", namespace="a.example"
                ),
                actor=Actor(name), now=now,
            )  # fmt: skip
        with engines.read.connect() as connection:
            rights = rights_of(connection, actor)
            every = registers.listed(connection)
            own = {each: sources.get(connection, f"{role}-{each}") for each in ("330000", "330100")}
            foreign = sources.get(connection, "330100-over-330106")
            for permission in Permission:
                assert rights.may(permission, INSTALLATION) is access.allows(
                    connection, actor, permission, None
                )
                reached = access.reach(connection, actor, permission)
                ours = rights.reach(permission)
                assert ours is None or (reached is not None and reached <= ours)
                for source in (*own.values(), foreign):
                    said = access.allows(
                        connection, actor, permission, source.description.register_id, source=source
                    )
                    assert rights.may(permission, place_of(source)) is said, (permission, source.code)
                    assert not said or ours is None or source.description.register_id in ours
            here = {each.id for each in every if each.code == place}
            assert rights.home is None if place is None else here <= (rights.home or set())
