"""The automaton of a source's health: which facts lead to which state, and what is told of every transition."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from registry.model.health import (
    FAILING_AFTER,
    TRANSITIONS,
    Facts,
    Health,
    LastFailure,
    change,
    health_of,
    late_at,
)
from registry.model.issue import Text
from registry.model.run import Ending
from registry.model.source import SourceStatus

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FACTS = Facts(SourceStatus.APPROVED, 0, None)
LEADING_TO = {
    Health.HEALTHY: FACTS,
    Health.LATE: replace(FACTS, late_at=NOW),
    Health.FAILING: replace(FACTS, failures=FAILING_AFTER),
    Health.SUSPENDED: replace(FACTS, status=SourceStatus.SUSPENDED),
}


@pytest.mark.parametrize("health", Health)
def test_facts_lead_to_a_state(health: Health) -> None:
    assert health_of(LEADING_TO[health], NOW) is health


@pytest.mark.parametrize(
    ("failures", "health"),
    [
        (FAILING_AFTER - 1, Health.HEALTHY),
        (FAILING_AFTER, Health.FAILING),
        (FAILING_AFTER + 1, Health.FAILING),
    ],
)
def test_some_failures_are_a_passing_trouble(failures: int, health: Health) -> None:
    assert health_of(replace(FACTS, failures=failures), NOW) is health


@pytest.mark.parametrize(
    ("by", "health"), [(NOW + SECOND, Health.HEALTHY), (NOW, Health.LATE), (NOW - SECOND, Health.LATE)]
)
def test_late_begins_when_the_time_has_come(by: datetime, health: Health) -> None:
    assert health_of(replace(FACTS, late_at=by), NOW) is health


def test_what_people_decided_goes_first_and_failing_before_late() -> None:
    worst = replace(FACTS, failures=9, late_at=NOW)
    assert health_of(worst, NOW) is Health.FAILING
    for status in set(SourceStatus) - {SourceStatus.APPROVED}:
        assert health_of(replace(worst, status=status), NOW) is Health.SUSPENDED


def test_one_success_heals() -> None:
    assert health_of(replace(FACTS, succeeded_at=NOW), NOW) is Health.HEALTHY


def test_a_source_is_to_succeed_before_it_is_due_again() -> None:
    first, second = NOW + timedelta(hours=6), NOW + timedelta(hours=12)
    assert late_at(None, first) == first
    assert late_at(first, second) == first
    assert late_at(None, None) is None


def test_there_is_a_word_on_every_transition() -> None:
    assert TRANSITIONS.keys() == set(permutations(Health, 2))


@pytest.mark.parametrize(("before", "after"), TRANSITIONS)
def test_a_transition_tells_why(before: Health, after: Health) -> None:
    failure = LastFailure(Ending.TRANSPORT, Text("对方没有应答", "no answer"), NOW)
    found = change(before, replace(LEADING_TO[after], last_failure=failure), NOW)
    assert found is not None and (found.before, found.after) == (before, after)
    assert "{" not in found.reason.zh + found.reason.en
    if after is Health.FAILING:
        assert "no answer" in found.reason.en and "对方没有应答" in found.reason.zh
    if after is Health.LATE:
        assert "2026-03-01T12:00:00Z" in found.reason.en and "never" in found.reason.en


@pytest.mark.parametrize("health", Health)
def test_what_stays_is_no_transition(health: Health) -> None:
    assert change(health, LEADING_TO[health], NOW) is None
