"""Putting a worker together from the settings. The clock, the randomness and the waiting are arguments."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import msgspec

from config.secrets import Keyring
from config.settings import Settings
from harvester.canaries import Watch
from harvester.deliver.desk import Desk
from harvester.guard import Guard, Patience
from harvester.http import Fetcher, Policy
from harvester.mail import Mailer
from harvester.pipeline import OpenAnswer, Road, WalkLimits
from harvester.protocols import folder
from harvester.protocols.base import Answer, Request
from harvester.pulse import Pulse
from harvester.retry import Retrying
from harvester.sandbox import Sandbox, Sandboxes, SandboxLimits, Tabulator
from harvester.worker import Worker
from registry.model.issue_ledger import Keeping
from registry.model.lanes import Lanes
from registry.model.source import Protocol, SourceDescription
from registry.outlets.upward import UpwardReader
from registry.services.delivered import KeptDeliveries
from registry.services.ingest.opening import Windowing
from registry.services.ingest.settle import Settler
from registry.services.ordering import Claims
from registry.store.engine import Engines, open_engines

_COLLECT_EVERY = 50_000
"""New objects (less freed ones) between two looks of the cycle collector; Python's default is 700."""

_LOOK_SECONDS = 5.0
_CANARY_SECONDS = 10.0
"""So long may a child be silent about a canary, which is small: the clock waits for it."""


@contextmanager
def open_worker(
    settings: Settings,
    keyring: Keyring,
    *,
    holder: str,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    rng: Random,
    threads: int = 1,
) -> Iterator[Worker]:
    """A worker of the installation that ``settings`` describe, with a warm child for each of ``threads``.

    ``holder`` names this process among all workers. Raises ``config.secrets.SecretError`` where a key is
    missing. Everything that it opened is closed at the end of the block.
    """
    _collect_rarely()
    engines = open_engines(settings.database_url, pool_size=max(settings.database.pool_size, 2 * threads))
    limits = SandboxLimits(**msgspec.structs.asdict(settings.child))
    try:
        with Sandboxes(threads, limits) as sandboxes:
            road = Road(
                open_answer=_opener(settings, keyring, clock, engines),
                reader=sandboxes,
                clock=clock,
                sleep=sleep,
                rng=rng,
                archive_key=keyring.key(settings.secrets.archive_key),
                retrying=Retrying(retries=settings.http.retries),
                limits=_limits(settings),
            )
            worker = worker_on(settings, engines, road, holder=holder, clock=clock, sleep=sleep)
            yield replace(worker, mailer=mailer_of(settings, keyring, worker))
    finally:
        engines.dispose()


def mailer_of(settings: Settings, keyring: Keyring, worker: Worker) -> Mailer | None:
    """Who sends the mails of an installation; None where it has no mail server."""
    if not settings.mail.host:
        return None
    url = f"{settings.public_url}/admin"
    return Mailer(settings.mail, worker.engines, worker.claims, keyring.credential, url)


def _limits(settings: Settings) -> WalkLimits:
    return WalkLimits(
        records=settings.harvest.list_records,
        answers=settings.harvest.list_pages,
        idle=settings.harvest.idle_pages,
        singly=settings.harvest.salvage_records,
        kept_bytes=settings.harvest.kept_bytes,
    )


def _keeping(settings: Settings) -> Keeping:
    return Keeping(settings.harvest.run_issues, settings.harvest.refused_bytes)


@contextmanager
def open_watch(
    settings: Settings,
    keyring: Keyring,
    engines: Engines,
    *,
    holder: str,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    rng: Random,
) -> Iterator[Watch]:
    """A watch over the canaries of this machine with a child of its own: those of a worker may be busy for long."""
    limits = SandboxLimits(**msgspec.structs.asdict(settings.child))
    hasty = replace(limits, silence_seconds=min(limits.silence_seconds, _CANARY_SECONDS))
    with Sandbox(hasty) as sandbox:
        door = _direct_door(settings, keyring, clock)
        yield Watch(engines, holder, clock, Road(door, sandbox, clock, sleep, rng, archive_key=bytes(32)))


