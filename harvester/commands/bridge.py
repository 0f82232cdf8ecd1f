"""From a command-line session to a worker, and what the registry's commands need of the harvester."""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from random import Random
from types import ModuleType
from typing import Any

import click
import msgspec

from harvester.assembly import lanes_of, open_watch, open_worker, watch_on
from harvester.canaries import Watch
from harvester.dispatch.inline import Dispatcher, drain
from harvester.errors import FatalFailure
from harvester.http.line import line_to_provider
from harvester.sandbox import SandboxLimits, Tabulator
from harvester.schedule import check_schedule
from harvester.scheduler import Scheduler, Ticker
from harvester.worker import Worker
from registry.commands.session import Session
from registry.model.external import ProviderLine
from registry.model.issue import Text
from registry.services import ordering
from registry.store.engine import Engines

_NO_CELERY = Text(
    zh="设置了 queue.url，但没有安装 Celery：请安装 mulu[queue]。",
    en="queue.url is set, but Celery is not installed: install mulu[queue].",
)


@dataclass(frozen=True, slots=True)
class Bridge:
    """Fulfils ``registry.commands.session.Harvester``. ``sleep`` waits (seconds), ``rng`` spreads retries."""

    sleep: Callable[[float], None]
    rng: Random

    @contextmanager
    def worker(self, session: Session, *, threads: int = 1) -> Iterator[Worker]:
        """A worker of the session's installation, whose store must be there."""
        session.require_store()
        with open_worker(
            session.settings,
            session.keyring,
            holder=holder_name(),
            clock=session.clock,
            sleep=self.sleep,
            rng=self.rng,
            threads=threads,
        ) as worker:
            yield worker

    @contextmanager
    def watch(self, session: Session, engines: Engines) -> Iterator[Watch]:
        """The watch over the canaries of this machine, for the session's installation."""
        with open_watch(
            session.settings,
            session.keyring,
            engines,
            holder=holder_name(),
            clock=session.clock,
            sleep=self.sleep,
            rng=self.rng,
        ) as watch:
            yield watch

    def looking_out(self, session: Session) -> Callable[[Worker], Callable[[], None]]:
        """For a worker: what sends the canaries down its road for whoever calls it, at most once a tick."""
        tick = timedelta(seconds=session.settings.schedule.tick_seconds)
        return lambda worker: watch_on(worker, session.settings, session.keyring).every(tick)

    def settle(self, session: Session, register_id: int) -> bool:
        """Carry what is decided in a register to its publication, and have the registers above it read that;
        False where this waits for another process, which carries out what is ordered."""
        with self.worker(session) as worker:
            worker.settle(register_id)
            ordering.drop_settled(worker.engines.write, register_id, session.clock())
            if not worker.to_do(internal=True):
                return True
            if ordering.is_scheduled(worker.engines.read, session.clock()):
                return False
            drain(worker, threads=1, internal=True)
            return True

    @contextmanager
    def at_work(self, session: Session) -> Iterator[None]:
        """Have done what is due while the block lasts: by the workers of the broker where there is one, else in
        the background here, ending cleanly at checkpoints."""
        if session.settings.queue.url:
            queue = session.settings.queue
            dispatch = queueing()
            app = dispatch.celery_app(queue.url, queue.name)
            sender = dispatch.QueueDispatcher(app, session.engines, session.clock, lanes_of(session.settings))
            with (
                self.watch(session, session.engines) as watch,
                Scheduler(_ticker(session, sender.send, watch)),
            ):
                yield
            return
        with (
            self.watch(session, session.engines) as watch,
            self.worker(session, threads=session.settings.harvest.workers) as worker,
            Dispatcher(worker, threads=session.settings.harvest.workers) as dispatcher,
            Scheduler(_ticker(session, dispatcher.wake, watch)),
        ):
            yield

    def line_to_provider(self, session: Session) -> ProviderLine | None:
        """How the console asks the identity provider; None where none is set."""
        return line_to_provider(session.settings, session.keyring.credential)

    def check_schedule(self, schedule: str, time_zone: str) -> None:
        """Raise ``ValueError`` unless it is a cron line or an interval."""
        check_schedule(schedule, time_zone)


def queueing() -> ModuleType:
    """``harvester.dispatch.queue``, which takes a third of a second to import and a library that few need.

    Raises ``FatalFailure`` where that library is not installed.
    """
    try:
        from harvester.dispatch import queue
    except ModuleNotFoundError as failure:
        raise FatalFailure(_NO_CELERY) from failure
    return queue


def _ticker(session: Session, dispatch: Callable[[], object], watch: Watch) -> Ticker:
    schedule = session.settings.schedule
    return Ticker(
        session.engines,
        holder_name(),
        session.clock,
        timedelta(seconds=schedule.tick_seconds),
        schedule.time_zone,
        dispatch,
        watch.look_out,
    )


def holder_name() -> str:
    """What this process is called among all workers: host, process, and a part that no other has."""
    return f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}"


def pass_bridge(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the session's bridge to a command as its first argument."""

    @wraps(command)
    def with_bridge(*arguments: Any, **options: Any) -> Any:
        session = click.get_current_context().find_object(Session)
        assert session is not None
        assert isinstance(session.harvester, Bridge)
        return command(session.harvester, *arguments, **options)

    return with_bridge


def tabulator(session: Session) -> Tabulator:
    """What writes the tables that people hand in as documents, in children with the limits of all."""
    return Tabulator(SandboxLimits(**msgspec.structs.asdict(session.settings.child)))
