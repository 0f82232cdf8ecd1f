"""Sending canaries down the road of a harvest, and judging what became of each."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from harvester import pipeline
from harvester.canaries.rows import CANARIES, Asked, Canary, Fate
from harvester.http.decoy import ADDRESS, Decoy
from harvester.pipeline import Road
from harvester.retry import Retrying
from harvester.rules.samples import SOURCE
from registry.model.completeness import verdict
from registry.model.harvesting import Onlooker
from registry.model.issue import Text
from registry.model.record import Condition, Page
from registry.model.run import Ending, Scope, Verdict, Walk, Window

_NOON = datetime(2024, 6, 1, 4, tzinfo=UTC)
"""The day on which the canaries' record is looked at, whatever day it is: it is good on that one."""

Monotonic = Callable[[], float]


SECONDS = 20.0
"""For all canaries; a twentieth of that is enough where nothing hangs."""


class Outcome(StrEnum):
    """What became of a canary."""

    RIGHT = "right"  # a good one was taken, a wrong one was refused by the guard that must refuse it
    LET_IN = "let in"  # a wrong one was taken, or led to where nobody may go
    OTHERWISE = "otherwise"  # a wrong one was refused, but not by the guard that must
    NOT_TAKEN = "not taken"  # a good one was refused
    NOT_ASKED = "not asked"  # there was no time left for it


@dataclass(frozen=True, slots=True)
class Flight:
    """What became of one canary. ``ending``, ``message`` and the ``codes`` of issues tell why."""

    canary: Canary
    outcome: Outcome
    ending: Ending | None = None
    message: Text = Text("", "")
    codes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Cage(Onlooker):
    """A sink that keeps nothing but what it needs to judge."""

    received: int = 0
    taken: int = 0
    codes: list[str] = field(default_factory=list)

    def take(self, pages: Sequence[Page]) -> list[int]:
        for page in pages:
            self.received += len(page.records)
            self.taken += sum(record.condition is Condition.LIVE for record in page.records)
            self.codes += [issue.code for issue in page.issues]
            self.codes += [issue.code for record in page.records for issue in record.issues]
        return [len(page.records) for page in pages]

    def finish(self, walk: Walk) -> Verdict:
        return verdict(walk, self.received)


def fly(
    road: Road,
    canaries: Sequence[Canary] = CANARIES,
    *,
    seconds: float = SECONDS,
    monotonic: Monotonic = time.monotonic,
) -> list[Flight]:
    """Send every canary down ``road`` (its door, its child and their checks). After ``seconds`` no other is sent.

    Raises ``OSError`` where this machine has no loopback address to ask them at.
    """
    limits = replace(road.limits, singly=0)
    still = replace(road, clock=lambda: _NOON, retrying=Retrying(retries=0), limits=limits)
    end = monotonic() + seconds
    flights: list[Flight] = []
    visited: set[str] = set()
    by_code = {each.code: each for each in canaries}
    nonce = secrets.token_hex(8)

    def reply(target: str, port: int) -> bytes:
        path = target.partition("?")[0]
        visited.add(path)
        code = path.rpartition("/")[2]
        return by_code[code].reply(Asked(target, port, f"/{nonce}/{code}"))

    with Decoy(reply) as decoy:
        for canary in canaries:
            if monotonic() >= end:
                flights.append(Flight(canary, Outcome.NOT_ASKED))
                continue
            bait = f"/{nonce}/{canary.code}"
            flights.append(_fly(canary, still, decoy.port, bait, visited))
    return flights


def _fly(canary: Canary, road: Road, port: int, bait: str, visited: set[str]) -> Flight:
    here = f"{ADDRESS}:{port}"
    source = replace(
        SOURCE,
        code=f"canary:{canary.code}",
        protocol=canary.protocol,
        location=canary.location.format(here=here, port=port, bait=bait, code=canary.code),
        allowed_networks=(f"{ADDRESS}/32",),
    )
    cage = _Cage()
    walk, _ = pipeline.walk(source, Window(Scope.FULL), cage, road)
    outcome = judge(canary, walk.ending, cage.taken, {*cage.codes, walk.ending}, bait in visited)
    return Flight(canary, outcome, walk.ending, walk.message, tuple(dict.fromkeys(cage.codes)))


def judge(canary: Canary, ending: Ending, taken: int, reasons: set[str], lured: bool) -> Outcome:
    """What the end of a walk means: ``taken`` records were accepted, ``reasons`` are the ending and the codes of
    the issues, ``lured`` says that the bait was asked for."""
    whole = ending in (Ending.FINISHED, Ending.NOT_MODIFIED)
    if canary.fate is Fate.TAKEN:
        return Outcome.RIGHT if whole and taken else Outcome.NOT_TAKEN
    let_in = taken if canary.fate is Fate.LEFT_OUT else whole or (taken and canary.fate is Fate.REFUSED)
    if let_in or lured:
        return Outcome.LET_IN
    return Outcome.RIGHT if reasons.intersection(canary.refused_by) else Outcome.OTHERWISE
