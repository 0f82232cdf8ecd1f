"""What follows a harvest: walks that go on where they failed, the next time, deliveries behind a held one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from config.settings import Settings
from harvester.assembly import worker_on
from harvester.deliver.delivery import deliver
from harvester.pipeline import Road
from harvester.protocols import folder
from harvester.retry import Retrying
from harvester.sandbox import InlineSandbox
from harvester.worker import Outcome, Worker
from registry.model.health import FAILING_AFTER, Health
from registry.model.order import Obstacle, OrderStatus
from registry.model.run import Ending, Failures, RunStatus, Scope
from registry.services import registration, reviewing
from registry.store import claims, orders, sources
from registry.store.engine import Engines
from tests.endpoint.records import catalogue_records, plain_list
from tests.factories import APPROVER, COMPLETE_WALK, SUBMITTER, Installation
from tests.integration.municipality import SOURCE, Municipality, municipality
from tests.integration.queueing import LANES
from tests.tables import tabulate_here

SIX_HOURS = timedelta(hours=6)


@pytest.fixture
def city(engines: Engines) -> Iterator[Municipality]:
    """25 records on three pages, behind the answer to Identify; three retries; due every six hours."""
    installation = Installation(engines)
    with municipality(installation, InlineSandbox()) as opened:
        road = replace(opened.worker.road, retrying=Retrying(3))
        opened.worker = replace(opened.worker, road=road)
        change = {"schedule": "every 6h"}
        registration.amend_source(engines.write, SOURCE, change, actor=SUBMITTER, now=installation.clock())
        yield opened


def go_on(city: Municipality) -> Outcome:
    """Carry out what waits, when it may."""
    city.installation.clock.advance(seconds=31)
    city.endpoint.visits = []
    (order_id,) = to_do(city.installation)
    outcome = city.worker.carry_out(order_id)
    assert outcome is not None
    return outcome


def to_do(installation: Installation) -> list[int]:
    with installation.engines.read.connect() as connection:
        return claims.to_do(connection, installation.clock(), 10, LANES)


def source(installation: Installation, code: str = SOURCE) -> sources.Source:
    with installation.engines.read.connect() as connection:
        return sources.get(connection, code)


def test_a_walk_goes_on_at_the_page_that_failed(city: Municipality) -> None:
    interrupted = city.harvest("error-on-page-2")
    assert (interrupted.status, interrupted.failures) == (RunStatus.COLLECTING, Failures(transport=2))
    city.endpoint.faults = ()
    again = go_on(city)
    assert again.run is not None
    assert (again.run.id, again.run.status) == (interrupted.id, RunStatus.PUBLISHED)
    assert again.run.failures == Failures(transport=2)
    assert city.asked == ["ListRecords", "ListRecords"], "two pages were left"
    assert len(city.standing) == 25
    assert source(city.installation).failures == 0


def test_it_ends_when_the_attempts_are_used_up(city: Municipality) -> None:
    first = city.harvest("error-on-page-2")
    second, third = go_on(city), go_on(city)
    assert (second.interrupted, third.interrupted) == (True, False)
    run = third.run
    assert run is not None
    assert (run.id, run.ending, run.failures) == (first.id, Ending.TRANSPORT, Failures(transport=4))
    assert (run.status, len(city.standing)) == (RunStatus.PUBLISHED, 10), "what came is good"
    assert (source(city.installation).failures, source(city.installation).health) == (1, Health.HEALTHY)


def test_who_asks_for_hours_is_left_alone_until_then_or_its_next_time(city: Municipality) -> None:
    began = city.installation.clock()
    run = city.harvest("busy-503-for-ever")
    assert (run.status, run.ending, run.failures) == (
        RunStatus.FAILED,
        Ending.TRANSPORT,
        Failures(transport=1),
    )
    assert run.walk is not None and run.walk.asked_seconds == SIX_HOURS.total_seconds()
    assert source(city.installation).due_at == began + SIX_HOURS
    change = {"schedule": "every 1h"}
    engine, now = city.installation.engines.write, city.installation.clock()
    registration.amend_source(engine, SOURCE, change, actor=SUBMITTER, now=now)
    city.harvest("busy-503-for-ever")
    assert source(city.installation).due_at == now + timedelta(hours=1)


def test_a_source_that_is_failing_anyway_is_asked_once_a_run(city: Municipality) -> None:
    for _ in range(FAILING_AFTER):
        city.harvest("gone")
    assert source(city.installation).health is Health.FAILING
    run = city.harvest("error")
    assert (run.status, run.failures, len(city.endpoint.visits)) == (
        RunStatus.FAILED,
        Failures(transport=1),
        1,
    )
    assert city.harvest().status is RunStatus.PUBLISHED
    assert source(city.installation).health is Health.HEALTHY


@dataclass
class Office:
    """A folder of deliveries and the worker that reads them."""

    installation: Installation
    location: Path
    scratch: Path
    worker: Worker

    def deliver(self, count: int, scope: Scope = Scope.FULL) -> None:
        """A delivery of so many records."""
        document = self.scratch / "list.xml"
        document.write_bytes(plain_list(catalogue_records(count)))
        now = self.installation.clock()
        deliver([document], self.location, scope=scope, now=now, tabulate=tabulate_here)
        self.installation.clock.advance(seconds=1)

    def work(self) -> list[Outcome]:
        """Carry out whatever waits."""
        outcomes = []
        while found := to_do(self.installation):
            outcome = self.worker.carry_out(found[0])
            assert outcome is not None
            outcomes.append(outcome)
            self.installation.clock.advance(seconds=3)
        return outcomes

    def ask(self) -> list[Outcome]:
        """Ask for a harvest, and carry it out."""
        self.installation.order("office", full=False)
        return self.work()


@pytest.fixture
def office(engines: Engines, tmp_path: Path) -> Office:
    """A folder from which thirty records have been read."""
    installation = Installation(engines)
    installation.register("330100")
    location = tmp_path / "deliveries"
    location.mkdir()
    installation.source("office", "330100", "endpoint.test", str(location))
    clock = installation.clock
    road = Road(
        lambda request, source, _: folder.open_answer(request, source),
        InlineSandbox(), clock, lambda _: None, Random(1), bytes(32),
    )  # fmt: skip
    worker = worker_on(
        Settings(tmp_path), engines, road, holder="test", clock=clock, sleep=lambda _: None, index=False
    )
    made = Office(installation, location, tmp_path, worker)
    made.deliver(30)
    assert [each.run and each.run.status for each in made.ask()] == [RunStatus.PUBLISHED]
    return made


@pytest.mark.parametrize(("decision", "entries"), [("release", 31), ("refuse", 31)])
def test_the_delivery_behind_a_held_one_is_read_once_that_is_decided(
    office: Office, decision: str, entries: int
) -> None:
    office.deliver(2)
    (held,) = office.ask()
    assert held.held and held.run is not None
    office.deliver(31, Scope.DELTA)
    (behind,) = office.ask()
    assert behind.detail["ending"] is Obstacle.HELD_RUN
    engine, now = office.installation.engines.write, office.installation.clock()
    if decision == "release":
        reviewing.release(engine, held.run.id, actor=APPROVER, now=now)
    else:
        reviewing.refuse(engine, held.run.id, actor=APPROVER, now=now, reason="cut off")
    outcomes = office.work()
    assert RunStatus.PUBLISHED in {each.run.status for each in outcomes if each.run}
    assert office.installation.read("330100").entries == entries


def test_what_is_merely_being_settled_keeps_no_order_for_long(office: Office) -> None:
    """Somebody else settles a run of the source: the order waits a moment, it does not end."""
    installation = office.installation
    office.deliver(31, Scope.DELTA)
    begun = installation.open("office", full=False)
    assert begun is not None
    begun.sink.finish(COMPLETE_WALK)
    installation.claims.finish(begun.order, OrderStatus.DONE, {})

    class Elsewhere:
        """Settles nothing: another process has the register."""

        def settle_register(self, register_id: int) -> None:
            """Nothing."""

    busy = replace(office.worker, settler=Elsewhere())  # type: ignore[arg-type]
    again = installation.order("office", full=False)
    outcome = busy.carry_out(again)
    assert outcome is not None and outcome.interrupted
    with installation.engines.read.connect() as connection:
        status, _, not_before = orders.state(connection, again)
    assert status is OrderStatus.WAITING and not_before is not None
    assert not_before - installation.clock() == timedelta(seconds=5)
    installation.clock.advance(seconds=5)
    assert [each.detail["ending"] for each in office.work()][-1] is Ending.FINISHED
