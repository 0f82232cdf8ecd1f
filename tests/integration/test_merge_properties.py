"""Any order, repetition or partition of harvests gives the same registers, on three levels and by two routes.

What the registers come to is a function of what the origins said last (``levels.expected``). The world hears the
statements in drawn pieces, interleaved, with repetitions, and reads upward at any time and in small pages; what one
origin says keeps its order. Each property is shown to catch a planted defect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harvester.pipeline import upward
from registry.model.diff import Action, compare
from registry.model.harvesting import Changes
from registry.model.merge import AuthorityPolicy
from registry.model.ownership import Approved
from registry.model.record import HeldRecord
from registry.outlets.upward import UpwardReader
from registry.services.ingest import comparison, merging
from registry.store import records, versions
from registry.store.engine import Engines
from tests.factories import Installation
from tests.integration.levels import HOPS, ORIGINS, OWNED, TEXTS, Owned, Statement, World, expected

STATEMENTS = st.lists(
    st.builds(
        Statement,
        origin=st.sampled_from(sorted(ORIGINS)),
        key=st.integers(0, 1),
        text=st.sampled_from([*range(len(TEXTS)), None, None, None]),
    ),
    min_size=1,
    max_size=12,
)


class Step(NamedTuple):
    """Harvest the next ``number`` statements of an origin (0: what it said last, once more), or read a hop."""

    place: str
    number: int = 0


STEPS = st.lists(
    st.one_of(
        st.builds(Step, st.sampled_from(sorted(ORIGINS)), st.integers(0, 3)),
        st.builds(Step, st.sampled_from(sorted(HOPS))),
    ),
    max_size=8,
)


def hear(world: World, statements: Sequence[Statement], steps: Sequence[Step]) -> None:
    """Take the steps, then what is left to be harvested and read."""
    waiting = {origin: [each for each in statements if each.origin == origin] for origin in ORIGINS}
    for place, number in steps:
        if place in HOPS:
            world.read(place)
        elif number:
            world.harvest(place, waiting[place][:number])
            del waiting[place][:number]
        else:
            world.repeat(place)
    for origin, rest in reversed(waiting.items()):
        world.harvest(origin, rest)
    world.read_all()


Check = Callable[[World, Sequence[Statement]], None]


def come_to_what_was_said(world: World, statements: Sequence[Statement]) -> None:
    """Digest, winner and way of each identifier, register by register."""
    assert world.standing() == expected(statements, world.installation.clock())


def come_to_what_is_owned(owned: Owned) -> Check:
    """The same, where some own everything and others bring it in vain."""

    def check(world: World, statements: Sequence[Statement]) -> None:
        assert world.standing() == expected(statements, world.installation.clock(), owned.barred)

    return check


def say_nothing_twice(world: World, _: Sequence[Statement]) -> None:
    """No version says what the one before it said already."""
    assert world.idle_versions() == []


def stand_still_when_repeated(world: World, _: Sequence[Statement]) -> None:
    """Everything harvested and read once more, from the beginning: no sequence moves."""
    before = world.logs()
    for origin in ORIGINS:
        world.repeat(origin)
    world.read_all(full=True)
    assert world.logs() == before


@pytest.fixture
def world(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(upward, "PAGE_RECORDS", 1)  # so that reading upward is partitioned too
    return World(Installation(engines)).found()


def hold(world: World, *checks: Check, examples: int) -> None:
    """Draw that many examples and check each; raises at the first that fails."""
    numbers = count()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(statements=STATEMENTS, steps=STEPS)
    def example(statements: list[Statement], steps: list[Step]) -> None:
        world.begin(f"example{next(numbers)}.cn")
        hear(world, statements, steps)
        for check in checks:
            check(world, statements)

    example()


FULL = (pytest.mark.full, pytest.mark.timeout(3600))


@pytest.mark.parametrize("examples", [50, pytest.param(500, marks=FULL)])
def test_order_repetition_and_partition_change_nothing(world: World, examples: int) -> None:
    hold(world, come_to_what_was_said, say_nothing_twice, examples=examples)


@pytest.fixture(params=sorted(OWNED))
def owned(request: pytest.FixtureRequest) -> Owned:
    return OWNED[request.param]


@pytest.fixture
def owned_world(engines: Engines, owned: Owned, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(upward, "PAGE_RECORDS", 1)
    return World(Installation(engines)).found(owned.owners)


@pytest.mark.parametrize("examples", [10, pytest.param(500 // len(OWNED), marks=FULL)])
def test_owners_change_nothing_of_that(owned_world: World, owned: Owned, examples: int) -> None:
    hold(owned_world, come_to_what_is_owned(owned), say_nothing_twice, examples=examples)


@pytest.mark.parametrize("examples", [10, pytest.param(100, marks=FULL)])
def test_running_again_changes_nothing(world: World, examples: int) -> None:
    hold(world, stand_still_when_repeated, examples=examples)


# Planted defects


def _latest_wins(held: Sequence[HeldRecord], _policy: AuthorityPolicy) -> HeldRecord:
    return max(held, key=lambda record: record.received_at)


def test_the_check_notices_a_winner_that_depends_on_arrival(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order."""
    monkeypatch.setattr(merging, "winner", _latest_wins)
    with pytest.raises(AssertionError):
        hold(world, come_to_what_was_said, examples=50)


