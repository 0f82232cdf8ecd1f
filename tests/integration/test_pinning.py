"""A record that somebody pinned stands for its entry, whatever the others hold; the standing entry follows."""

from __future__ import annotations

from datetime import date

import pytest

from registry.errors import Conflict, Forbidden, NotFound, Refused, RegistryError
from registry.model.event import Actor
from registry.model.merge import AuthorityRule, explain
from registry.model.role import Role
from registry.services import pinning, policies
from registry.store import events, holdings, pins, registers
from registry.store.engine import Engines
from registry.store.tables import versions
from tests.factories import SUBMITTER, Installation, catalogue_document, deleted, identifier_of, live
from tests.integration.people import ROOT, account, everything
from tests.integration.standing import live_entries, log_of
from tests.integration.test_authority import broken, is_left_over, settle
from tests.invariants import check

CITY = "330200"
ENTRY = identifier_of("0")
NEWER, OLDER = date(2024, 5, 2), date(2024, 5, 1)


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A city with two sources that share an entry; that of ``newer`` stands."""
    installation = Installation(engines)
    installation.register(CITY)
    for code, day in (("older", OLDER), ("newer", NEWER)):
        installation.source(code, CITY)
        document = catalogue_document("0", title=code, updated_on=day)
        installation.harvest(code, [live("0", document), live(f"{code}-own")])
    assert stands(installation) == "newer"
    return installation


def stands(on: Installation) -> str | None:
    """From which source the entry is; None for a tombstone."""
    entry = live_entries(on.engines, CITY).get(ENTRY)
    return None if entry is None else entry.source


def pin(on: Installation, source: str = "older", actor: Actor = ROOT, reason: str = "双方确认") -> None:
    pinning.pin(on.engines.write, CITY, ENTRY, source, actor=actor, now=on.clock(), reason=reason)


def unpin(on: Installation, actor: Actor = ROOT, reason: str = "so") -> None:
    pinning.unpin(on.engines.write, CITY, ENTRY, actor=actor, now=on.clock(), reason=reason)


def sound(on: Installation) -> bool:
    return check(on.engines) == [] and broken(on) == []


def test_the_standing_entry_follows_a_pin_and_its_end(installation: Installation) -> None:
    pin(installation)
    assert stands(installation) == "newer" and is_left_over(installation)
    assert broken(installation) == []
    settle(installation)
    assert stands(installation) == "older" and sound(installation)
    unpin(installation)
    settle(installation)
    assert stands(installation) == "newer" and sound(installation)
    assert not is_left_over(installation)
    log = log_of(installation.engines, CITY)
    assert log.mark == log.head


def test_a_pin_is_stronger_than_any_rule_and_any_date(installation: Installation) -> None:
    pin(installation)
    rule = AuthorityRule("newer", CITY, "project:2.1", "杭州市城乡建设委员会")
    policies.add_authority(
        installation.engines.write, CITY, rule, actor=ROOT, now=installation.clock(), reason="so"
    )
    settle(installation)
    newest = catalogue_document("0", title="newest", updated_on=date(2024, 5, 3))
    installation.harvest("newer", [live("0", newest), live("newer-own")])
    assert stands(installation) == "older" and sound(installation)


@pytest.mark.parametrize("pinned_first", [True, False])
def test_order_does_not_matter(engines: Engines, pinned_first: bool) -> None:
    """Whether the other record came before the pin or after it."""
    on = Installation(engines)
    on.register(CITY)
    on.source("older", CITY), on.source("newer", CITY)
    on.harvest("older", [live("0", catalogue_document("0", title="a", updated_on=OLDER))])
    if pinned_first:
        pin(on)
    on.harvest("newer", [live("0", catalogue_document("0", title="b", updated_on=NEWER))])
    if not pinned_first:
        pin(on)
        settle(on)
    assert stands(on) == "older" and sound(on)


def test_what_a_pinned_source_deletes_is_deleted(installation: Installation) -> None:
    pin(installation)
    settle(installation)
    installation.harvest("older", [deleted("0"), live("older-own")])
    assert stands(installation) is None
    unpin(installation)
    settle(installation)
    assert stands(installation) == "newer" and sound(installation)


def test_the_explanation_names_who_and_why(installation: Installation) -> None:
    pin(installation)
    with installation.engines.read.connect() as connection:
        register = registers.get(connection, CITY)
        held = holdings.candidates(connection, register.id, [ENTRY])[ENTRY]
    first, second = explain([each.record for each in held], register.policy.authority)
    assert first.record.source_code == "older"
    assert "cli:root" in first.reason.zh and "双方确认" in first.reason.zh
    assert "because: 双方确认" in first.reason.en and "pinned" in second.reason.en


def test_versions_name_the_act(installation: Installation) -> None:
    pin(installation)
    settle(installation)
    with installation.engines.read.connect() as connection:
        (act,) = events.listed(connection, events.Filter(action="pin"))
        causes = set(connection.scalars(versions.select().with_only_columns(versions.c.cause)))
    assert f"act:pin:{act.id}" in causes
    assert act.event.after == {"identifier": ENTRY, "source": "older"}


def test_a_pin_replaces_another(installation: Installation) -> None:
    pin(installation)
    pin(installation, "newer")
    settle(installation)
    with installation.engines.read.connect() as connection:
        found = pins.of_entry(connection, registers.get(connection, CITY).id, ENTRY)
    assert found is not None and found.source == "newer"
    assert stands(installation) == "newer" and sound(installation)


def test_who_may_not_or_means_nothing_changes_nothing(installation: Installation) -> None:
    before = everything(installation.engines)
    wrong: tuple[tuple[type[RegistryError], str, str], ...] = (
        (NotFound, "nobody", "so"), (Refused, "older", " "), (Refused, "older", ""),
    )  # fmt: skip
    for error, source, reason in wrong:
        with pytest.raises(error):
            pin(installation, source, reason=reason)
    with pytest.raises(NotFound):
        pinning.pin(
            installation.engines.write, CITY, identifier_of("newer-own"), "older", actor=ROOT,
            now=installation.clock(), reason="so",
        )  # fmt: skip
    with pytest.raises(Conflict):
        unpin(installation)
    assert everything(installation.engines) == before
    pin(installation)
    with pytest.raises(Conflict):
        pin(installation)
    for role in set(Role) - {Role.APPROVER}:
        other = account(installation, f"no-{role}", (role, CITY))
        for act in (pin, unpin):
            with pytest.raises(Forbidden):
                act(installation, actor=other)
    own = account(installation, SUBMITTER.name, (Role.APPROVER, CITY))
    with pytest.raises(Forbidden):
        unpin(installation, own)
    unpin(installation, account(installation, "approver", (Role.APPROVER, CITY)))
