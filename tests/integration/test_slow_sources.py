"""Sources that never answer hold up nobody: over real sockets, by the threads of one process and of two.

No limit of the HTTP door ends a walk here: who asks a source that is silent is held until it gives way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import pytest
from sqlalchemy import func, select

from config.settings import Http, LaneRules, Settings
from harvester.assembly import worker_on
from harvester.dispatch.inline import Dispatcher
from harvester.dispatch.queue import QueueDispatcher, celery_app
from harvester.http import Fetcher, Policy
from harvester.pipeline import Road
from harvester.retry import Retrying
from harvester.sandbox import InlineSandbox
from harvester.worker import Worker
from registry.model.lifecycle import SourceAction
from registry.model.run import RunStatus
from registry.model.source import Protocol
from registry.services import ordering, registration
from registry.store import runs
from registry.store.engine import Engines
from registry.store.tables import orders
from tests.endpoint import Endpoint
from tests.endpoint.records import catalogue_records
from tests.endpoint.server import loopback
from tests.factories import APPROVER, SUBMITTER, Installation
from tests.integration.test_queue import queue, working

__all__ = ["queue"]  # a fixture
WORKERS = 8
HOSTILE, GOOD = 12, 8
PATIENCE_SECONDS = 60
STALLS = ("gap_seconds", "headers_seconds", "response_seconds", "rate_window_seconds")
FOR_EVER = msgspec.convert(dict.fromkeys(STALLS, 3600.0), Http)
LANES = LaneRules(stall_seconds=0.5)
NO_LANES = LaneRules(slow_percent=100, stall_seconds=3600)
FAULTS = ("silent", "header-trickle", "body-trickle")


def now() -> datetime:
    return datetime.now(UTC)


class Site:
    """A register, and endpoints that have been ordered: first those that hold whoever asks them, then good ones."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self.endpoints: dict[str, Endpoint] = {}
        self._open = ExitStack()
        Installation(engines).register("330100")
        for number in range(HOSTILE + GOOD):
            hostile = number < HOSTILE
            code = f"{'hostile' if hostile else 'good'}-{number}"
            records = catalogue_records(5, f"n{number}.test")
            faults = [FAULTS[number % len(FAULTS)]] if hostile else []
            city = Endpoint(records, faults, loopback(number), tempo=0.05)
            city.provider.prefix = "catalogue"
            self.endpoints[code] = self._open.enter_context(city)
            self._approve(code, city.oai_url)
            ordering.order_harvest(engines.write, code, full=True, actor=SUBMITTER, now=now())

    def _approve(self, code: str, location: str) -> None:
        engine = self.engines.write
        new = registration.NewSource(code, "330100", code, Protocol.OAI_PMH, location)
        registration.add_source(engine, new, actor=SUBMITTER, now=now())
        for action, actor in ((SourceAction.SUBMIT, SUBMITTER), (SourceAction.APPROVE, APPROVER)):
            registration.act(engine, code, action, actor=actor, now=now())

    def worker(self, holder: str, rules: LaneRules) -> Worker:
        """What a process of this name works with."""
        fetcher = Fetcher(Policy(("127.0.0.0/8",)), FOR_EVER, now)
        road = Road(fetcher.fetch, InlineSandbox(), now, time.sleep, Random(1), bytes(32), Retrying(3))
        settings = Settings(Path("/nowhere"), http=FOR_EVER, lanes=rules)
        return worker_on(
            settings, self.engines, road, holder=holder, clock=now, sleep=time.sleep, index=False
        )

    def runs(self) -> dict[str, runs.Run]:
        """The last run of each source."""
        with self.engines.read.connect() as connection:
            return {run.source_code: run for run in reversed(runs.listed(connection, limit=1000))}

    def published(self) -> set[str]:
        """The sources that have published."""
        return {code for code, run in self.runs().items() if run.status is RunStatus.PUBLISHED}

    def running(self) -> int:
        """How many orders run."""
        query = select(func.count()).where(orders.c.status == "running")
        with self.engines.read.connect() as connection:
            return connection.execute(query).scalar_one()

    def queue(self) -> list[str]:
        """Where each order stands, a line each: what a test that waited in vain tells."""
        shown = (orders.c.host, orders.c.status, orders.c.slow, orders.c.attempts, orders.c.not_before)
        with self.engines.read.connect() as connection:
            rows = connection.execute(select(*shown, orders.c.outcome).order_by(orders.c.id)).all()
        return [" ".join(map(str, row)) for row in rows]

    def good(self) -> set[str]:
        """The sources that answer."""
        return {code for code in self.endpoints if code.startswith("good")}

    def heal(self) -> None:
        """From now on, everybody answers."""
        for city in self.endpoints.values():
            city.faults = []

    def close(self) -> None:
        """All endpoints are gone, whoever they hold is let go."""
        self._open.close()


