"""A municipality behind a socket, and a city register that harvests it as the product does: fetched, read in a child,
staged, settled, published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from config.settings import Settings
from harvester.assembly import worker_on
from harvester.http import Fetcher, Policy
from harvester.pipeline import Road, WalkLimits
from harvester.retry import Retrying
from harvester.sandbox import AnswerReader
from harvester.worker import Worker
from registry.model.lifecycle import SourceAction
from registry.model.source import Protocol, SourceScope
from registry.services import registration
from registry.services.ordering import order_harvest
from registry.store import issues, runs
from registry.store.issues import FoundIssue
from tests.endpoint import Endpoint, Record
from tests.endpoint.records import catalogue_records
from tests.factories import APPROVER, SUBMITTER, Installation
from tests.integration.standing import live_entries

CITY, SOURCE = "330100", "office"
_LIMITS = WalkLimits()


@dataclass(slots=True)
class Municipality:
    """The endpoint, the installation with its register, and the worker between them. ``endpoint.records`` and
    ``endpoint.faults`` may be changed between two harvests."""

    installation: Installation
    endpoint: Endpoint
    worker: Worker

    def harvest(self, *faults: str, full: bool = True) -> runs.Run:
        """Harvest it while it plays ``faults``, from its first answer on; the run as it then stands."""
        engines, clock = self.installation.engines, self.installation.clock
        self.endpoint.faults, self.endpoint.visits = faults, []
        order = order_harvest(engines.write, SOURCE, full=full, actor=SUBMITTER, now=clock())
        outcome = self.worker.carry_out(order)
        assert outcome is not None and outcome.run is not None, outcome
        clock.advance(seconds=3)
        return outcome.run

    def limited(self, **limits: int) -> None:
        """Other limits of a walk from now on."""
        road = replace(self.worker.road, limits=replace(self.worker.road.limits, **limits))
        self.worker = replace(self.worker, road=road)

    def issues(self, run: runs.Run, code: str = "") -> list[FoundIssue]:
        """What a run found, in order."""
        with self.installation.engines.read.connect() as connection:
            return issues.of_run(connection, run.id, code=code)

    def codes(self, run: runs.Run) -> list[str]:
        """The codes of what a run found, in order."""
        return [each.issue.code for each in self.issues(run)]

    @property
    def standing(self) -> set[str]:
        """The identifiers of the live entries."""
        return set(live_entries(self.installation.engines, CITY))

    @property
    def asked(self) -> list[str]:
        """The verbs that the last harvest asked, in order."""
        return [visit.arguments.get("verb", "") for visit in self.endpoint.visits]


def identifiers(records: Sequence[Record]) -> set[str]:
    """The identifiers of ``records``."""
    return {each.identifier for each in records}


@contextmanager
def municipality(
    installation: Installation,
    reader: AnswerReader,
    *,
    records: Sequence[Record] | None = None,
    protocol: Protocol = Protocol.OAI_PMH,
    page_size: int = 10,
    limits: WalkLimits = _LIMITS,
    scope: SourceScope = SourceScope(),
    **settings: Any,
) -> Iterator[Municipality]:
    """A municipality that tells ``records`` (25 unless told), an approved source of the register 330100."""
    told = list(catalogue_records(25) if records is None else records)
    with Endpoint(told, page_size=page_size, clock=installation.clock) as endpoint:
        endpoint.provider.prefix = "catalogue"
        installation.register(CITY)
        _approve(installation, endpoint, protocol, scope)
        clock = installation.clock
        options = Settings(Path("/nowhere"), **settings)
        fetcher = Fetcher(Policy(("127.0.0.0/8",)), options.http, clock)
        road = Road(
            fetcher.fetch, reader, clock, lambda _: None, Random(1), bytes(32), Retrying(1), limits=limits
        )
        worker = worker_on(
            options, installation.engines, road, holder="test", clock=clock, sleep=lambda _: None, index=False
        )
        yield Municipality(installation, endpoint, worker)
        fetcher.close()


def _approve(installation: Installation, endpoint: Endpoint, protocol: Protocol, scope: SourceScope) -> None:
    location = endpoint.oai_url if protocol is Protocol.OAI_PMH else endpoint.list_url
    new = registration.NewSource(
        SOURCE, CITY, SOURCE, protocol, location, namespace="endpoint.test", scope=scope
    )
    engine, now = installation.engines.write, installation.clock()
    registration.add_source(engine, new, actor=SUBMITTER, now=now)
    for action, actor in ((SourceAction.SUBMIT, SUBMITTER), (SourceAction.APPROVE, APPROVER)):
        registration.act(engine, SOURCE, action, actor=actor, now=now)
