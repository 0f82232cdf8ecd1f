"""Who speaks with authority in a register: an act, which the standing entries follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.errors import Conflict, Forbidden, NotFound, PublicationStopped, Refused, RegistryError
from registry.model.event import Actor
from registry.model.issue import Text
from registry.model.merge import AuthorityRule
from registry.model.role import Role
from registry.services import policies
from registry.services.ingest import authority, publish
from registry.services.ingest.settle import left_over
from registry.store import events, registers, verification
from registry.store.engine import Engines, transaction
from registry.store.tables import versions
from tests.factories import Installation, deleted, identifier_of
from tests.integration.deciding import texts
from tests.integration.people import ROOT, account, everything
from tests.integration.standing import live_entries, log_of

CITY = "330200"
SPEAKS = AuthorityRule("speaks")


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A city with two sources that share three entries, of one date: which of them stands, digests decide."""
    installation = Installation(engines)
    installation.register(CITY)
    for code in ("listens", "speaks"):
        installation.source(code, CITY)
    installation.harvest("listens", texts(3, "one"))
    installation.harvest("speaks", texts(4, "two"))
    return installation


def shown(on: Installation) -> dict[str, str]:
    """From which source the entries are."""
    return {identifier: entry.source for identifier, entry in live_entries(on.engines, CITY).items()}


def add(on: Installation, rule: AuthorityRule = SPEAKS, actor: Actor = ROOT, reason: str = "so") -> None:
    policies.add_authority(on.engines.write, CITY, rule, actor=actor, now=on.clock(), reason=reason)


def remove(on: Installation, rule: AuthorityRule = SPEAKS, actor: Actor = ROOT, reason: str = "so") -> None:
    policies.remove_authority(on.engines.write, CITY, rule, actor=actor, now=on.clock(), reason=reason)


def settle(on: Installation, slice_size: int = 2000) -> None:
    replace(on.settler, slice_size=slice_size).settle_register(on.read(CITY).id)
    on.clock.advance(seconds=3)


def is_left_over(on: Installation) -> bool:
    with on.engines.read.connect() as connection:
        return left_over(connection, on.read(CITY).id)


def broken(on: Installation) -> list[str]:
    with on.engines.read.connect() as connection:
        return [each.code for each in verification.verify(connection) if each.broken]


@pytest.mark.parametrize("slice_size", [1, 2, 3, 4])
@pytest.mark.parametrize("source", ["speaks", "listens"])
def test_the_standing_entries_follow(installation: Installation, source: str, slice_size: int) -> None:
    before = shown(installation)
    add(installation, AuthorityRule(source))
    assert shown(installation) == before
    assert is_left_over(installation) and broken(installation) == []
    settle(installation, slice_size)
    after = shown(installation)
    assert {after[identifier_of(str(number))] for number in range(3)} == {source}
    assert not is_left_over(installation) and broken(installation) == []
    log = log_of(installation.engines, CITY)
    assert log.mark == log.head
    remove(installation, AuthorityRule(source))
    settle(installation, slice_size)
    assert shown(installation) == before
    assert broken(installation) == []


def test_what_changed_names_the_act(installation: Installation) -> None:
    loser = ({"speaks", "listens"} - {shown(installation)[identifier_of("0")]}).pop()
    add(installation, AuthorityRule(loser))
    settle(installation)
    with installation.engines.read.connect() as connection:
        (act,) = events.listed(connection, events.Filter(action="authority"))
        causes = set(connection.scalars(versions.select().with_only_columns(versions.c.cause)))
    assert f"act:authority:{act.id}" in causes
    with transaction(installation.engines.write) as connection:
        connection.execute(
            versions.update()
            .where(versions.c.cause == f"act:authority:{act.id}")
            .values(cause="act:authority:99999")
        )
    assert broken(installation) == ["causes"]


