"""A town at work, as journeys find it: offices with endpoints on this machine, a city and the province over it, and the
processes of ``mulu serve`` (web, schedule, workers) in threads, in real time.

| source | what it is good for |
|---|---|
| ``jianwei`` | 25 records are published; of its last list six records are gone and one is changed: that run is held |
| ``zizhu`` | shares one record with it |
| ``gongshu`` | waits for approval; one of its records is wrong, one is another office's |
| ``yuhang`` | sends a login page: failing |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import sleep

from config.settings import Settings
from harvester.assembly import worker_on
from harvester.dispatch.inline import Dispatcher
from harvester.http import Fetcher, Policy
from harvester.pipeline import Road
from harvester.retry import Retrying
from harvester.sandbox import Sandboxes
from harvester.scheduler import Scheduler, Ticker
from harvester.worker import Worker
from registry.model.event import Actor
from registry.model.lifecycle import SourceAction
from registry.model.register import Level
from registry.model.role import Role
from registry.model.source import Protocol
from registry.services import registration
from registry.services.ordering import order_harvest
from registry.store.engine import Engines
from tests.console.office import CITY, COUNTY, NEIGHBOUR, PROVINCE, Office, name_of
from tests.endpoint import Endpoint, Record, catalogue_record, catalogue_records, loopback
from tests.factories import APPROVER, Clock, Installation
from tests.integration.repository import listening

SUBMITTER = name_of(Role.SUBMITTER, "own")
HELD, SHARING, WAITING, FAILING = "jianwei", "zizhu", "gongshu", "yuhang"
NAMES: Mapping[str, str] = {
    HELD: "杭州市建委",
    SHARING: "紫竹街道办事处",
    WAITING: "拱墅区住建局",
    FAILING: "余杭区住建局",
}
NAMESPACE = "jianwei.test"
GONE = 6
"""So many records are gone from the list of ``HELD``: the first ones."""
SHARED = catalogue_records(9, NAMESPACE)[-1]
"""The record that two offices tell."""


def identifier(number: int) -> str:
    """The identifier of a record of ``HELD``, counted from 1."""
    return f"oai:{NAMESPACE}:{number:06}"


class RealTime(Clock):
    """The clock of this machine."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Town:
    """The office of the city, its endpoints by the codes of their sources (and that of an office that is no source yet,
    under an empty code), and where its console is served."""

    office: Office
    endpoints: Mapping[str, Endpoint]
    url: str


@contextmanager
def town(engines: Engines, home: Path) -> Iterator[Town]:
    """The town over an empty store, at work."""
    office = Office(Installation(engines, RealTime()), home)
    with ExitStack() as stack:
        endpoints = {
            code: stack.enter_context(_endpoint(number, code)) for number, code in enumerate(("", *NAMES))
        }
        worker = stack.enter_context(_worker(office))
        _found(office, endpoints)
        _live(worker, endpoints)
        dispatcher = stack.enter_context(Dispatcher(worker, threads=2, poll_seconds=0.1))
        ticker = Ticker(
            engines, "town", office.installation.clock, timedelta(seconds=1), "Asia/Shanghai", dispatcher.wake
        )
        stack.enter_context(Scheduler(ticker))
        yield Town(office, endpoints, stack.enter_context(listening(office.app)))


def _endpoint(number: int, code: str) -> Endpoint:
    records = {
        "": catalogue_records(12, "xihu.test", "330106"),
        HELD: catalogue_records(25, NAMESPACE),
        SHARING: [replace(SHARED, metadata=catalogue_record("000009", "祥路第九号道路改造工程"))],
        WAITING: _waiting(),
        FAILING: catalogue_records(5, "yuhang.test"),
    }[code]
    endpoint = Endpoint(records, address=loopback(number + 20))
    endpoint.provider.prefix, endpoint.provider.name = "catalogue", NAMES.get(code, "西湖区住建局")
    return endpoint


def _waiting() -> list[Record]:
    own = catalogue_records(8, "gongshu.test")
    own[2] = replace(own[2], metadata=catalogue_record("000003", division="000001"))
    return [*own, replace(SHARED, metadata=catalogue_record("000009", "另一说法"))]


@contextmanager
def _worker(office: Office) -> Iterator[Worker]:
    made = office.installation
    settings = Settings(Path("/nowhere"))
    fetcher = Fetcher(Policy(("127.0.0.0/8",)), settings.http, made.clock)
    with Sandboxes(2) as sandboxes:
        road = Road(fetcher.fetch, sandboxes, made.clock, sleep, Random(1), bytes(32), Retrying(0))
        yield worker_on(settings, made.engines, road, holder="town", clock=made.clock, sleep=sleep)
    fetcher.close()


def _found(office: Office, endpoints: Mapping[str, Endpoint]) -> None:
    """Registers and sources; whoever may act in them."""
    made = office.installation
    for code, name, level in (
        (PROVINCE, "浙江省目录", Level.PROVINCIAL),
        (CITY, "杭州市目录", Level.MUNICIPAL),
        (NEIGHBOUR, "宁波市目录", Level.MUNICIPAL),
        (COUNTY, "西湖区目录", Level.COUNTY),
    ):
        made.register(code, name, level)
    made.source(f"{PROVINCE}-over-{CITY}", PROVINCE, "", CITY, Protocol.REGISTER)
    office.hire()
    engine, submitter = made.engines.write, Actor(SUBMITTER)
    for code, name in NAMES.items():
        new = registration.NewSource(
            code, CITY, name, Protocol.OAI_PMH, endpoints[code].oai_url, namespace=f"{code}.test"
        )
        registration.add_source(engine, new, actor=submitter, now=made.clock())
        registration.act(engine, code, SourceAction.SUBMIT, actor=submitter, now=made.clock())
        if code != WAITING:
            registration.act(engine, code, SourceAction.APPROVE, actor=APPROVER, now=made.clock())


def _live(worker: Worker, endpoints: Mapping[str, Endpoint]) -> None:
    """What has happened before anybody looks."""
    _harvest(worker, HELD, SHARING)
    now, city = worker.claims.clock(), endpoints[HELD]
    for number in range(GONE):
        city.records[number] = replace(
            city.records[number], deleted=True, datestamp=f"{now:%Y-%m-%dT%H:%M:%SZ}"
        )
    city.records[GONE] = replace(
        city.records[GONE], metadata=catalogue_record(f"{GONE + 1:06}", "祥路第七号道路工程(变更)")
    )
    _harvest(worker, HELD)
    endpoints[FAILING].faults = ("login-page",)
    _harvest(worker, FAILING, FAILING, FAILING, f"{PROVINCE}-over-{CITY}")


def _harvest(worker: Worker, *codes: str) -> None:
    for code in codes:
        order = order_harvest(
            worker.engines.write, code, full=True, actor=Actor("cli:test"), now=worker.claims.clock()
        )
        assert worker.carry_out(order) is not None