def test_the_check_notices_somebody_who_takes_over(
    owned_world: World, owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ownership: nobody asks whose an identifier is."""
    monkeypatch.setattr("harvester.rules.identity.owned_by_another", lambda *_: None)
    with pytest.raises(AssertionError):
        hold(owned_world, come_to_what_is_owned(owned), examples=50)


@pytest.mark.parametrize("owned", [OWNED["inherited"]])
def test_the_check_notices_that_nothing_is_inherited(
    engines: Engines, owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ownership: what is approved in a city is nobody's above it."""
    monkeypatch.setattr(Approved, "inherits", property(lambda _: False))
    world = World(Installation(engines)).found(owned.owners)
    with pytest.raises(AssertionError):
        hold(world, come_to_what_is_owned(owned), examples=50)


OUTLIVED = (
    [Statement("b1", 0, 2), Statement("b1", 0, None), Statement("a1", 0, 0)],
    [Step("b1", 1), Step("p-b"), Step("b1", 1)],
)
"""A city says something where it has authority in the province, which reads it, and takes it back."""


def test_what_a_register_no_longer_lists_has_no_authority_above(world: World) -> None:
    for number, steps in enumerate((OUTLIVED[1], [])):
        world.begin(f"example{number}.cn")
        hear(world, OUTLIVED[0], steps)
        come_to_what_was_said(world, OUTLIVED[0])


def test_the_check_notices_a_tombstone_that_outlives_its_reading(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order: it keeps its authority where the province happened to have read it."""
    monkeypatch.setattr("registry.model.merge._authority", lambda record, policy: policy.authority(record))
    with pytest.raises(AssertionError):
        test_what_a_register_no_longer_lists_has_no_authority_above(world)


def test_the_check_notices_a_page_that_ends_too_early(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Partition: the way upward passes over what did not fit on a page."""
    real = UpwardReader.changes

    def hasty(self: UpwardReader, code: str, after: int, mark: int, limit: int) -> Changes:
        return real(self, code, after, mark, limit)._replace(last_sequence=mark)

    monkeypatch.setattr(UpwardReader, "changes", hasty)
    with pytest.raises(AssertionError):
        hold(world, come_to_what_was_said, examples=50)


def _ignore_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    real = versions.heads

    def forgetful(*arguments: object) -> dict[str, versions.Head]:
        found = real(*arguments)  # type: ignore[arg-type]
        return {key: head._replace(route="?") for key, head in found.items()}

    monkeypatch.setattr(versions, "heads", forgetful)


def test_the_check_notices_a_merge_that_ignores_the_head(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Repetition: a record that does not win makes a version all the same."""
    _ignore_the_head(monkeypatch)
    with pytest.raises(AssertionError):
        hold(world, say_nothing_twice, examples=50)


def test_the_check_notices_a_harvest_that_rewrites_whatever_it_hears(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Repetition: nothing is known, nothing is unchanged."""
    real = compare

    def rewriting(*arguments: object, declined: bool) -> Action:
        action = real(*arguments, declined=declined)  # type: ignore[arg-type]
        return Action.UPDATED if action is Action.UNCHANGED else action

    _ignore_the_head(monkeypatch)
    monkeypatch.setattr(records.KnownKey, "says", lambda *_: False)
    monkeypatch.setattr(comparison, "compare", rewriting)
    with pytest.raises(AssertionError):
        hold(world, stand_still_when_repeated, examples=5)
