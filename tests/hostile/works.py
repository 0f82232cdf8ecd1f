"""An installation with its real worker: sockets, disposable children, the store; only its sources are scripted."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import MappingProxyType

from config.secrets import Keyring
from config.settings import Database, Harvest, Http, LaneRules, Networks, Settings
from harvester.assembly import open_worker
from harvester.sandbox import Sandboxes
from harvester.worker import Outcome, Worker
from registry.model.lifecycle import SourceAction
from registry.model.source import Protocol
from registry.services import ordering, registration, reviewing
from registry.store import issue_life, runs, sources
from registry.store.engine import Engines, open_engines
from tests import factories
from tests.factories import APPROVER, SUBMITTER, Installation

CITY = "330100"
NETWORKS = ("127.0.0.0/16",)
"""Where sources may live. Lures lie outside."""


@dataclass(slots=True)
class Clock:
    """The time of day, or later."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, **by: float) -> None:
        """From now on it is a ``timedelta(**by)`` later."""
        self.ahead += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Works:
    """A register, ``330100``, and a worker for its sources."""

    engines: Engines
    worker: Worker
    clock: Clock

    def add(self, new: registration.NewSource) -> str:
        """A new, approved source; returns its code."""
        registration.add_source(self.engines.write, new, actor=SUBMITTER, now=self.clock())
        for action, actor in ((SourceAction.SUBMIT, SUBMITTER), (SourceAction.APPROVE, APPROVER)):
            registration.act(self.engines.write, new.code, action, actor=actor, now=self.clock())
        return new.code

    def add_city(self, code: str, location: str, protocol: Protocol = Protocol.OAI_PMH) -> str:
        """A source of the register ``330100`` that may speak for anything."""
        return self.add(
            registration.NewSource(code, CITY, code, protocol, location, namespace=f"{code}.test")
        )

    def harvest(self, code: str) -> Outcome:
        """What comes of asking a source for everything."""
        order = ordering.order_harvest(self.engines.write, code, full=True, actor=SUBMITTER, now=self.clock())
        outcome = self.worker.carry_out(order)
        assert outcome is not None
        return outcome

    def run_of(self, code: str) -> runs.Run:
        """The run that asking a source for everything led to."""
        run = self.harvest(code).run
        assert run is not None
        return run

    def release(self, code: str) -> bool:
        """A person lets the held run of a source through; False where none is held."""
        with self.engines.read.connect() as connection:
            run = runs.held(connection, sources.get(connection, code).id)
        if run is None:
            return False
        reviewing.release(self.engines.write, run.id, actor=APPROVER, now=self.clock())
        self.worker.settle(run.register_id)
        return True

    def live(self, code: str) -> int:
        """How many records of a source are live."""
        with self.engines.read.connect() as connection:
            return sources.get(connection, code).live

    def issue_codes(self, run: runs.Run) -> dict[str, int]:
        """The issues of a run, counted."""
        with self.engines.read.connect() as connection:
            return {each.code: each.found for each in issue_life.counts(connection, run.id) if each.found}

    def children(self) -> Sequence[int]:
        """The processes that read for the worker just now."""
        reader = self.worker.road.reader
        assert isinstance(reader, Sandboxes)
        pids = [pid for each in reader.sandboxes for pid in (each.pid, each.explainer_pid)]
        return [pid for pid in pids if pid is not None]


@contextmanager
def at_work(
    database_url: str,
    folder: Path,
    seed: str,
    *,
    threads: int = 1,
    http: Http = Http(),
    lanes: LaneRules = LaneRules(),
    harvest: Harvest = Harvest(),
    secrets: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Works]:
    """An installation on an empty store; ``secrets``: the environment that references are looked up in."""
    settings = Settings(
        folder,
        database=Database(url=database_url),
        networks=Networks(NETWORKS),
        http=http,
        lanes=lanes,
        harvest=harvest,
    )
    engines = open_engines(database_url)
    try:
        clock = Clock()
        Installation(engines, factories.Clock(clock())).register(CITY)
        keyring = Keyring(folder / "secrets", dict(secrets))
        with open_worker(
            settings,
            keyring,
            holder="works",
            clock=clock,
            sleep=time.sleep,
            rng=Random(seed),
            threads=threads,
        ) as worker:
            yield Works(engines, worker, clock)
    finally:
        engines.dispose()
