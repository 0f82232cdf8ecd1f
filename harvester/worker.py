"""The worker: carries out orders. The left half ends here, the right half begins behind its sinks.
Everything it needs is an argument; ``harvester.assembly`` puts it together from the settings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from harvester import afterwards, pipeline
from harvester.errors import GaveWay
from harvester.guard import Guard
from harvester.inspection import inspect
from harvester.mail import Mailer
from harvester.overlooked import overlooked_of
from harvester.pulse import Pulse
from harvester.retry import Retrying
from harvester.rules import RULES_VERSION
from registry.errors import LeaseLost, PublicationStopped
from registry.model.harvesting import ChangeReader
from registry.model.health import Health
from registry.model.order import INSPECTIONS, Obstacle, Order, OrderKind, OrderStatus
from registry.model.run import Ending, Pause, RunStatus, Walk
from registry.model.source import SourceDescription, SourceStatus
from registry.model.visibility import day_of
from registry.services import expiry, indexing, ownership, traffic
from registry.services.ingest.opening import Windowing, open_run
from registry.services.ingest.settle import Settler, left_over
from registry.services.ingest.stage import RegisterSink
from registry.services.ordering import Claims
from registry.store import claims, orders, registers, runs, sources, stops
from registry.store.engine import Engines

_log = structlog.get_logger(__name__)

_SETTLING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an order. ``run`` is None for probes, for orders on a register, and behind an obstacle;
    ``pause`` tells why somebody goes on with it later."""

    order_id: int
    kind: OrderKind
    register_code: str
    source_code: str
    run: runs.Run | None
    seconds: float
    detail: dict[str, Any]
    pause: Pause | None = None

    @property
    def interrupted(self) -> bool:
        """Whether the order waits again: there is more to do."""
        return self.pause is not None or (self.run is not None and self.run.status is RunStatus.COLLECTING)

    @property
    def held(self) -> bool:
        """Whether the run waits for a person."""
        return self.run is not None and self.run.status is RunStatus.HELD

    @property
    def failed(self) -> bool:
        """Whether nothing that came could be settled."""
        return self.run is not None and self.run.status is RunStatus.FAILED


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker of an installation. Safe to share between threads: each order is one call.

    ``index`` says whether the search index is fed after a publication (the bench also measures without);
    ``mailer`` sends mails, None where there is no server for them.
    """

    engines: Engines
    claims: Claims
    settler: Settler
    road: pipeline.Road
    changes: ChangeReader
    guard: Guard
    windowing: Windowing
    backoff_max: timedelta
    time_zone: str
    index: bool = True
    mailer: Mailer | None = None

    def carry_out(self, order_id: int) -> Outcome | None:
        """Carry out one order; None where another worker has it, or took it over meanwhile."""
        order = self.claims.claim(order_id)
        if order is None:
            return None
        began = self.claims.clock()
        log = _log.bind(
            order=order.id, kind=str(order.kind), source=order.source.code if order.source else ""
        )
        try:
            with self.claims.kept(order):
                outcome = self._carry_out(order, began)
        except LeaseLost as lost:
            log.warning("order.lost", reason=lost.text.en)
            return None
        except Exception as error:
            log.exception("order.failed")
            self.claims.finish(order, OrderStatus.FAILED, {"error": f"{type(error).__name__}: {error}"})
            raise
        if outcome.interrupted:
            self.claims.hand_back(order, outcome.pause)
            log.info("order.interrupted", **_told(outcome.pause))
        else:
            self.claims.finish(order, OrderStatus.DONE, outcome.detail)
            log.info("order.done", **({} if order.kind in INSPECTIONS else outcome.detail))
        return outcome

    def _carry_out(self, order: Order, began: datetime) -> Outcome:
        if order.kind is OrderKind.EXPIRE:
            try:
                changed = self.expire(order.register_id)
            except PublicationStopped:
                return self._outcome(order, began, None, {"ending": Obstacle.STOPPED})
            return self._outcome(order, began, None, {"changed": changed})
        if order.kind is OrderKind.DELIVER:
            return self._outcome(order, began, None, dict(self.mailer.deliver(order)) if self.mailer else {})
        if order.kind is OrderKind.SETTLE:
            self.settle(order.register_id)
            return self._outcome(order, began, None, {})
        if order.kind in INSPECTIONS:
            try:
                return self._outcome(order, began, None, self._inspect(order))
            except GaveWay:
                return self._outcome(order, began, None, {}, Pause(0.0, gave_way=True))
        return self._harvest(order, began)

    def _inspect(self, order: Order) -> dict[str, Any]:
        road = self._road()
        with self.guard.over(order, road.pulse, self.road.stop):
            return inspect(order, road, self.changes, self.engines)

    def _road(self) -> pipeline.Road:
        """The road for one walk, with a pulse of its own."""
        pulse = Pulse()
        return replace(self.road, pulse=pulse, sleep=partial(pulse.pause, sleep=self.road.sleep))

    def _harvest(self, order: Order, began: datetime) -> Outcome:
        assert order.source is not None
        with self.engines.read.connect() as connection:
            unfinished = left_over(connection, order.register_id)
        if unfinished:
            self.settle(order.register_id)
        run = open_run(
            self.engines.write, order, rules_version=RULES_VERSION, now=began, windowing=self.windowing
        )
        if run is None:
            obstacle = self._obstacle(order.source)
            pause = None if obstacle else Pause(_SETTLING_SECONDS)
            return self._outcome(order, began, None, {"ending": obstacle}, pause)
        walk = self._walk(order, run, began)
        with self.engines.read.connect() as connection:
            run = runs.of_order(connection, run.source_id, order.id)
        if run.status is RunStatus.SETTLING:
            self.settle(order.register_id)
        with self.engines.read.connect() as connection:
            run = runs.get(connection, run.id)
        self._follow_up(order.source, run, began)
        detail = {"run": run.id, "status": run.status, "ending": run.ending, "verdict": run.verdict}
        pause = None if self.road.stop() else walk.pause  # whoever stops proves nothing about the source
        return self._outcome(order, began, run, detail, pause)

    def _follow_up(self, source: SourceDescription, run: runs.Run, began: datetime) -> None:
        """What a run that has ended brings about."""
        now = self.claims.clock()
        if run.status is not RunStatus.COLLECTING:
            afterwards.plan_next(
                self.engines.write,
                run,
                now=now,
                began=began,
                time_zone=self.time_zone,
                longest=self.backoff_max,
            )
        if run.status is RunStatus.PUBLISHED and run.ending is Ending.FINISHED:
            afterwards.look_for_more(self.engines, source, now)

    def _obstacle(self, asked: SourceDescription) -> Obstacle | None:
        """What kept an order from being carried out: its source was suspended, retired or changed since, its last
        run waits for publication to go on, or a held run stands in the way. None where a run of the source is
        merely being settled by somebody else."""
        with self.engines.read.connect() as connection:
            source = sources.by_id(connection, asked.id)
            waits = stops.standing(connection) and runs.under_way(connection, asked.id)
            is_held = runs.held(connection, asked.id) is not None
        if source.status is not SourceStatus.APPROVED or source.approved_fingerprint != asked.fingerprint:
            return Obstacle.NOT_APPROVED
        if waits:
            return Obstacle.STOPPED
        return Obstacle.HELD_RUN if is_held else None

    def _walk(self, order: Order, run: runs.Run, began: datetime) -> Walk:
        assert order.source is not None
        sink = RegisterSink(self.engines, self.claims, order, run, self.settler.keeping)

        def stop() -> bool:
            return self.road.stop() or self.guard.had_its_turn(began)

        with self.engines.read.connect() as connection:
            source = ownership.for_walk(connection, order.source)
        if source.is_internal:
            window, checkpoint, today = run.window, run.checkpoint, day_of(began)
            return pipeline.walk_register(source, window, sink, self.changes, today, stop, checkpoint)[0]
        road = replace(self._road(), retrying=self._retrying(order), stop=stop)
        with self.guard.over(order, road.pulse, self.road.stop), pipeline.taking_behind(sink) as behind:
            noted = overlooked_of(self.engines, source, run.window)
            return pipeline.walk(source, run.window, behind, road, run.checkpoint, noted)[0]

    def _retrying(self, order: Order) -> Retrying:
        """How failures are met on behalf of an order. A source that is failing anyway is asked once a run."""
        assert order.source is not None
        with self.engines.read.connect() as connection:
            failing = sources.by_id(connection, order.source.id).health is Health.FAILING
        retrying = self.road.retrying.postponing(order.attempts)
        return replace(retrying, retries=0) if failing else retrying

    def _outcome(
        self,
        order: Order,
        began: datetime,
        run: runs.Run | None,
        detail: dict[str, Any],
        pause: Pause | None = None,
    ) -> Outcome:
        with self.engines.read.connect() as connection:
            register = registers.by_id(connection, order.register_id)
        seconds = (self.claims.clock() - began).total_seconds()
        code = order.source.code if order.source else ""
        return Outcome(order.id, order.kind, register.code, code, run, seconds, detail, pause)

    def settle(self, register_id: int) -> None:
        """Settle and publish whatever is decided in a register, then feed the search index."""
        self.settler.settle_register(register_id)
        self._feed(register_id)

    def expire(self, register_id: int) -> int:
        """Publish what the calendar changed in a register; returns how many entries. Raises
        ``PublicationStopped``."""
        with self.settler.hold(register_id) as lease:
            changed = expiry.expire(lease, day_of(self.claims.clock()))
        self._feed(register_id)
        return changed

    def _feed(self, register_id: int) -> None:
        if self.index:
            indexing.feed(self.engines, register_id)

    def employed(self, capacity: int) -> AbstractContextManager[None]:
        """Be counted among those who carry out orders, up to ``capacity`` at once, during the block."""
        mine = self.claims
        return traffic.employed(mine.engine, mine.holder, capacity, clock=mine.clock, lease=mine.lease)

    def to_do(self, limit: int = 1000, *, internal: bool = False) -> list[int]:
        """The orders that can be carried out now, in their turn; ``internal`` as in ``store.claims.to_do``."""
        now, lanes = self.claims.clock(), self.claims.lanes
        with self.engines.read.connect() as connection:
            return claims.to_do(connection, now, limit, lanes, internal=internal)

    def seconds_to_next(self) -> float | None:
        """How long until an order that is postponed can be carried out; None where none is."""
        now = self.claims.clock()
        with self.engines.read.connect() as connection:
            at = orders.next_time(connection, now)
        return None if at is None else (at - now).total_seconds()

    def stopping_when(self, stop: Callable[[], bool]) -> Worker:
        """The same worker, whose walks end between two answers once ``stop`` says so."""
        return replace(self, road=replace(self.road, stop=stop))


def _told(pause: Pause | None) -> dict[str, Any]:
    if pause is None:
        return {}
    return {"seconds": pause.seconds, "attempts": pause.attempts, "gave_way": pause.gave_way}
