"""The doctor sends the canaries, and tells what became of them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.canaries import CANARIES, Flight, Outcome, Watch
from harvester.diagnosis import Check, State
from harvester.diagnosis.intake import canaries
from harvester.pipeline import Road
from harvester.sandbox import InlineSandbox
from registry.model.issue import Text
from registry.store.engine import Engines, open_engines
from tests.unit.harvester.diagnosis.patients import bad, nowhere, patient, states

WRONG = next(each for each in CANARIES if each.code == "entity")


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    """A store that nobody looks into."""
    return open_engines(f"sqlite:///{tmp_path}/none.sqlite3")


def told(tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch, *flights: Flight) -> list[State]:
    monkeypatch.setattr(Watch, "look", lambda _: list(flights))
    looked_at = patient(tmp_path, engines)
    road = Road(nowhere, InlineSandbox(), looked_at.clock, lambda _: None, random.Random(1), bytes(32))
    found = list(canaries(replace(looked_at, watch=Watch(engines, "a", looked_at.clock, road))))
    assert all(each.check is Check.CANARIES for each in found)
    assert all(each.way_out.en and each.subject == "entity" for each in bad(found))
    return states(found)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.LET_IN, State.FAILED),
        (Outcome.NOT_TAKEN, State.FAILED),
        (Outcome.OTHERWISE, State.WARNING),
        (Outcome.NOT_ASKED, State.WARNING),
    ],
)
def test_what_is_not_right_is_told(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, state: State
) -> None:
    right = Flight(CANARIES[0], Outcome.RIGHT)
    wrong = Flight(WRONG, outcome, message=Text("因", "cause"))
    assert told(tmp_path, engines, monkeypatch, right, wrong) == [state]
    assert told(tmp_path, engines, monkeypatch, right) == [State.WELL]


def test_canaries_that_cannot_be_sent(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Watch) -> list[Flight]:
        raise OSError(99, "no loopback")

    monkeypatch.setattr(Watch, "look", fail)
    looked_at = patient(tmp_path, engines)
    road = Road(nowhere, InlineSandbox(), looked_at.clock, lambda _: None, random.Random(1), bytes(32))
    (found,) = canaries(replace(looked_at, watch=Watch(engines, "a", looked_at.clock, road)))
    assert (found.state, "no loopback" in found.text.en) == (State.FAILED, True)
