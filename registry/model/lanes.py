"""Two lanes for orders: what may start, and what a walk does whose source has stalled.

Slow orders (of sources that fail, and what gave way) have a share of the workers while others wait; all of them
while nobody does. Who stalls and is not known for it yet belongs to that share, too: a quarter of it is left to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Lanes:
    """How workers are shared. ``slow_percent``: what slow orders have of them; ``host_orders``: orders at once for
    one host."""

    slow_percent: int = 25
    host_orders: int = 2

    def share(self, workers: int) -> int:
        """How many of ``workers`` slow orders may hold while others wait: one at least."""
        return max(1, workers * self.slow_percent // 100)

    def places(self, workers: int) -> int:
        """How many of their share those may hold that are known to be slow; the others are of those who hold a
        worker until they are found out."""
        share = self.share(workers)
        return share - share // 4


@dataclass(frozen=True, slots=True)
class Traffic:
    """What goes on in an installation. ``running``: how many orders; ``slow``: the ids of the slow ones among
    them; ``hosts``: how many for each host; ``others_wait``: whether an order that is not slow could start."""

    workers: int
    running: int
    slow: frozenset[int]
    hosts: Mapping[str, int]
    others_wait: bool

    @property
    def is_pressed(self) -> bool:
        """Whether somebody waits for a worker."""
        return self.others_wait and self.running >= self.workers


def may_start(traffic: Traffic, lanes: Lanes, *, slow: bool, host: str) -> bool:
    """Whether an order that waits may be begun."""
    if host and traffic.hosts.get(host, 0) >= lanes.host_orders:
        return False
    return not slow or free_slow(traffic, lanes) > 0


def free_slow(traffic: Traffic, lanes: Lanes) -> int:
    """How many slow orders may be begun; any number is told as many as there are workers."""
    if not traffic.others_wait:
        return max(1, traffic.workers)
    return max(0, lanes.places(traffic.workers) - len(traffic.slow))


class Stall(StrEnum):
    """What becomes of a walk whose source has stalled."""

    GO_ON = "go on"
    GO_ON_SLOWLY = "go on slowly"  # in the slow lane, which has room
    GIVE_WAY = "give way"


def when_stalled(order_id: int, traffic: Traffic, lanes: Lanes) -> Stall:
    """What the walk of a running order is to do. Of slow orders beyond their share those placed last give way."""
    if not traffic.is_pressed:
        return Stall.GO_ON
    places = lanes.places(traffic.workers)
    if order_id not in traffic.slow:
        return Stall.GO_ON_SLOWLY if len(traffic.slow) < places else Stall.GIVE_WAY
    return Stall.GO_ON if order_id in sorted(traffic.slow)[:places] else Stall.GIVE_WAY


def patience_with(usual_seconds: float | None, stall_seconds: float) -> float:
    """After how long a silence a source has stalled, of which an answer took ``usual_seconds`` when all was well (None:
    nobody knows): four times that, but at least a third of ``stall_seconds``, and never longer than that."""
    if usual_seconds is None:
        return stall_seconds
    return min(stall_seconds, max(stall_seconds / 3, 4 * usual_seconds))
