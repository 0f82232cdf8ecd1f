"""Three hundred municipalities, a hundred of them hostile: the others notice nothing, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from config.settings import Harvest, Http, LaneRules
from registry.model.brake import BrakeLimits, allowed_to_vanish
from registry.services import sealing
from registry.services.signing import SigningKey
from tests.conftest import Tell
from tests.crash.choice import on_postgresql_in_full
from tests.endpoint import FAULTS, Level
from tests.hostile.districts import RECORDS, SLOW, Cycle, District, every_fault, plans
from tests.hostile.town import DOORS, Town
from tests.hostile.works import at_work
from tests.invariants import Circumstances, Limits, Lures, Snapshot, Usage, check


class Size(NamedTuple):
    """How many municipalities there are, how they are asked by how many workers, and for how many seconds at most a
    cycle may last; ``rounds``: how many faults each hostile one plays, one after the other (0: until all were
    played); ``grace``, ``share``: how many seconds later the last good one may be published than half as late
    again, and what part of the workers those may have that stall or fail."""

    good: int
    hostile: int
    workers: int
    http: Http
    lanes: LaneRules
    harvest: Harvest
    patience: float
    rounds: int
    grace: float
    share: float


HASTY = Http(
    connect_seconds=2, gap_seconds=2, headers_seconds=3, response_seconds=8, rate_window_seconds=2, retries=1
)
TENTH = Size(20, 10, 4, HASTY, LaneRules(stall_seconds=0.5), Harvest(list_pages=200), 120, 2, 3.0, 0.5)
"""In a small town all is over in seconds, and the first answers of those who stall are a large part of that."""
FULL = Size(200, 100, 16, Http(), LaneRules(), Harvest(list_pages=10_000), 1800, 0, 0.0, 0.25)
LEAST = RECORDS - allowed_to_vanish(RECORDS, BrakeLimits())
"""What is left of a hostile municipality's records whatever it does: more never vanishes without a person."""


class Place(NamedTuple):
    district: District
    lures: Lures
    size: Size
    rng: Random
    folder: Path

    @property
    def good(self) -> list[str]:
        return [plan.code for plan in self.district.town.plans if plan.code.startswith("g")]

    @property
    def hostile(self) -> list[str]:
        return [plan.code for plan in self.district.town.plans if plan.code.startswith("h")]


@pytest.fixture(params=[TENTH, pytest.param(FULL, marks=pytest.mark.full)], ids=["a tenth", "all"])
def place(request: pytest.FixtureRequest, database_url: str, tmp_path: Path, seed: str) -> Iterator[Place]:
    """Everybody has behaved, and was harvested once."""
    size: Size = request.param
    rng = Random(seed)
    with (
        Lures(tmp_path) as lures,
        Town(plans(size.good, size.hostile, rng), lure=lures.http_url) as town,
        at_work(
            database_url,
            tmp_path,
            seed,
            threads=size.workers,
            http=size.http,
            lanes=size.lanes,
            harvest=size.harvest,
            secrets={"CA": town.authority},
        ) as works,
    ):
        place = Place(District(works, town, size.workers), lures, size, rng, tmp_path)
        place.district.found()
        everybody = [*place.good, *place.hostile]
        place.district.cycle(everybody, patience=size.patience)
        assert place.district.differing(everybody, 1) == []
        yield place


@on_postgresql_in_full
def test_the_others_notice_nothing(place: Place, tell: Tell) -> None:
    """The last good one is published at most half as late again as without the hostile ones, of which those that
    fail or stall hold at most a quarter of the workers meanwhile."""
    district, good, size = place.district, place.good, place.size
    district.town.tell(2, good)
    alone = district.cycle(good, patience=size.patience)
    assert district.differing(good, 2) == []
    since = Snapshot.take(district.works.engines)
    district.town.tell(3, [*good, *place.hostile])
    stalling = begin_to_play(place)
    everybody = place.rng.sample([*good, *place.hostile], len(good) + len(place.hostile))
    mixed = district.cycle(everybody, patience=size.patience, until=good)
    assert district.differing(good, 3) == []
    assert check(district.works.engines, since=since, circumstances=Circumstances(lures=place.lures)) == []
    last, last_alone, held = (
        mixed.seconds(good),
        alone.seconds(good),
        Held.during(mixed, stalling, size.workers),
    )
    tell(
        f"municipalities: {len(good)} of {len(good)} good ones as served beside {len(place.hostile)} hostile ones; the "
        f"last after {last:.1f} s ({last_alone:.1f} s without them); while others waited, those that "
        f"fail or stall held {held.share:.1%} of {size.workers} workers ({held.known:.1%} the slow lane, "
        f"{mixed.most_slow} at most at once; {held.unknown:.1%} who was not known yet)"
    )
    assert last <= 1.5 * last_alone + size.grace
    assert held.share <= size.share


