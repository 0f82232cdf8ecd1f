"""The people of the demonstration: accounts of every role, and the passwords that they are given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from harvester.commands.demo_sample import Sample
from registry.commands.session import Session
from registry.model.event import Actor
from registry.model.role import Role
from registry.services import accounts as service
from registry.services import passwords
from registry.store import accounts

PASSWORDS = "sample.people"
"""The file in the installation's folder that keeps the passwords."""

PROGRAM = Actor("mulu:demo")
"""Who makes the first accounts, and the registers that they have roles on."""


def make_people(session: Session, sample: Sample) -> Mapping[str, str]:
    """Make the accounts that are not there yet; the password of each by its name, as long as nobody changed it.

    Passwords are drawn when an account is made, and kept in the installation's folder, readable by its owner
    only. Accounts of the sample's names that others made are left alone and are not among them.
    """
    kept_in = session.settings.home / PASSWORDS
    known = msgspec.json.decode(kept_in.read_bytes(), type=dict[str, str]) if kept_in.is_file() else {}
    with session.engines.read.connect() as connection:
        standing = {each.name for each in accounts.listed(connection)}
    for person in sample.people:
        if person.name in standing:
            continue
        known[person.name] = passwords.generated(person.name)
        _keep(kept_in, known)
        service.add_account(
            session.engines.write,
            service.NewAccount(person.name, person.full_name, password=known[person.name], must_change=False),
            role=Role(person.role),
            register_code=person.register_code or None,
            actor=PROGRAM,
            now=session.clock(),
        )
    return known


def acting_as(session: Session, name: str) -> Actor:
    """The person with this account as an actor. Raises ``NotFound``."""
    with session.engines.read.connect() as connection:
        return Actor(name, account=accounts.get(connection, name).id)


def _keep(path: Path, known: Mapping[str, str]) -> None:
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(msgspec.json.encode(known))
    draft.replace(path)
