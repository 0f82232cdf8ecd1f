"""The health of a source: an automaton of four states, decided by what stands in the source's row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from registry.model.datestamp import format_datestamp
from registry.model.issue import Text
from registry.model.run import Ending
from registry.model.source import SourceStatus


class Health(StrEnum):
    """How harvesting a source goes."""

    HEALTHY = "healthy"
    LATE = "late"  # it was due, and has not succeeded by the time it was to be due again
    FAILING = "failing"  # its last runs broke off
    SUSPENDED = "suspended"  # people have it not harvested: not approved, suspended, retired


FAILING_AFTER = 3
"""So many runs in a row that broke off are more than a passing trouble."""


@dataclass(frozen=True, slots=True)
class LastFailure:
    """Why the last run that broke off did."""

    kind: Ending
    text: Text
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about the health of a source.

    ``failures``: how many runs in a row broke off; ``late_at``: by when it is to have succeeded, None where it
    has since it was due last, or is harvested on demand only; ``succeeded_at``, ``last_failure``: for people.
    """

    status: SourceStatus
    failures: int
    late_at: datetime | None
    succeeded_at: datetime | None = None
    last_failure: LastFailure | None = None


def health_of(facts: Facts, now: datetime) -> Health:
    """The state that the facts lead to, whatever it was before."""
    if facts.status is not SourceStatus.APPROVED:
        return Health.SUSPENDED
    if facts.failures >= FAILING_AFTER:
        return Health.FAILING
    if facts.late_at is not None and facts.late_at <= now:
        return Health.LATE
    return Health.HEALTHY


def late_at(standing: datetime | None, following: datetime | None) -> datetime | None:
    """By when a source that is due now is to have succeeded: by the time it is due again (``following``, None
    where it has no schedule). A time that ``standing`` already sets stays: only a success lifts it."""
    return standing or following


@dataclass(frozen=True, slots=True)
class Change:
    """A transition of the automaton."""

    before: Health
    after: Health
    reason: Text


def change(before: Health, facts: Facts, now: datetime) -> Change | None:
    """The transition that the facts bring about; None where all is as it was."""
    after = health_of(facts, now)
    if after is before:
        return None
    reason = TRANSITIONS[before, after].format(
        failures=facts.failures,
        failure=facts.last_failure.text if facts.last_failure else _UNKNOWN,
        late_at=format_datestamp(facts.late_at) if facts.late_at else "-",
        succeeded_at=format_datestamp(facts.succeeded_at) if facts.succeeded_at else _NEVER,
    )
    return Change(before, after, reason)


_HEALED = Text("采集恢复正常。", "it is harvested as it should be again.")
_APPROVED = Text("来源已批准，按计划采集。", "people have it harvested.")
_FAILS = Text(
    "连续 {failures} 次采集中断；最近一次：{failure}",
    "{failures} runs in a row broke off; the last one: {failure}",
)
_LATE = Text(
    "应于 {late_at} 前采集成功，最近一次成功：{succeeded_at}。",
    "it should have succeeded by {late_at}; the last success: {succeeded_at}.",
)
_SUSPENDED = Text(
    "来源未批准、已暂停或已注销，不采集。",
    "people have it not harvested: it is not approved, suspended or retired.",
)
_UNKNOWN = Text("无记录", "unknown")
_NEVER = Text("从未", "never")

TRANSITIONS: Mapping[tuple[Health, Health], Text] = MappingProxyType(
    {
        (Health.HEALTHY, Health.LATE): _LATE,
        (Health.HEALTHY, Health.FAILING): _FAILS,
        (Health.HEALTHY, Health.SUSPENDED): _SUSPENDED,
        (Health.LATE, Health.HEALTHY): _HEALED,
        (Health.LATE, Health.FAILING): _FAILS,
        (Health.LATE, Health.SUSPENDED): _SUSPENDED,
        (Health.FAILING, Health.HEALTHY): _HEALED,
        (Health.FAILING, Health.LATE): _LATE,  # runs end again, but nothing that counts has come
        (Health.FAILING, Health.SUSPENDED): _SUSPENDED,
        (Health.SUSPENDED, Health.HEALTHY): _APPROVED,
        (Health.SUSPENDED, Health.LATE): _LATE,
        (Health.SUSPENDED, Health.FAILING): _FAILS,
    }
)
"""Every transition, and what people are told about it."""
