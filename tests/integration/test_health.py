"""The health of a source in the store: moved by the ends of runs, the acts of people and the clock, once each."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from harvester.schedule import next_due
from registry.model.health import Health
from registry.model.issue import Text
from registry.model.lifecycle import SourceAction
from registry.model.run import Ending, Failures, Pause, RunStatus, Walk
from registry.model.source import Protocol
from registry.services import ordering, registration, reviewing
from registry.services.health import judge_late
from registry.store import health, outbox, sources
from registry.store.engine import Engines, transaction
from registry.store.outbox import Topic
from registry.store.tables import health_changes
from tests.factories import APPROVER, SUBMITTER, Installation, live

LOST = Walk(Ending.TRANSPORT, Text("连接中断", "the connection broke off"), failures=Failures(transport=4))
DAILY = "every 24h"


@pytest.fixture
def city(engines: Engines) -> Installation:
    """A source that is due once a day."""
    installation = Installation(engines)
    installation.register("330100")
    installation.source("hz", "330100", protocol=Protocol.OAI_PMH)
    change = {"schedule": DAILY}
    registration.amend_source(engines.write, "hz", change, actor=SUBMITTER, now=installation.clock())
    return installation


def source(city: Installation) -> sources.Source:
    with city.engines.read.connect() as connection:
        return sources.get(connection, "hz")


def moves(city: Installation) -> list[tuple[Health, Health]]:
    """All transitions so far, the first one last seen."""
    with city.engines.read.connect() as connection:
        found = health.of_source(connection, sources.get(connection, "hz").id, limit=1000)
    return [(each.change.before, each.change.after) for each in reversed(found)]


def tick(city: Installation) -> int:
    def following(schedule: str, now: datetime) -> datetime | None:
        return next_due(schedule, now=now, time_zone="UTC", failures=0, longest=timedelta(days=1))

    now = city.clock()
    judge_late(city.engines.write, now, 100)
    return ordering.order_due(
        city.engines.write, holder="ticker", lease=timedelta(minutes=1), now=now, today=now.date(),
        following=following, limit=100,
    )  # fmt: skip


def fail(city: Installation, times: int = 1) -> None:
    for _ in range(times):
        assert city.harvest("hz", walk=LOST).status is RunStatus.FAILED
        city.clock.advance(minutes=10)


APPROVED = (Health.SUSPENDED, Health.HEALTHY)
FAILS = (Health.HEALTHY, Health.FAILING)


def test_a_source_is_healthy_once_it_is_approved(city: Installation) -> None:
    assert (source(city).health, moves(city)) == (Health.HEALTHY, [APPROVED])


def test_it_fails_with_the_third_failure_in_a_row_and_heals_with_one_success(city: Installation) -> None:
    fail(city, 2)
    assert source(city).health is Health.HEALTHY
    fail(city)
    failing = source(city)
    assert (failing.health, failing.failures, failing.failures_by_kind) == (
        Health.FAILING,
        3,
        {"transport": 3},
    )
    assert failing.last_failure is not None and failing.last_failure.text == LOST.message
    fail(city, 2)
    assert moves(city) == [APPROVED, FAILS], "a state that lasts is no transition"
    since = city.clock()
    run = city.harvest("hz", [live("1")])
    healed = source(city)
    assert run.status is RunStatus.PUBLISHED
    assert moves(city) == [APPROVED, FAILS, (Health.FAILING, Health.HEALTHY)]
    assert (healed.failures, healed.failures_by_kind) == (0, {})
    assert healed.health_since is not None and healed.health_since >= since


def test_failures_are_counted_by_kind(city: Installation) -> None:
    fail(city)
    city.harvest("hz", walk=Walk(Ending.FATAL, Text("拒绝", "refused")))
    city.harvest("hz", walk=Walk(Ending.PROTOCOL, Text("不是 XML", "no XML")))
    found = source(city)
    assert found.failures_by_kind == {"transport": 1, "fatal": 1, "protocol": 1}
    assert found.last_failure is not None and found.last_failure.kind is Ending.PROTOCOL


def test_what_came_before_a_failure_heals_nothing(city: Installation) -> None:
    fail(city, 3)
    run = city.harvest("hz", [live("1")], walk=LOST)
    assert (run.status, source(city).health) == (RunStatus.PUBLISHED, Health.FAILING)
    assert source(city).failures == 4


def test_it_is_late_when_it_is_due_again_without_a_success(city: Installation) -> None:
    city.harvest("hz", [live("1")])
    tick(city)
    assert (source(city).late_at, source(city).health) == (city.clock() + timedelta(days=1), Health.HEALTHY)
    city.clock.advance(days=1, seconds=-1)
    tick(city)
    assert source(city).health is Health.HEALTHY
    city.clock.advance(seconds=1)
    tick(city)
    tick(city)
    assert (source(city).health, moves(city)[1:]) == (Health.LATE, [(Health.HEALTHY, Health.LATE)])
    city.harvest("hz", [live("1"), live("2")])
    assert (source(city).health, source(city).late_at) == (Health.HEALTHY, None)
    assert moves(city)[2:] == [(Health.LATE, Health.HEALTHY)]


def test_what_is_held_is_no_success_until_it_is_released(city: Installation) -> None:
    city.harvest("hz", [live(str(number)) for number in range(30)])
    tick(city)
    run = city.harvest("hz", [live("0")])
    city.clock.advance(hours=25)
    again = city.harvest("hz", [live("0")])
    assert RunStatus.HELD in (run.status, again.status)
    held = run if again.status is not RunStatus.HELD else again
    city.clock.advance(hours=25)
    tick(city)
    assert source(city).health is Health.LATE
    reviewing.release(city.engines.write, held.id, actor=APPROVER, now=city.clock())
    city.settle(city.read("330100").id)
    assert source(city).health is Health.HEALTHY


def test_what_people_decide_moves_it_and_forgives(city: Installation) -> None:
    fail(city, 3)
    for action in (SourceAction.SUSPEND, SourceAction.RESUME):
        registration.act(city.engines.write, "hz", action, actor=APPROVER, now=city.clock(), reason="repair")
    assert moves(city)[2:] == [(Health.FAILING, Health.SUSPENDED), APPROVED]
    assert source(city).failures == 0


def test_an_interrupted_walk_says_nothing_about_its_source(city: Installation) -> None:
    begun = city.open("hz")
    assert begun is not None
    pause = Walk(Ending.INTERRUPTED, LOST.message, failures=Failures(transport=2), pause=Pause(4.0, 2))
    begun.sink.finish(pause)
    run = city.read_run(begun.run.id)
    assert (run.status, run.failures, run.walk) == (RunStatus.COLLECTING, Failures(transport=2), pause)
    ended = begun.finish(LOST)
    assert (ended.failures, source(city).failures) == (Failures(transport=6), 1)


def test_every_transition_is_told_once(city: Installation) -> None:
    fail(city, 4)
    city.harvest("hz", [live("1")])
    with transaction(city.engines.write) as connection:
        ids = list(connection.scalars(select(health_changes.c.id)))
        told = [each.item for each in outbox.waiting(connection, Topic.NOTICE, 1000)]
        found = health.get(connection, ids[-1])
    assert [each for each in told if each.startswith("health:")] == [f"health:{each}" for each in ids]
    assert (found.source_code, found.change.after) == ("hz", Health.HEALTHY)