def test_a_tombstone_with_authority_stands(installation: Installation) -> None:
    installation.harvest("speaks", [deleted("0"), *texts(3, "two", first=1)])
    assert identifier_of("0") in shown(installation)
    add(installation)
    settle(installation)
    assert identifier_of("0") not in shown(installation)
    remove(installation)
    settle(installation)
    assert identifier_of("0") in shown(installation)
    assert broken(installation) == []


def test_a_change_while_the_entries_follow_another_is_not_lost(installation: Installation) -> None:
    add(installation)
    with installation.settler.hold(installation.read(CITY).id) as lease:
        done = authority.follow(lease)
        add(installation, AuthorityRule("listens", body="x"))
        publish.publish(lease, cause="act")
        authority.followed(lease, done)
    assert [each.source_code for each in installation.read(CITY).policy.to_follow] == ["listens"]
    installation.clock.advance(seconds=3)
    settle(installation)
    assert installation.read(CITY).policy.to_follow == ()


def test_who_dies_before_publishing_leaves_it_to_the_next(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    loser = ({"speaks", "listens"} - {shown(installation)[identifier_of("0")]}).pop()
    before = shown(installation)
    add(installation, AuthorityRule(loser))

    def stopped(*_: object, **__: object) -> None:
        raise PublicationStopped(Text("停", "stopped"))

    with monkeypatch.context() as patched:
        patched.setattr(publish, "publish", stopped)
        settle(installation)
    log = log_of(installation.engines, CITY)
    assert log.head > log.mark and is_left_over(installation)
    settle(installation)
    assert shown(installation) != before
    assert log_of(installation.engines, CITY).mark == log.head
    assert not is_left_over(installation)


def test_a_run_carries_what_was_left_to_follow(installation: Installation) -> None:
    add(installation, AuthorityRule("listens"))
    installation.harvest("speaks", texts(5, "two"))
    assert installation.read(CITY).policy.to_follow == ()
    assert shown(installation)[identifier_of("0")] == "listens"
    assert broken(installation) == []


def test_it_is_one_event_of_an_administrator(installation: Installation) -> None:
    boss = account(installation, "boss", (Role.ADMINISTRATOR, CITY))
    rule = AuthorityRule("speaks", "330200", "credit:6.2", "x")
    add(installation, rule, boss, "its own")
    with installation.engines.read.connect() as connection:
        (found,) = events.listed(connection, events.Filter(action="authority"))
    told = {"source_code": "speaks", "division": "330200", "category": "credit:6.2", "body": "x"}
    assert (found.event.actor.name, found.event.subject, found.event.reason) == (
        "boss", f"register:{CITY}", "its own",
    )  # fmt: skip
    assert (found.event.before, found.event.after) == ({"authority": []}, {"authority": [told]})
    for role in set(Role) - {Role.ADMINISTRATOR}:
        wrong = account(installation, f"no-{role}", (role, CITY))
        for act in (add, remove):
            with pytest.raises(Forbidden):
                act(installation, rule, wrong)


def test_what_cannot_be_meant_changes_nothing(installation: Installation) -> None:
    installation.register("330300")
    installation.source("elsewhere", "330300")
    add(installation)
    before = everything(installation.engines)
    wrong: tuple[tuple[type[RegistryError], AuthorityRule, str], ...] = (
        (Conflict, SPEAKS, "so"),
        (Refused, AuthorityRule("listens"), " "),
        (Refused, AuthorityRule("elsewhere"), "so"),
        (NotFound, AuthorityRule("nobody"), "so"),
    )
    for error, rule, reason in wrong:
        with pytest.raises(error):
            add(installation, rule, reason=reason)
    with pytest.raises(Conflict):
        remove(installation, AuthorityRule("listens"))
    with pytest.raises(Refused):
        remove(installation, reason="")
    assert everything(installation.engines) == before


def test_the_gate_keeps_the_rules(installation: Installation) -> None:
    add(installation)
    policies.set_gate(installation.engines.write, CITY, on=True, actor=ROOT, now=installation.clock())
    settle(installation)
    with installation.engines.read.connect() as connection:
        policy = registers.get(connection, CITY).policy
    assert policy.authority.rules == (SPEAKS,) and policy.gate
