"""Orders that look at an endpoint, over real sockets and through the child: what they find, and what they may ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from harvester.pipeline import OpenAnswer
from harvester.sandbox import Sandbox
from registry.errors import Conflict, Forbidden, Refused
from registry.model.event import Actor
from registry.model.inspection import Probed
from registry.model.order import OrderKind
from registry.model.role import Role
from registry.model.source import Protocol, SourceDescription
from registry.services import inspecting, registration
from registry.store import events, orders, sources
from registry.store.engine import Engines
from tests.endpoint.records import catalogue_records
from tests.factories import Installation
from tests.integration.municipality import CITY, SOURCE, Municipality, municipality
from tests.integration.people import account
from tests.integration.standing import live_entries

CLI = Actor("cli:test")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A child as it is."""
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def town(engines: Engines, sandbox: Sandbox) -> Iterator[Municipality]:
    """A municipality with 25 records, the third of which is in a division that there is not."""
    records = catalogue_records(25)
    wrong = records[2].metadata.replace("<division>330100<", "<division>000001<")
    records[2] = replace(records[2], metadata=wrong)
    with municipality(Installation(engines), sandbox, records=records) as opened:
        yield opened


def carried_out(town: Municipality, order_id: int) -> Probed:
    """What an order found."""
    assert town.worker.carry_out(order_id) is not None
    with town.installation.engines.read.connect() as connection:
        order = orders.placed(connection, order_id)
    assert order is not None and order.outcome is not None
    return msgspec.convert(order.outcome, Probed)


def probe(town: Municipality, **options: Any) -> int:
    engines, now = town.installation.engines, town.installation.clock()
    return inspecting.order_probe(engines.write, SOURCE, actor=CLI, now=now, **options)


def described(town: Municipality) -> SourceDescription:
    with town.installation.engines.read.connect() as connection:
        return sources.get(connection, SOURCE).description


def test_a_probe_tells_what_was_understood_and_writes_nothing(town: Municipality) -> None:
    found = carried_out(town, probe(town))
    assert (found.ending, found.received, found.accepted, found.refused) == ("answered", 25, 24, 1)
    assert found.identity is not None and found.identity.deleted_record == "persistent"
    assert "catalogue" in [each.prefix for each in found.formats]
    rule = next(each for each in found.issues if each.code == "division-unknown")
    assert (rule.count, rule.identifier) == (1, catalogue_records(25)[2].identifier)
    assert "000001" in rule.message.zh and "GB/T 2260" in rule.hint.en
    assert len(found.records) == 5
    assert (
        next(each.value for each in found.records[0].fields if each.value == "330100"),
        found.records[0].fields[1].label.zh,
    ) == ("330100", "信息资源名称")
    assert (found.endpoint.address, found.endpoint.tls) == ("127.0.0.1", "")
    assert found.endpoint.answers >= 4 and found.endpoint.bytes > 5_000
    assert list(live_entries(town.installation.engines, CITY)) == []


def test_a_probe_asks_what_stood_when_it_was_ordered(town: Municipality) -> None:
    order_id = probe(town)
    elsewhere = {"location": "http://127.0.0.1:9/oai"}
    registration.amend_source(
        town.installation.engines.write, SOURCE, elsewhere, actor=CLI, now=town.installation.clock()
    )
    assert carried_out(town, order_id).ending == "answered"


def test_a_probe_ends_behind_its_sample_and_behind_its_time(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox, records=catalogue_records(300)) as town:
        assert carried_out(town, probe(town)).received == 100
        slow = replace(town.worker.road, open_answer=_slow(town, 25))
        town.worker = replace(town.worker, road=slow)
        assert carried_out(town, probe(town)).received == 20  # Identify, and two pages


def _slow(town: Municipality, seconds: float) -> OpenAnswer:
    ask = town.worker.road.open_answer

    @contextmanager
    def open_answer(*question: Any) -> Iterator[Any]:
        town.installation.clock.now += timedelta(seconds=seconds)
        with ask(*question) as answer:
            yield answer

    return open_answer


def test_what_is_not_registered_is_looked_at_under_its_own_description(town: Municipality) -> None:
    stated = replace(described(town), id=inspecting.NOBODY_YET, code="unregistered", namespace="other.cn")
    engines, now = town.installation.engines, town.installation.clock()
    submitter = account(town.installation, "li.na", (Role.SUBMITTER, CITY))
    order_id = inspecting.order_check(engines.write, stated, actor=submitter, now=now)
    with pytest.raises(Conflict):
        inspecting.order_check(engines.write, stated, actor=submitter, now=now)
    found = carried_out(town, order_id)
    assert (found.ending, found.received) == ("answered", 25)
    with engines.read.connect() as connection:
        assert [each.code for each in sources.listed(connection)] == [SOURCE]
        (_, event), *_ = events.of_subject(connection, f"register:{CITY}", limit=1)
    assert (event.actor.name, event.action, event.after["order"]) == ("li.na", "probe", order_id)
    inspecting.order_check(engines.write, stated, actor=submitter, now=now)  # there is room again


def test_secrets_and_private_networks_are_used_by_approvers_only(town: Municipality) -> None:
    engines, now = town.installation.engines, town.installation.clock()
    stated = {"credentials": "file:token", "allowed_networks": ("10.0.0.0/8",)}
    registration.amend_source(engines.write, SOURCE, stated, actor=CLI, now=now)
    operator = account(town.installation, "wang", (Role.OPERATOR, CITY))
    approver = account(town.installation, "zhao", (Role.APPROVER, CITY))

    def asked(actor: Actor, *, trusting: bool) -> tuple[str, tuple[str, ...]]:
        order_id = inspecting.order_probe(engines.write, SOURCE, actor=actor, now=now, trusting=trusting)
        with engines.read.connect() as connection:
            order = orders.placed(connection, order_id)
        assert order is not None and order.source is not None and order.kind is OrderKind.PROBE
        return order.source.credentials, order.source.allowed_networks

    assert asked(operator, trusting=False) == ("", ())
    assert asked(approver, trusting=False) == ("", ())
    assert asked(approver, trusting=True) == ("file:token", ("10.0.0.0/8",))
    assert asked(CLI, trusting=False) == ("file:token", ("10.0.0.0/8",))
    with pytest.raises(Forbidden):
        asked(operator, trusting=True)


def test_folders_of_the_server_are_not_looked_at_before_they_are_approved(town: Municipality) -> None:
    engines, now = town.installation.engines, town.installation.clock()
    folder = {"protocol": Protocol.FOLDER, "location": "/etc"}
    registration.amend_source(engines.write, SOURCE, folder, actor=CLI, now=now)
    operator = account(town.installation, "wang", (Role.OPERATOR, CITY))
    with pytest.raises(Refused):
        inspecting.order_probe(engines.write, SOURCE, actor=operator, now=now)
    submitter = account(town.installation, "li.na", (Role.SUBMITTER, CITY))
    stated = replace(described(town), id=inspecting.NOBODY_YET)
    with pytest.raises(Refused):
        inspecting.order_check(engines.write, stated, actor=submitter, now=now)
