"""The same work through the product: real services, a real child, the demo's chain of registers."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from config.secrets import Keyring
from config.settings import Database, Networks, Settings
from harvester.assembly import open_worker
from harvester.dispatch import inline
from harvester.worker import Outcome, Worker
from registry.model.event import Actor
from registry.model.lifecycle import SourceAction
from registry.model.register import Level
from registry.model.source import Protocol, SourceScope
from registry.services import ordering, registration
from registry.services.registration import NewSource
from registry.store.engine import Engines
from registry.store.tables import metadata

SUBMITTER, _APPROVER = Actor("bench:submitter"), Actor("bench:approver")
CITY, PROVINCE = "330100", "330000"


def settings_of(url: str, home: Path) -> Settings:
    """The settings of the bench: defaults, but for the store and the loopback endpoint."""
    return msgspec.structs.replace(
        Settings(home=home), database=Database(url=url), networks=Networks(("127.0.0.0/8",))
    )


def keyring_of(home: Path) -> Keyring:
    """Keys of its own."""
    return Keyring(home / "secrets", {})


class Clock:
    """A clock that the bench moves by hand between harvests."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


@contextmanager
def installation(url: str, home: Path, base_url: str, clock: Clock, *, index: bool) -> Iterator[Worker]:
    """An empty installation with one approved city source and a province above it."""
    with open_worker(
        settings_of(url, home),
        keyring_of(home),
        holder="bench",
        clock=clock,
        sleep=time.sleep,
        rng=random.Random(1),
    ) as worker:
        metadata.drop_all(worker.engines.write)
        metadata.create_all(worker.engines.write)
        _register(worker.engines, base_url, clock())
        yield replace(worker, index=index)


def _register(engines: Engines, base_url: str, now: datetime) -> None:
    for code, name, level in ((CITY, "杭州市", Level.MUNICIPAL), (PROVINCE, "浙江省", Level.PROVINCIAL)):
        registration.create_register(
            engines.write, code=code, name=name, level=level, division=code, actor=SUBMITTER, now=now
        )
    scope = SourceScope(("oai:bench.mulu:",), (PROVINCE,), ("project",))
    _approve(
        engines,
        NewSource("city", CITY, "bench", Protocol.OAI_PMH, base_url, scope=scope, namespace="bench.mulu"),
        now,
    )


def add_hop(worker: Worker, now: datetime) -> None:
    """Let the province read the city's register, from now on."""
    _approve(
        worker.engines,
        NewSource("hop", PROVINCE, "bench", Protocol.REGISTER, CITY, metadata_prefix="catalogue"),
        now,
    )


def _approve(engines: Engines, new: NewSource, now: datetime) -> None:
    registration.add_source(engines.write, new, actor=SUBMITTER, now=now)
    for action, actor in ((SourceAction.SUBMIT, SUBMITTER), (SourceAction.APPROVE, _APPROVER)):
        registration.act(engines.write, new.code, action, actor=actor, now=now)


def harvest(worker: Worker, source: str, *, full: bool, now: datetime) -> Outcome:
    """Order and carry out one harvest in this thread; the outcome must be published."""
    order_id = ordering.order_harvest(worker.engines.write, source, full=full, actor=SUBMITTER, now=now)
    outcome = worker.carry_out(order_id)
    assert outcome is not None and outcome.run is not None
    if outcome.run.status != "published":
        raise RuntimeError(f"{source}: {outcome.run.status} {outcome.run.walk} {outcome.run.hold_reasons}")
    return outcome


def drain(worker: Worker) -> list[Outcome]:
    """Carry out whatever waits, in one thread."""
    return inline.drain(worker, threads=1)