def begin_to_play(place: Place) -> list[str]:
    """A fault for each hostile municipality; those that stall whoever asks."""
    count = len(place.hostile)
    stalls = [place.rng.choice(SLOW) for _ in range(max(2, count // 8))]
    others = [each for each in playable() if each not in SLOW]
    faults = [*stalls, *place.rng.sample(others, count - len(stalls))]
    place.district.town.play({code: (fault,) for code, fault in zip(place.hostile, faults, strict=True)})
    return place.hostile[: len(stalls)]


class Held(NamedTuple):
    """What part of all workers' time those had that fail or stall, while others waited: those known for it, which
    share the slow lane, and those that stalled until they were found out."""

    known: float
    unknown: float

    @classmethod
    def during(cls, cycle: Cycle, stalling: Sequence[str], workers: int) -> Held:
        times = max(1, cycle.looks) * workers
        known = sum(seen for (_, slow), seen in cycle.slots.items() if slow)
        unknown = sum(seen for (code, slow), seen in cycle.slots.items() if not slow and code in stalling)
        return cls(known / times, unknown / times)

    @property
    def share(self) -> float:
        return self.known + self.unknown


def playable() -> list[str]:
    """Faults that a municipality can begin to play; behind a door it is another one."""
    return [name for name in every_fault() if name not in DOORS]


@on_postgresql_in_full
def test_every_fault_is_told_and_forgotten(place: Place, tell: Tell) -> None:
    """Round by round, each hostile municipality plays another fault: nothing that it had told before is lost, every
    failure says why, and once it behaves again all is normal within two cycles, without a person, or with one who
    lets go what only the fault had told."""
    works, town = place.district.works, place.district.town
    begun, used = Usage.now(place.folder), Usage.now(place.folder)
    since = Snapshot.take(works.engines)
    endings: list[str] = []
    rounds = drawn(place)
    for faults in rounds:
        town.play(faults)
        place.district.cycle(place.hostile, patience=place.size.patience)
        endings += [str(run.ending) for run in place.district.last_runs(faults)]
        used = used.highest(Usage.now(place.folder))
        assert [(code, faults[code], live) for code in faults if (live := works.live(code)) < LEAST] == []
        assert (
            check(
                works.engines,
                since=since,
                circumstances=Circumstances(lures=place.lures, untouched=place.good),
            )
            == []
        )
        works.clock.advance(hours=7)
    town.play(dict.fromkeys(place.hostile, ()))
    healed = Snapshot.take(works.engines)
    for _ in range(2):
        place.district.cycle(place.hostile, patience=place.size.patience)
        works.clock.advance(hours=7)
    sealing.seal_all(works.engines.write, SigningKey(bytes(32)), holder="works", clock=works.clock)
    told = Circumstances(
        place.good, place.hostile, since, used=used, before=begun, limits=LIMITS, lures=place.lures
    )
    assert check(works.engines, since=healed, circumstances=told) == [], rounds
    released = released_by_a_person(place)
    assert place.district.differing([*place.good, *place.hostile], 1) == []
    again = Snapshot.take(works.engines)
    place.district.cycle([*place.good, *place.hostile], patience=place.size.patience)
    assert (
        check(works.engines, since=again, circumstances=Circumstances(repeated=True, lures=place.lures)) == []
    )
    tell(
        f"faults: {len(endings)} played, {len(rounds)} each, ended {counted(endings)}; all normal within two cycles, "
        f"{len(released)} of {len(place.hostile)} once a person had let go what only a fault had told"
    )


def released_by_a_person(place: Place) -> list[str]:
    """Let the held runs through. What their sources could not be asked about one by one is gone when it is missing
    a day later, too."""
    released = [code for code in place.hostile if place.district.works.release(code)]
    if released:
        since = Snapshot.take(place.district.works.engines)
        place.district.works.clock.advance(hours=25)
        place.district.cycle(released, patience=place.size.patience)
        told = Circumstances(recovered=released, untouched=place.good, lures=place.lures)
        assert check(place.district.works.engines, since=since, circumstances=told) == []
    return released


LIMITS = Limits(memory_bytes=1 << 30, growth_bytes=200 << 20, files=512, threads=128, children=64)


def drawn(place: Place) -> list[dict[str, tuple[str, ...]]]:
    """What each hostile municipality plays in each round: lists that are spoilt first, so that nothing is missing for
    a day; doors where they can be spoilt."""
    names = playable()
    place.rng.shuffle(names)
    names.sort(key=lambda name: FAULTS[name].level is not Level.LIST)
    count = len(place.hostile)
    rounds = [names[at : at + count] for at in range(0, len(names), count)]
    if place.size.rounds:
        rounds = [place.rng.sample(names, count) for _ in range(place.size.rounds)]
    played: list[dict[str, tuple[str, ...]]] = [
        {code: (fault,) for code, fault in zip(place.hostile, each, strict=False)} for each in rounds
    ]
    behind_tls = [plan.code for plan in place.district.town.plans if plan.door == "tls"]
    played[-1] |= {code: (door,) for code, door in zip(behind_tls, _SPOILT_DOORS, strict=False)}
    return played


_SPOILT_DOORS = ("tls-expired", "refused", "tls-wrong-name", "tls-untrusted", "tls-missing")


def counted(words: Sequence[str]) -> str:
    return ", ".join(f"{word} {words.count(word)}" for word in sorted(set(words)))
