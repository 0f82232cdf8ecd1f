"""The gate of a register: nothing that changes it is published before an approver has seen it."""

from __future__ import annotations

import pytest

from registry.errors import Conflict, Forbidden
from registry.model.event import Actor
from registry.model.lanes import Lanes
from registry.model.register import Level
from registry.model.role import Role
from registry.model.run import RunStatus
from registry.model.source import Protocol
from registry.services import policies, reviewing
from registry.store import claims, events, orders
from registry.store.engine import Engines
from tests.factories import APPROVER, Installation, live
from tests.integration.people import ROOT, account, everything
from tests.integration.standing import live_entries

CITY, PROVINCE = "330100", "330000"


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A province over a city with one source, ``hz``; no gate yet."""
    installation = Installation(engines)
    installation.register(PROVINCE, "浙江省", Level.PROVINCIAL)
    installation.register(CITY)
    installation.source("hz", CITY, protocol=Protocol.OAI_PMH)
    installation.source("up", PROVINCE, "", CITY, Protocol.REGISTER)
    return installation


def set_gate(on: Installation, code: str, actor: Actor = ROOT, *, shut: bool = True) -> bool:
    gated = policies.set_gate(on.engines.write, code, on=shut, actor=actor, now=on.clock(), reason="so")
    return gated.policy.gate


def release(on: Installation, run_id: int) -> None:
    reviewing.release(on.engines.write, run_id, actor=APPROVER, now=on.clock())
    on.settle(on.read_run(run_id).register_id)


def waiting(on: Installation) -> list[str]:
    """The sources for which a harvest waits."""
    with on.engines.read.connect() as connection:
        ids = claims.to_do(connection, on.clock(), 100, Lanes())
        found = [orders.description(connection, each) for each in ids]
    return [each.code for each in found if each is not None]


def test_each_run_that_changes_something_waits(installation: Installation) -> None:
    set_gate(installation, CITY)
    run = installation.harvest("hz", [live("1"), live("2")])
    assert run.status is RunStatus.HELD
    assert [each.code for each in run.hold_reasons] == ["gate"]
    assert live_entries(installation.engines, CITY) == {}
    release(installation, run.id)
    assert len(live_entries(installation.engines, CITY)) == 2
    assert installation.harvest("hz", [live("1"), live("2")]).status is RunStatus.PUBLISHED, "nothing changes"
    assert installation.harvest("hz", [live("1")]).status is RunStatus.PUBLISHED, (
        "a first absence changes nothing"
    )
    installation.clock.advance(hours=25)
    assert installation.harvest("hz", [live("1")]).status is RunStatus.HELD, "a second one does"


def test_the_brake_tells_its_reasons_besides(installation: Installation) -> None:
    installation.harvest("hz", [live(str(number)) for number in range(3)])
    set_gate(installation, CITY)
    run = installation.harvest("hz", [live(str(number)) for number in range(40)])
    assert [each.code for each in run.hold_reasons] == ["grown", "gate"]


def test_what_is_refused_is_not_proposed_again(installation: Installation) -> None:
    set_gate(installation, CITY)
    run = installation.harvest("hz", [live("1")])
    reviewing.refuse(
        installation.engines.write, run.id, actor=APPROVER, now=installation.clock(), reason="no"
    )
    again = installation.harvest("hz", [live("1")])
    assert (again.status, again.tally.declined) == (RunStatus.PUBLISHED, 1)
    assert live_entries(installation.engines, CITY) == {}


def test_opening_the_gate_leaves_what_is_held_to_a_person(installation: Installation) -> None:
    set_gate(installation, CITY)
    run = installation.harvest("hz", [live("1")])
    assert not set_gate(installation, CITY, shut=False)
    assert installation.read_run(run.id).status is RunStatus.HELD
    assert installation.harvest("hz", [live("1"), live("2")]).status is RunStatus.PUBLISHED
    assert installation.read_run(run.id).status is RunStatus.SUPERSEDED


@pytest.mark.parametrize("decision", ["release", "refuse"])
def test_a_register_above_reads_on_once_its_held_run_is_decided(
    installation: Installation, decision: str
) -> None:
    """What the city publishes meanwhile cannot be read while the province's run is held; nothing else would ask."""
    set_gate(installation, PROVINCE)
    installation.harvest("hz", [live("1")])
    held = installation.read_upward("up")
    assert held.status is RunStatus.HELD
    assert [each.code for each in held.hold_reasons] == ["gate"]
    installation.harvest("hz", [live("1"), live("2")])
    for order_id in _all_orders(installation):  # the city's publication asked, and could not be answered
        assert installation.carry_out(order_id) is None
    assert waiting(installation) == []
    if decision == "release":
        release(installation, held.id)
    else:
        reviewing.refuse(
            installation.engines.write, held.id, actor=APPROVER, now=installation.clock(), reason="no"
        )
    assert waiting(installation) == ["up"]
    following = installation.read_upward("up")
    assert (following.status, following.tally.created) == (RunStatus.HELD, 1)
    release(installation, following.id)
    assert len(live_entries(installation.engines, PROVINCE)) == (2 if decision == "release" else 1)


def _all_orders(on: Installation) -> list[int]:
    with on.engines.read.connect() as connection:
        return claims.to_do(connection, on.clock(), 100, Lanes())


def test_administrators_set_the_gate_and_it_is_one_event(installation: Installation) -> None:
    boss = account(installation, "boss", (Role.ADMINISTRATOR, PROVINCE))
    assert set_gate(installation, CITY, boss)
    with installation.engines.read.connect() as connection:
        _, event = events.of_subject(connection, f"register:{CITY}", limit=1)[0]
    assert (event.actor.name, event.action, event.before, event.after) == (
        "boss", "gate", {"gate": False}, {"gate": True},
    )  # fmt: skip
    before = everything(installation.engines)
    with pytest.raises(Conflict):
        set_gate(installation, CITY, boss)
    for role in set(Role) - {Role.ADMINISTRATOR}:
        wrong = account(installation, f"no-{role}", (role, CITY))
        with pytest.raises(Forbidden):
            set_gate(installation, CITY, wrong, shut=False)
    assert everything(installation.engines)["registers"] == before["registers"]
