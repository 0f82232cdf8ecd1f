"""The brake: when a run is held for a person instead of being settled (house section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.model.issue import Text
from registry.model.run import Scope, Tally


@dataclass(frozen=True, slots=True)
class BrakeLimits:
    """The numbers of the brake; a register may set its own. ``absence_hours``: how far apart the two complete
    lists must at least be that both miss a record, before it becomes a tombstone."""

    vanish_floor: int = 2
    vanish_percent: int = 10
    vanish_ceiling: int = 5000
    vanish_days: int = 7
    rewrite_from: int = 20
    growth_factor: int = 10
    absence_hours: int = 24


@dataclass(frozen=True, slots=True)
class BrakeReason:
    """Why a run is held: a stable code and a sentence with the numbers."""

    code: str
    text: Text


_VANISHED = Text(
    zh="{days} 天内共消失 {vanished} 条，超过允许的 {allowed} 条(现有 {live} 条)。",
    en="{vanished} records vanished within {days} days; {allowed} are allowed (of {live} that are live).",
)
_EMPTY = Text(
    zh="来源返回了空目录，而登记册中现有 {live} 条。",
    en="The source answered with an empty list, while {live} of its records are live.",
)
_REWRITTEN = Text(
    zh="{rewritten} 条被改写，超过现有 {live} 条的一半。",
    en="{rewritten} records were rewritten: more than half of the {live} that are live.",
)
_GROWN = Text(
    zh="目录从 {live} 条增长到 {total} 条，超过 {factor} 倍。",
    en="The list grew from {live} to {total} records: more than {factor} times.",
)


_GATE = Text(
    zh="登记册 {register} 须发布审核，本次变更 {changed} 条。",
    en="The register {register} publishes nothing unseen; {changed} records would change.",
)


def gate_reason(register: str, tally: Tally) -> BrakeReason | None:
    """Why a run into a ``register`` (its code) with the gate on waits: it would change something."""
    return BrakeReason("gate", _GATE.format(register=register, changed=tally.made)) if tally.made else None


def allowed_to_vanish(live: int, limits: BrakeLimits) -> int:
    """How many of ``live`` records may vanish unseen: max(floor, percent rounded up), at most the ceiling."""
    share = -(-live * limits.vanish_percent // 100)
    return min(max(limits.vanish_floor, share), limits.vanish_ceiling)


def window_start(now: datetime, last_release: datetime | None, limits: BrakeLimits) -> datetime:
    """From when vanished records add up: the last release, or ``vanish_days`` ago if that is later."""
    start = now - timedelta(days=limits.vanish_days)
    return start if last_release is None else max(start, last_release)


@dataclass(frozen=True, slots=True)
class Before:
    """What a source held before a run: ``live`` records now; ``vanished``: what earlier published runs missed
    for the first time or were told to delete since :func:`window_start`; ``removed``: how many of what was
    live then have become tombstones since."""

    live: int
    vanished: int = 0
    removed: int = 0


def reasons_to_hold(
    tally: Tally, before: Before, *, scope: Scope, limits: BrakeLimits
) -> tuple[BrakeReason, ...]:
    """Why this run must wait for a person; empty where it need not.

    ``scope``: FULL only for a complete list. First absences count (not their later confirmation, which a
    person has seen already if they were many), in proportion to what was live when the window began.
    """
    reasons = []
    live = before.live
    vanished = tally.going + before.vanished
    allowed = allowed_to_vanish(live + before.removed, limits)
    if tally.going and vanished > allowed:
        numbers = {"days": limits.vanish_days, "vanished": vanished, "allowed": allowed, "live": live}
        reasons.append(BrakeReason("vanished", _VANISHED.format(**numbers)))
    if scope is Scope.FULL and tally.listed == 0 and tally.going + tally.vanished:
        reasons.append(BrakeReason("empty", _EMPTY.format(live=live)))
    if live >= limits.rewrite_from and tally.updated * 2 > live:
        reasons.append(BrakeReason("rewritten", _REWRITTEN.format(rewritten=tally.updated, live=live)))
    total = live + tally.created + tally.restored
    if live > 0 and total > live * limits.growth_factor:
        reasons.append(
            BrakeReason("grown", _GROWN.format(live=live, total=total, factor=limits.growth_factor))
        )
    return tuple(reasons)
