"""SIGKILL at every named point and at chance moments: nothing is lost, doubled or half-published, and the next
run resumes at its checkpoint."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from random import Random

import pytest

from registry.services import reviewing
from registry.store import runs
from tests.crash.choice import on_postgresql, on_postgresql_in_full
from tests.crash.household import APPROVER, BUILDING, PROVINCE, Household
from tests.crash.points import Point
from tests.crash.process import DriverProcess
from tests.crash.survival import Death, Life

NAMED = {
    "claimed": Point("after", "claim"),
    "opened": Point("after", "open"),
    "mid-take": Point("before", "take", 3),
    "staged": Point("after", "take", 2),
    "the third page staged": Point("after", "take", 4),
    "before the absences": Point("before", "absences"),
    "after the absences": Point("after", "absences"),
    "before the verdict": Point("before", "close"),
    "after the verdict": Point("after", "close"),
    "leased": Point("after", "lease"),
    "mid-settle": Point("after", "slice", 1),
    "before the settle's commit": Point("before", "slice", 2),
    "after the settle's commit": Point("after", "slice", 2),
    "before publish": Point("before", "publish"),
    "after publish": Point("after", "publish"),
    "before verify": Point("before", "verify", 2),
    "after verify": Point("after", "verify", 2),
    "before the lease is given back": Point("before", "give back"),
    "before the index": Point("before", "index"),
    "after the index": Point("after", "index"),
    "before the order ends": Point("before", "finish"),
    "upward, mid-take": Point("before", "take", order=2),
    "upward, mid-settle": Point("after", "slice", order=2),
    "upward, after publish": Point("after", "publish", order=2),
}


def at(point: Point) -> Death:
    """Death at a point, by the process's own hand."""

    def die(household: Household) -> DriverProcess:
        victim = _kill_at(point, household)
        assert victim.outcomes is None, f"{point} was not passed: {victim.passed}"
        return victim

    return die


@on_postgresql_in_full
def test_killed_at_named_points(household: Household, seed: str) -> None:
    """A full harvest dies at each point that the design names."""
    _die_at(household, seed, list(NAMED.values()))


@on_postgresql
def test_killed_at_some_named_points(household: Household, seed: str) -> None:
    """The same at a few of them, where a server keeps the store."""
    _die_at(household, seed, Random(seed).sample(list(NAMED.values()), 8))


def _die_at(household: Household, seed: str, points: Sequence[Point]) -> None:
    life = Life(household, Random(seed)).begin()
    for point in points:
        life.harvest(at(point), full=True)
        life.complete()
    life.again()


def test_killed_again_during_recovery(household: Household, seed: str) -> None:
    """Whoever carries on what was left dies at it too, again and again."""

    def die(household: Household) -> DriverProcess:
        victim = at(Point("before", "slice", 2))(household)
        for point in (
            Point("before", "slice"),
            Point("after", "slice"),
            Point("before", "publish"),
            Point("after", "publish"),
            Point("before", "verify"),
        ):
            household.wait(61)
            at(point)(household)
            life.look()
        return victim

    life = Life(household, Random(seed)).begin()
    life.harvest(die, full=True)
    life.complete()


def test_killed_at_chance_moments(household: Household, seed: str) -> None:
    """Death from outside, whenever: within statements, commits, and between them."""
    _chance_deaths(household, seed, 5)


@pytest.mark.full
def test_killed_at_many_chance_moments(household: Household, seed: str) -> None:
    """The same, until fifty have died in the midst of their work."""
    _chance_deaths(household, seed, 50)


def _chance_deaths(household: Household, seed: str, count: int) -> None:
    """Harvests until ``count`` died; who had ended before does not count."""
    rng = Random(seed)
    life = Life(household, rng).begin()
    usual = len(household.harvest(BUILDING, full=True).passed)
    reached = 0
    for number in range(3 * count):

        def die(household: Household) -> DriverProcess:
            victim = household.start()
            victim.run_past(rng.randrange(1, usual))
            time.sleep(rng.uniform(0, 0.02))
            victim.kill()
            return victim

        victim = life.harvest(die, full=bool(number % 2))
        life.complete()
        reached += victim.outcomes is None
        if reached == count:
            return
    pytest.fail(f"of {3 * count}, {reached} died; the others had ended before")


@pytest.mark.full
def test_killed_at_every_commit(household: Household, seed: str) -> None:
    """A full harvest and its way upward die before and after each commit that they make."""
    life = Life(household, Random(seed)).begin()
    household.wait(hours=25)
    points = household.harvest(BUILDING, full=True).passed
    dead = 0
    for point in points:
        victim = life.harvest(partial(_kill_at, point), full=True)
        life.complete()
        dead += victim.outcomes is None
    assert dead >= len(points) * 3 // 4, "most points are passed by every harvest"


def _kill_at(point: Point, household: Household) -> DriverProcess:
    return household.start(kill_at=point).run()


def test_killed_while_an_act_is_settled(household: Household, seed: str) -> None:
    """Someone undoes a run; whoever settles that dies half-way, and again right behind the publication."""
    life = Life(household, Random(seed)).begin()
    before = life.shown()
    life.prepare(full=False)
    household.start().run()
    with household.engines.read.connect() as connection:
        undone = next(run for run in runs.listed(connection) if run.source_code == BUILDING)
    now = household.clock()
    reviewing.undo(household.engines.write, undone.id, actor=APPROVER, now=now, reason="wrong list")
    city = household.register().id
    for point in (Point("after", "slice", order=0), Point("after", "publish", order=0)):
        household.start(register_ids=(city,), kill_at=point).run()
        life.look()
        household.wait(61)
    household.start(register_ids=(city,)).run()
    life.look()
    assert life.shown() == before
    assert life.shown(PROVINCE) == before
