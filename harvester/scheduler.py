"""The tick: one job that looks for what is due and places orders. Any number of processes may run it.

APScheduler keeps the time with a memory job store and one job; who may tick is settled by a lease in our
database, and a source that is due twice still has one waiting order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from harvester.schedule import next_due
from registry.model.visibility import day_of
from registry.services import health, ordering
from registry.store.engine import Engines

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ticker:
    """Places the orders of the clock. ``holder`` names this process; ``dispatch`` hands waiting orders to
    workers (the inline dispatcher's ``wake``, or the queue's ``send``); ``look_out`` sends the canaries ahead."""

    engines: Engines
    holder: str
    clock: Callable[[], datetime]
    interval: timedelta
    time_zone: str
    dispatch: Callable[[], object]
    look_out: Callable[[], object] = lambda: None
    batch: int = 500

    def tick(self) -> int:
        """Place an order for every source and register that is due, and find those that are late; returns how
        many orders.

        Nothing is placed where another process holds the lease of the tick; the canaries of this machine are sent
        all the same.
        """
        self.look_out()
        now = self.clock()
        for code, change in health.judge_late(self.engines.write, now, self.batch):
            _log.warning(
                "source.health",
                source=code,
                before=change.before,
                after=change.after,
                reason=change.reason.en,
            )
        placed = ordering.order_due(
            self.engines.write,
            holder=self.holder,
            lease=3 * self.interval,
            now=now,
            today=day_of(now),
            following=self._following,
            limit=self.batch,
        )
        self.dispatch()
        if placed:
            _log.info("tick", placed=placed)
        return placed

    def rest(self) -> None:
        """Tick no more: another process may from now on."""
        ordering.end_schedule(self.engines.write, holder=self.holder, now=self.clock())

    def _following(self, schedule: str, now: datetime) -> datetime | None:
        return next_due(schedule, now=now, time_zone=self.time_zone, failures=0, longest=timedelta(days=1))


class Scheduler:
    """Runs a ticker every interval in the background. A context manager."""

    def __init__(self, ticker: Ticker) -> None:
        self._ticker = ticker
        self._jobs = BackgroundScheduler(timezone="UTC")
        self._jobs.add_job(
            ticker.tick,
            "interval",
            seconds=ticker.interval.total_seconds(),
            next_run_time=ticker.clock(),
            max_instances=1,
            coalesce=True,
        )

    def __enter__(self) -> Scheduler:
        self._jobs.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._jobs.shutdown(wait=True)
        self._ticker.rest()
