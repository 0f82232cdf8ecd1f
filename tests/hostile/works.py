"""An installation with its real worker: sockets, disposable children, the store; only its sources are scripted."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from config.secrets import Keyring
from config.settings import Database, Networks, Settings
from harvester.assembly import open_worker
from harvester.sandbox import Sandboxes
from harvester.worker import Outcome, Worker
from registry.model.lifecycle import SourceAction
from registry.model.source import Protocol
from registry.services import ordering, registration
from registry.store import issues, runs, sources
from registry.store.engine import Engines, open_engines
from tests.factories import APPROVER, SUBMITTER, Clock, Installation

CITY = "330100"
NETWORKS = ("127.0.0.0/16",)
"""Where sources may live. Lures lie outside."""


def now() -> datetime:
    """The time of day: endpoints and children take theirs as well."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Works:
    """A register, ``330100``, and a worker for its sources."""

    engines: Engines
    worker: Worker

    def add(
        self,
        code: str,
        location: str,
        protocol: Protocol = Protocol.OAI_PMH,
        namespace: str = "",
        schedule: str = "",
    ) -> str:
        """A new, approved source in the format ``catalogue``; returns its code."""
        new = registration.NewSource(
            code, CITY, code, protocol, location, namespace=namespace or f"{code}.test", schedule=schedule
        )
        registration.add_source(self.engines.write, new, actor=SUBMITTER, now=now())
        for action, actor in ((SourceAction.SUBMIT, SUBMITTER), (SourceAction.APPROVE, APPROVER)):
            registration.act(self.engines.write, code, action, actor=actor, now=now())
        return code

    def harvest(self, code: str) -> Outcome:
        """What comes of asking a source for everything."""
        order = ordering.order_harvest(self.engines.write, code, full=True, actor=SUBMITTER, now=now())
        outcome = self.worker.carry_out(order)
        assert outcome is not None
        return outcome

    def run_of(self, code: str) -> runs.Run:
        """The run that asking a source for everything led to."""
        run = self.harvest(code).run
        assert run is not None
        return run

    def live(self, code: str) -> int:
        """How many records of a source are live."""
        with self.engines.read.connect() as connection:
            return sources.get(connection, code).live

    def issue_codes(self, run: runs.Run) -> dict[str, int]:
        """The issues of a run, counted."""
        with self.engines.read.connect() as connection:
            return {code: count for code, _, count in issues.count_by_code(connection, run.id)}

    def children(self) -> Sequence[int]:
        """The processes that read for the worker just now."""
        reader = self.worker.road.reader
        assert isinstance(reader, Sandboxes)
        pids = [pid for each in reader.sandboxes for pid in (each.pid, each.explainer_pid)]
        return [pid for pid in pids if pid is not None]


@contextmanager
def at_work(database_url: str, folder: Path, seed: str, *, threads: int = 1) -> Iterator[Works]:
    """An installation on an empty store, with default limits."""
    settings = Settings(folder, database=Database(url=database_url), networks=Networks(NETWORKS))
    engines = open_engines(database_url)
    try:
        Installation(engines, Clock(now())).register(CITY)
        keyring = Keyring(folder / "secrets", {})
        with open_worker(
            settings, keyring, holder="works", clock=now, sleep=time.sleep, rng=Random(seed), threads=threads
        ) as worker:
            yield Works(engines, worker)
    finally:
        engines.dispose()
