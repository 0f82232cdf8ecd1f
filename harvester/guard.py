"""Watches over a walk while it waits for its source, and tells it to give way where others need its worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from harvester.pulse import Pulse
from registry.model.lanes import Lanes, Stall, patience_with
from registry.model.order import Order
from registry.services import traffic
from registry.store.engine import Engines

_log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Patience:
    """How long others wait. ``stall_seconds``: of a source's silence, and less of one that is usually quick; ``turn``:
    of a walk that goes well."""

    stall_seconds: float = 3.0
    turn: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Guard:
    """Over the walks of one worker. What it decides, the store tells: see ``registry.model.lanes``."""

    engines: Engines
    clock: Callable[[], datetime]
    lanes: Lanes
    patience: Patience

    @contextmanager
    def over(self, order: Order, pulse: Pulse, stop: Callable[[], bool]) -> Iterator[None]:
        """Watch over the walk of an order during the block. Whoever is told to ``stop`` does not wait for a source
        that has stalled."""
        ended = threading.Event()
        name = f"mulu-guard-{order.id}"
        watch = partial(self._watch, order, pulse, stop, ended)
        thread = threading.Thread(target=watch, name=name, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _watch(self, order: Order, pulse: Pulse, stop: Callable[[], bool], ended: threading.Event) -> None:
        slow, patience = order.slow, 0.0
        while not ended.wait(LOOK_SECONDS):
            stalled = pulse.stalled()
            if stalled < patience_with(0.0, self.patience.stall_seconds):
                continue
            patience = patience or self._patience(order)
            if stalled < patience:
                continue
            found = Stall.GIVE_WAY if stop() else self._decide(order)
            if found is Stall.GIVE_WAY:
                _log.info("walk.gives_way", order=order.id, stalled=round(stalled, 1))
                pulse.give_way()
                return
            if found is Stall.GO_ON_SLOWLY and not slow:
                slow = True
                _log.info("walk.slow", order=order.id, stalled=round(stalled, 1))

    def _patience(self, order: Order) -> float:
        try:
            return traffic.patience(self.engines, order, self.patience.stall_seconds)
        except Exception:  # noqa: BLE001 (it is only the longer for that)
            _log.exception("guard.failed", order=order.id)
            return self.patience.stall_seconds

    def _decide(self, order: Order) -> Stall:
        try:
            return traffic.decide_stalled(self.engines, order, self.clock(), self.lanes)
        except Exception:  # noqa: BLE001 (the store may answer at the next look)
            _log.exception("guard.failed", order=order.id)
            return Stall.GO_ON

    def had_its_turn(self, began: datetime) -> bool:
        """Whether a walk that began then has had its worker for long enough, and somebody waits for it."""
        now = self.clock()
        return now - began >= self.patience.turn and traffic.is_pressed(self.engines, now, self.lanes)
