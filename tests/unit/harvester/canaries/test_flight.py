"""Every canary down the real road, and what is made of its end."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from config.settings import Http
from harvester.canaries import CANARIES, Canary, Fate, Outcome, fly
from harvester.canaries.flight import judge
from harvester.http import Fetcher, Policy, fetch
from harvester.http.addresses import AddressPolicy, Refusal
from harvester.pipeline import Road
from harvester.sandbox import Sandbox
from harvester.sandbox.process import COMMAND
from registry.model.issue import Text
from registry.model.run import Ending
from tests.gullible import command
from tests.unit.harvester.http.asking import NOW


def outcomes(child: tuple[str, ...] = COMMAND, policy: Policy | None = None) -> dict[str, Outcome]:
    """What becomes of every canary, with this child and this policy."""
    door = Fetcher(policy or Policy(), Http(), lambda: NOW)
    with Sandbox(command=child) as sandbox:
        road = Road(door.fetch, sandbox, lambda: NOW, lambda _: None, random.Random(1), bytes(32))
        return {each.canary.code: each.outcome for each in fly(road)}


def not_right(found: dict[str, Outcome]) -> dict[str, Outcome]:
    return {code: outcome for code, outcome in found.items() if outcome is not Outcome.RIGHT}


def test_good_answers_are_taken_and_wrong_ones_refused_by_their_guards() -> None:
    found = outcomes()
    assert not_right(found) == {}
    assert list(found) == [each.code for each in CANARIES]


def test_whatever_an_operator_allows_they_end_as_they_must() -> None:
    assert not_right(outcomes(policy=Policy(("0.0.0.0/0", "::/0")))) == {}


LET_IN_BY = {
    "resolve_entities": {"entity", "doctype", "doctype-utf-16"},
    "recover": {"cut-list", "cut-page"},
}


@pytest.mark.parametrize("defect", LET_IN_BY)
def test_a_gullible_parser_is_noticed(defect: str) -> None:
    found = outcomes(command(defect))
    assert {code for code, outcome in found.items() if outcome is Outcome.LET_IN} == LET_IN_BY[defect]
    assert Outcome.NOT_TAKEN not in found.values()


def test_a_door_that_follows_any_redirect_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_may_redirect", lambda *_: True)
    found = not_right(outcomes())
    assert found == {
        "redirect-elsewhere": Outcome.LET_IN,
        "redirect-inside": Outcome.OTHERWISE,  # the address is still refused
    }


def test_a_door_to_any_address_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AddressPolicy, "refusal", lambda *_: None)
    assert not_right(outcomes()) == {"inside": Outcome.LET_IN}


def test_a_door_that_leads_nowhere_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing wrong comes in, and nothing right either."""
    monkeypatch.setattr(AddressPolicy, "refusal", lambda *_: Refusal.NEVER)
    found = outcomes()
    assert {found["good-list"], found["good-page"]} == {Outcome.NOT_TAKEN}
    assert Outcome.LET_IN not in found.values()


def test_what_there_is_no_time_for_is_not_asked() -> None:
    moments: Iterator[float] = iter([0.0, 1.0, 9.9, 10.0, 10.1])
    door = Fetcher(Policy(), Http(), lambda: NOW)
    with Sandbox() as sandbox:
        road = Road(door.fetch, sandbox, lambda: NOW, lambda _: None, random.Random(1), bytes(32))
        found = fly(road, CANARIES[:4], seconds=10, monotonic=lambda: next(moments))
    assert [each.outcome for each in found] == [Outcome.RIGHT] * 2 + [Outcome.NOT_ASKED] * 2


def row(fate: Fate, refused_by: str = "guard") -> Canary:
    return Canary("x", Text("", ""), lambda _: b"", fate, (refused_by,))


@pytest.mark.parametrize(
    ("fate", "ending", "taken", "reasons", "lured", "outcome"),
    [
        (Fate.TAKEN, Ending.FINISHED, 1, set(), False, Outcome.RIGHT),
        (Fate.TAKEN, Ending.FINISHED, 0, set(), False, Outcome.NOT_TAKEN),
        (Fate.TAKEN, Ending.PROTOCOL, 1, set(), False, Outcome.NOT_TAKEN),
        (Fate.REFUSED, Ending.PROTOCOL, 0, {"guard"}, False, Outcome.RIGHT),
        (Fate.REFUSED, Ending.PROTOCOL, 0, {"other"}, False, Outcome.OTHERWISE),
        (Fate.REFUSED, Ending.PROTOCOL, 1, {"guard"}, False, Outcome.LET_IN),
        (Fate.REFUSED, Ending.FINISHED, 0, {"guard"}, False, Outcome.LET_IN),
        (Fate.REFUSED, Ending.NOT_MODIFIED, 0, {"guard"}, False, Outcome.LET_IN),
        (Fate.REFUSED, Ending.PROTOCOL, 0, {"guard"}, True, Outcome.LET_IN),
        (Fate.CUT, Ending.PROTOCOL, 1, {"guard"}, False, Outcome.RIGHT),
        (Fate.CUT, Ending.FINISHED, 1, {"guard"}, False, Outcome.LET_IN),
        (Fate.LEFT_OUT, Ending.FINISHED, 0, {"guard"}, False, Outcome.RIGHT),
        (Fate.LEFT_OUT, Ending.FINISHED, 1, {"guard"}, False, Outcome.LET_IN),
        (Fate.LEFT_OUT, Ending.FINISHED, 0, {"other"}, False, Outcome.OTHERWISE),
    ],
)
def test_what_the_end_of_a_walk_means(
    fate: Fate, ending: Ending, taken: int, reasons: set[str], lured: bool, outcome: Outcome
) -> None:
    assert judge(row(fate), ending, taken, reasons, lured) is outcome