def watch_on(worker: Worker, settings: Settings, keyring: Keyring) -> Watch:
    """A watch over the canaries on the road, and with the child, of a ``worker`` that reads nothing else meanwhile."""
    door = _direct_door(settings, keyring, worker.road.clock)
    road = replace(worker.road, open_answer=door)
    return Watch(worker.engines, worker.claims.holder, worker.road.clock, road)


def _direct_door(settings: Settings, keyring: Keyring, clock: Callable[[], datetime]) -> OpenAnswer:
    """The door that endpoints are asked at, but never through a proxy: none of ours would reach the decoy."""
    policy = Policy(settings.networks.allowed, contact=settings.web.admin_email)
    return Fetcher(policy, settings.http, clock, keyring.credential).fetch


def open_short_look(settings: Settings, keyring: Keyring, clock: Callable[[], datetime]) -> OpenAnswer:
    """How sources are asked for a look at whether they answer: by the same door and the same policy, in seconds.

    No order is claimed: a host that is being harvested is not waited for.
    """
    http = msgspec.structs.replace(
        settings.http,
        connect_seconds=min(settings.http.connect_seconds, _LOOK_SECONDS),
        gap_seconds=min(settings.http.gap_seconds, _LOOK_SECONDS),
        headers_seconds=min(settings.http.headers_seconds, _LOOK_SECONDS),
    )
    policy = Policy(settings.networks.allowed, settings.http.proxy, settings.web.admin_email)
    return _door(Fetcher(policy, http, clock, keyring.credential))


def _collect_rarely() -> None:
    """Let the cycle collector of this process look less often. A worker makes millions of small objects in
    batches and hardly a cycle among them; looking through them cost a seventh of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, 20, 20)


def worker_on(
    settings: Settings,
    engines: Engines,
    road: Road,
    *,
    holder: str,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    index: bool = True,
) -> Worker:
    """A worker on engines and a road that the caller has opened."""
    lease = timedelta(seconds=settings.lease.seconds)
    lanes = lanes_of(settings)
    patience = Patience(settings.lanes.stall_seconds, timedelta(seconds=settings.lanes.turn_seconds))
    return Worker(
        engines=engines,
        claims=Claims(engines.write, holder, clock, lease, lanes),
        settler=Settler(engines, holder, clock, sleep, lease, keeping=_keeping(settings)),
        road=road,
        changes=UpwardReader(engines, settings.public_url, clock),
        guard=Guard(engines, clock, lanes, patience),
        windowing=Windowing(
            overlap=timedelta(seconds=settings.harvest.overlap_seconds),
            full_every=timedelta(days=settings.harvest.full_days),
        ),
        backoff_max=timedelta(seconds=settings.harvest.backoff_max_seconds),
        time_zone=settings.schedule.time_zone,
        index=index,
    )


def lanes_of(settings: Settings) -> Lanes:
    """How the workers of the installation are shared."""
    return Lanes(settings.lanes.slow_percent, settings.http.connections_per_host)


def _opener(
    settings: Settings, keyring: Keyring, clock: Callable[[], datetime], engines: Engines
) -> OpenAnswer:
    """How requests are answered: what is kept here, a folder of this installation, or an endpoint over HTTP."""
    policy = Policy(settings.networks.allowed, settings.http.proxy, settings.web.admin_email)
    return _door(Fetcher(policy, settings.http, clock, keyring.credential), desk_of(settings, engines))


def desk_of(settings: Settings, engines: Engines) -> Desk:
    """Who answers for what offices handed in."""
    limits = SandboxLimits(**msgspec.structs.asdict(settings.child))
    return Desk(KeptDeliveries(engines), Tabulator(limits))


def _door(fetcher: Fetcher, desk: Desk | None = None) -> OpenAnswer:
    def open_answer(
        request: Request, source: SourceDescription, pulse: Pulse
    ) -> AbstractContextManager[Answer]:
        if desk is not None and source.protocol is Protocol.CONSOLE:
            return desk.open_answer(request, source)
        if request.url.startswith(f"{folder.SCHEME}:"):
            return folder.open_answer(request, source)
        return fetcher.fetch(request, source, pulse)

    return open_answer
