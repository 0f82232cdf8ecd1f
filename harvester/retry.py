"""Which failures are tried again, when, and how often: a pure schedule and the loop that follows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from random import Random
from typing import TypeVar

from harvester.errors import FatalFailure, HarvestFailure, TransportFailure

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
    call: Callable[[], Result],
    sleep: Callable[[float], None],
    rng: Random,
    failures: Counter[Kind] | None = None,
    retries: int | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Result:
    """What ``call`` returns, tried again after a ``TransportFailure`` as :func:`delay` says.

    A source that asks for time (``retry_after``) gets it, up to ``patience`` seconds; where it asks for
    more, the failure is raised at once, and the schedule comes back later. Every failure is counted in
    ``failures`` by its kind, those that were overcome too. Raises the last ``HarvestFailure``.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return call()
        except HarvestFailure as failure:
            kind = kind_of(failure)
            if failures is not None:
                failures[kind] += 1
            pause = delay(kind, attempt, rng, retries)
            asked = failure.retry_after if isinstance(failure, TransportFailure) else None
            if pause is None or (asked is not None and asked > patience):
                raise
            sleep(max(pause, asked or 0.0))
