"""People with accounts, for tests: whoever acts in them has what its roles allow, and nothing else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from registry.model.event import Actor
from registry.model.role import Role
from registry.services import accounts as service
from registry.store import accounts
from registry.store.engine import Engines
from registry.store.tables import metadata
from tests.factories import Installation

ROOT = Actor("cli:root", "cli:root")
"""Whoever has the machine."""


def account(installation: Installation, name: str, *roles: tuple[Role, str | None]) -> Actor:
    """A new account with roles on registers (None: on all); as it acts."""
    engine, now = installation.engines.write, installation.clock()
    made = service.add_account(engine, service.NewAccount(name), actor=ROOT, now=now)
    for role, code in roles:
        service.grant(engine, name, role, code, actor=ROOT, now=now)
    return Actor(name, "10.0.0.1", made.id)


def roles_of(installation: Installation, actor: Actor) -> set[tuple[Role, str]]:
    """The roles that an account holds, each with the code of its register (empty: all)."""
    assert actor.account is not None
    with installation.engines.read.connect() as connection:
        held = accounts.held(connection, [actor.account]).get(actor.account, [])
    return {(each.grant.role, each.register_code) for each in held}


def everything(engines: Engines) -> dict[str, list[Any]]:
    """All rows of the store but documents and logs: what a refused act must leave as it was."""
    names = "accounts api_keys contacts declines events grants orders outbox registers runs seals sessions sources"
    with engines.read.connect() as connection:
        tables = [metadata.tables[name] for name in names.split()]
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in tables
        }
