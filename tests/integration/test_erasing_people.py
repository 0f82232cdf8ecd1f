"""Who may erase: one person asks, another one confirms, who may in every register concerned."""

from __future__ import annotations

import pytest

from registry.errors import Conflict, Forbidden, NotFound, Refused
from registry.model.role import Role
from registry.services import erasing
from registry.store import erasures, events
from registry.store.engine import Engines
from tests.factories import Installation, identifier_of
from tests.integration.people import account, everything
from tests.integration.secret import (
    CITY,
    ENTRY,
    FIRST,
    PROVINCE,
    SECOND,
    ask,
    broken,
    confirm,
    mentions,
    settle,
    spoken,
)
from tests.integration.standing import live_entries


@pytest.fixture
def installation(engines: Engines) -> Installation:
    return spoken(engines)


def test_two_persons_are_needed(installation: Installation) -> None:
    with pytest.raises(NotFound):
        confirm(installation)
    ask(installation)
    before = everything(installation.engines)
    with pytest.raises(Forbidden):
        confirm(installation, FIRST)
    with pytest.raises(Conflict):
        ask(installation, SECOND)
    assert everything(installation.engines) == before
    assert set(mentions(installation)) != set()
    confirm(installation)
    with pytest.raises(NotFound):
        confirm(installation)
    with installation.engines.read.connect() as connection:
        acts = [
            each.event
            for each in events.listed(connection, events.Filter(subject=f"register:{CITY}"))
            if "eras" in each.event.action
        ]
        (done,) = erasures.of_identifier(connection, ENTRY)
    assert [(each.action, each.actor.name, each.reason) for each in acts] == [
        ("erase", "cli:second", "本人要求"), ("ask-erasure", "cli:first", "本人要求"),
    ]  # fmt: skip
    assert (done.asked_by, done.decided_by) == ("cli:first", "cli:second")


def test_whoever_confirms_may_erase_in_every_register_that_holds_it(installation: Installation) -> None:
    asks = account(installation, "asks", (Role.APPROVER, CITY))
    near = account(installation, "near", (Role.APPROVER, CITY))
    high = account(installation, "high", (Role.APPROVER, PROVINCE))
    for role in set(Role) - {Role.APPROVER}:
        with pytest.raises(Forbidden):
            ask(installation, account(installation, f"no-{role}", (role, PROVINCE)))
    ask(installation, asks)
    with pytest.raises(Forbidden):
        confirm(installation, near)
    assert confirm(installation, high)
    settle(installation)
    assert set(mentions(installation)) == set() and broken(installation) == []


def test_a_request_can_be_taken_back(installation: Installation) -> None:
    ask(installation)
    erasing.withdraw(installation.engines.write, ENTRY, actor=SECOND, now=installation.clock())
    with pytest.raises(NotFound):
        confirm(installation)
    assert ENTRY in live_entries(installation.engines, CITY)
    ask(installation, SECOND)
    confirm(installation, FIRST)


@pytest.mark.parametrize(("identifier", "reason"), [(ENTRY, " "), (identifier_of("nothing"), "so")])
def test_what_cannot_be_meant_is_refused(installation: Installation, identifier: str, reason: str) -> None:
    before = everything(installation.engines)
    with pytest.raises((Refused, NotFound)):
        erasing.ask(
            installation.engines.write, CITY, identifier, actor=FIRST, now=installation.clock(), reason=reason
        )
    assert everything(installation.engines) == before


def test_the_extent_is_told_before(installation: Installation) -> None:
    with installation.engines.read.connect() as connection:
        told = erasing.extent(connection, ENTRY)
    assert (len(told.registers), told.versions, told.records, told.documents, told.raw) == (2, 4, 2, 2, 2)
