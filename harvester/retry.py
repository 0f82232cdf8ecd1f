"""Which failures are tried again, when, and how often: a pure schedule and the loop that follows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import TypeVar

from harvester.errors import FatalFailure, GaveWay, HarvestFailure, TransportFailure
from registry.model.run import Failures

Result = TypeVar("Result")


class Kind(StrEnum):
    """Failures by consequence, as they are counted."""

    TRANSPORT = "transport"
    PROTOCOL = "protocol"
    FATAL = "fatal"


RETRIES: Mapping[Kind, int] = {Kind.TRANSPORT: 3, Kind.PROTOCOL: 0, Kind.FATAL: 0}

FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 30.0
PATIENCE_SECONDS = 60.0
POSTPONED_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Retrying:
    """How failures are met. ``retries``: how often after the first attempt, None for ``RETRIES``; ``in_place``: a
    longer pause is not slept through but postpones the walk; ``longest``: a source that asks for more time is
    left to the schedule; ``attempts``: how many at the first answer have failed in a row before."""

    retries: int | None = None
    in_place: float = PATIENCE_SECONDS
    longest: float = PATIENCE_SECONDS
    attempts: int = 0

    def postponing(self, attempts: int) -> Retrying:
        """The same where a walk can go on later, and somebody else needs the worker meanwhile."""
        return replace(self, in_place=FIRST_DELAY_SECONDS, longest=POSTPONED_SECONDS, attempts=attempts)


class Postponed(Exception):
    """The next attempt is due in ``seconds``, and nobody is to wait for it; ``attempts`` have failed in a row,
    the last one with ``failure``."""

    def __init__(self, failure: TransportFailure, seconds: float, attempts: int) -> None:
        super().__init__(failure.text.en)
        self.failure, self.seconds, self.attempts = failure, seconds, attempts


class Attempts:
    """The attempts of one walk: what has failed, and how often in a row."""

    def __init__(self, how: Retrying = Retrying()) -> None:
        self.how = how
        self.failures: Counter[Kind] = Counter()
        self.gave_way = 0
        self.in_a_row = how.attempts

    def counted(self) -> Failures:
        """What has failed, as a run keeps it."""
        of = self.failures
        return Failures(of[Kind.TRANSPORT], of[Kind.PROTOCOL], of[Kind.FATAL], self.gave_way)

    def note(self, failure: HarvestFailure) -> None:
        """Count a failure."""
        self.failures[kind_of(failure)] += 1
        self.gave_way += isinstance(failure, GaveWay)


def kind_of(failure: HarvestFailure) -> Kind:
    """Under which kind ``failure`` counts."""
    if isinstance(failure, TransportFailure):
        return Kind.TRANSPORT
    return Kind.FATAL if isinstance(failure, FatalFailure) else Kind.PROTOCOL


def delay(kind: Kind, attempt: int, rng: Random, retries: int | None = None) -> float | None:
    """Seconds to wait before trying again after the failed ``attempt`` (the first is 1); None: give up.

    Doubles from one second on, up to half a minute, with full jitter over its upper half, so that many
    workers that failed together do not come back together. ``retries`` replaces the number of
    ``RETRIES`` for a kind that is retried at all.
    """
    allowed = RETRIES[kind]
    if allowed and retries is not None:
        allowed = retries
    if attempt > allowed:
        return None
    ceiling = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** (attempt - 1))
    return rng.uniform(ceiling / 2, ceiling)


def with_retries(
    call: Callable[[], Result], sleep: Callable[[float], None], rng: Random, attempts: Attempts
) -> Result:
    """What ``call`` returns, tried again after a ``TransportFailure`` as :func:`delay` says.

    A source that asks for time (``retry_after``) gets it, up to ``attempts.how.longest`` seconds; where it asks
    for more, the failure is raised at once, and the schedule comes back later. Every failure is counted in
    ``attempts``, those that were overcome too. Raises the last ``HarvestFailure``; ``Postponed`` where the next
    attempt is to be made later than ``attempts.how.in_place``, or the walk is told to give way, which uses up
    no attempt.
    """
    while True:
        try:
            result = call()
        except HarvestFailure as failure:
            attempts.note(failure)
            _pause(failure, sleep, rng, attempts)
        else:
            attempts.in_a_row = 0
            return result


def _pause(failure: HarvestFailure, sleep: Callable[[float], None], rng: Random, attempts: Attempts) -> None:
    """Wait until it is time for the next attempt. Raises as :func:`with_retries`."""
    if isinstance(failure, GaveWay):
        raise Postponed(failure, 0.0, attempts.in_a_row) from failure
    attempts.in_a_row += 1
    pause = delay(kind_of(failure), attempts.in_a_row, rng, attempts.how.retries)
    asked = failure.retry_after if isinstance(failure, TransportFailure) else None
    if pause is None or (asked is not None and asked > attempts.how.longest):
        raise failure
    pause = max(pause, asked or 0.0)
    assert isinstance(failure, TransportFailure)
    if pause > attempts.how.in_place:
        raise Postponed(failure, pause, attempts.in_a_row) from failure
    try:
        sleep(pause)
    except GaveWay as told:
        attempts.note(told)
        raise Postponed(told, 0.0, attempts.in_a_row) from told