@pytest.fixture
def site(engines: Engines) -> Iterator[Site]:
    opened = Site(engines)
    yield opened
    opened.close()


def until(holds: Callable[[], bool]) -> bool:
    """Wait until something holds; whether it does in the end."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    return holds()


def test_the_good_ones_are_published_and_the_others_when_they_answer(site: Site) -> None:
    with Dispatcher(site.worker("one", LANES), threads=WORKERS):
        assert until(lambda: site.published() >= site.good())
        assert site.published() == site.good()
    gave_way = [code for code, run in site.runs().items() if run.failures.gave_way]
    assert len(gave_way) >= HOSTILE - WORKERS
    assert {run.status for code, run in site.runs().items() if code in gave_way} == {RunStatus.COLLECTING}
    site.heal()
    with Dispatcher(site.worker("two", LANES), threads=WORKERS):
        assert until(lambda: site.published() == site.endpoints.keys())
    assert all(site.runs()[code].failures.gave_way for code in gave_way), "it is the run that gave way"


def test_they_do_not_wait_for_slow_ones_that_began_alone(site: Site) -> None:
    with Dispatcher(site.worker("one", LANES), threads=WORKERS):
        assert until(lambda: site.published() >= site.good())
        assert until(lambda: site.running() == WORKERS), site.queue()  # nobody else waits: all are theirs
        before = {code: site.runs()[code].id for code in site.good()}
        for code in site.good():
            ordering.order_harvest(site.engines.write, code, full=True, actor=SUBMITTER, now=now())
        assert until(lambda: all(site.runs()[code].id > before[code] for code in site.good()))
        assert until(lambda: site.published() == site.good())


def test_processes_of_a_broker_keep_it_too(
    database_url: str, site: Site, amqp_url: str, queue: str, tmp_path: Path
) -> None:
    patient = {f"MULU_HTTP_{name.upper()}": "3600" for name in STALLS}
    lanes = {"MULU_LANES_STALL_SECONDS": "0.5", "MULU_NETWORKS_ALLOWED": "127.0.0.0/8"}
    dispatcher = QueueDispatcher(celery_app(amqp_url, queue), site.engines, now)
    with working(database_url, amqp_url, queue, tmp_path, processes=4, **patient, **lanes):

        def done() -> bool:
            dispatcher.send()
            return site.published() >= site.good()

        assert until(done)
        site.close()


def test_two_processes_keep_the_same_rule(site: Site) -> None:
    workers = [site.worker(name, LANES) for name in ("one", "two")]
    with (
        Dispatcher(workers[0], threads=WORKERS // 2),
        Dispatcher(workers[1], threads=WORKERS // 2),
    ):
        assert until(lambda: site.published() >= site.good())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_lanes_they_hold_up_everybody(site: Site) -> None:
    with Dispatcher(site.worker("one", NO_LANES), threads=WORKERS):
        assert until(lambda: site.running() == WORKERS)
        assert until(lambda: all(city.visits for city in list(site.endpoints.values())[:WORKERS]))
        time.sleep(4 * LANES.stall_seconds)
        assert site.published() == set()
        site.close()
