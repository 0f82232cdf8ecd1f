"""The guard over a walk: when it asks the store, and what it says to the walk."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from harvester import guard
from harvester.errors import GaveWay
from harvester.guard import Guard, Patience
from harvester.pulse import Pulse
from registry.model.lanes import Lanes, Stall
from registry.model.order import Order, OrderKind
from registry.services import traffic
from registry.store.engine import Engines

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ORDER = Order(7, OrderKind.HARVEST, 1, None, False, "test", NOW)
STALL_SECONDS = 3.0
LATEST = 10.0


class Silence:
    """A clock that a test moves, and a pulse that waits for a source since it stood at 0."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pulse = Pulse(lambda: self.now)
        self.looked = threading.Event()
        self.ended_by: BaseException | None = None

    def wait(self) -> None:
        """What the thread of the walk does: wait until it is told, or the source has been silent for a minute."""
        try:
            self.pulse.wait(60, self._slice)
        except BaseException as error:  # noqa: BLE001 (whatever it is)
            self.ended_by = error

    def _slice(self, _: float) -> None:
        self.looked.wait(0.01)
        raise TimeoutError


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Stall]:
    """What the store is to say, in turn; the last word again and again."""
    words: list[Stall] = []

    def decide(*_: object) -> Stall:
        if not words:
            raise OSError("the store does not answer")
        return words.pop(0) if len(words) > 1 else words[0]

    monkeypatch.setattr(guard, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(traffic, "decide_stalled", decide)
    return words


def watched(stall: float, *, stop: bool = False, seconds: float = 0.5) -> BaseException | None:
    """How a wait ends that has lasted for ``stall`` seconds, when a guard looks on for a while."""
    silence = Silence()
    watch = Guard(cast("Engines", None), lambda: NOW, Lanes(), Patience(STALL_SECONDS))
    walk = threading.Thread(target=silence.wait)
    with watch.over(ORDER, silence.pulse, lambda: stop):
        walk.start()
        silence.now = stall
        walk.join(seconds)
        silence.now = 61.0
        walk.join(LATEST)
    return silence.ended_by


@pytest.mark.parametrize(("stall", "told"), [(STALL_SECONDS - 0.001, False), (STALL_SECONDS, True)])
def test_a_walk_is_told_once_its_source_has_stalled(asked: list[Stall], stall: float, told: bool) -> None:
    asked.append(Stall.GIVE_WAY)
    assert isinstance(watched(stall, seconds=LATEST if told else 0.5), GaveWay) is told


@pytest.mark.parametrize(("stall", "told"), [(1.19, False), (1.2, True)])
def test_a_source_that_is_usually_quick_has_stalled_sooner(
    asked: list[Stall], monkeypatch: pytest.MonkeyPatch, stall: float, told: bool
) -> None:
    monkeypatch.setattr(traffic, "patience", lambda *_: 1.2)
    asked.append(Stall.GIVE_WAY)
    assert isinstance(watched(stall, seconds=LATEST if told else 0.5), GaveWay) is told


def test_a_store_that_does_not_know_what_is_usual_makes_nobody_hastier(
    asked: list[Stall], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> float:
        raise OSError("the store does not answer")

    monkeypatch.setattr(traffic, "patience", unknown)
    asked.append(Stall.GIVE_WAY)
    assert isinstance(watched(STALL_SECONDS - 0.001), TimeoutError)
    assert isinstance(watched(STALL_SECONDS, seconds=LATEST), GaveWay)


@pytest.mark.parametrize("word", [Stall.GO_ON, Stall.GO_ON_SLOWLY])
def test_a_walk_goes_on_where_it_may(asked: list[Stall], word: Stall) -> None:
    asked.append(word)
    assert isinstance(watched(30), TimeoutError)


def test_the_store_is_asked_again(asked: list[Stall]) -> None:
    asked += [Stall.GO_ON, Stall.GO_ON_SLOWLY, Stall.GIVE_WAY]
    assert isinstance(watched(30, seconds=LATEST), GaveWay)


def test_a_store_that_does_not_answer_ends_no_walk(asked: list[Stall]) -> None:
    assert isinstance(watched(30), TimeoutError)


def test_whoever_stops_does_not_wait_for_a_source_that_stalls(asked: list[Stall]) -> None:
    asked.append(Stall.GO_ON)
    assert isinstance(watched(30, stop=True, seconds=LATEST), GaveWay)


@pytest.mark.parametrize(
    ("seconds", "pressed", "enough"), [(59, True, False), (60, True, True), (600, False, False)]
)
def test_a_walk_that_goes_well_has_a_turn(
    monkeypatch: pytest.MonkeyPatch, seconds: int, pressed: bool, enough: bool
) -> None:
    monkeypatch.setattr(traffic, "is_pressed", lambda *_: pressed)
    watch = Guard(cast("Engines", None), lambda: NOW, Lanes(), Patience())
    assert watch.had_its_turn(NOW - timedelta(seconds=seconds)) is enough
