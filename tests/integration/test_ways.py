"""The way that an entry came: two routes count once, loops are cut, an undo gives the way back too."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from registry.model.register import Level
from registry.model.run import Scope
from registry.model.source import Protocol
from registry.services import reviewing
from registry.services.ingest import comparison
from registry.store.engine import Engines
from tests.factories import (
    APPROVER,
    COMPLETE_WALK,
    Installation,
    catalogue_document,
    deleted,
    identifier_of,
    live,
)
from tests.integration.standing import digests, held, live_entries, log_of

KEY = identifier_of("1")
CHANGES_ONLY = replace(COMPLETE_WALK, scope=Scope.DELTA)


@pytest.fixture
def province(engines: Engines) -> Installation:
    """Two cities, each with an endpoint, and the province over both."""
    installation = Installation(engines)
    installation.register("330000", level=Level.PROVINCIAL)
    for city in ("330100", "330200"):
        installation.register(city)
        installation.source(f"at-{city}", city, protocol=Protocol.OAI_PMH)
        installation.source(f"from-{city}", "330000", location=city, protocol=Protocol.REGISTER)
    return installation


def way(installation: Installation, code: str) -> str:
    return live_entries(installation.engines, code)[KEY].route


def test_undo_gives_back_the_way_with_the_text(province: Installation) -> None:
    """What the second city's text replaced had come from the first: its entry must not claim otherwise."""
    province.register("000000", level=Level.NATIONAL)
    province.source("up", "000000", location="330000", protocol=Protocol.REGISTER)
    province.harvest("at-330100", [live("1")])
    province.read_upward("from-330100")
    province.read_upward("up")
    before = live_entries(province.engines, "000000")
    assert before[KEY].route == " 330100 330000"
    province.harvest("at-330200", [live("1", catalogue_document("1", title="b"))])
    province.harvest("at-330100", [deleted("1")])
    province.read_upward("from-330200")
    province.read_upward("from-330100")
    run = province.read_upward("up")
    assert run.tally.updated == 1
    assert way(province, "000000") == " 330200 330000"
    reviewing.undo(province.engines.write, run.id, actor=APPROVER, now=province.clock(), reason="wrong")
    province.settle(run.register_id)
    assert live_entries(province.engines, "000000") == before


def test_a_text_that_only_came_another_way_is_not_declined_with_it(province: Installation) -> None:
    document = catalogue_document("1")
    province.register("000000", level=Level.NATIONAL)
    province.source("up", "000000", location="330000", protocol=Protocol.REGISTER)
    province.harvest("at-330200", [live("1", document)])
    province.read_upward("from-330200")
    province.read_upward("up")
    province.harvest("at-330100", [live("1", document)])
    province.read_upward("from-330100")
    run = province.read_upward("up")
    assert (run.tally.updated, way(province, "000000")) == (1, " 330100 330000")
    reviewing.undo(province.engines.write, run.id, actor=APPROVER, now=province.clock(), reason="wrong")
    province.settle(run.register_id)
    assert way(province, "000000") == " 330200 330000"
    run = province.read_upward("up", full=True)
    assert (run.tally.declined, run.tally.updated) == (0, 1)


def _a_loop(installation: Installation) -> None:
    installation.source("back", "330100", location="330000", protocol=Protocol.REGISTER)


STEPS = ("from-330100", "from-330200", "back")


def _loops_are_cut(province: Installation) -> None:
    """City and province read each other. Another city's newer text goes round and is withdrawn: whatever was
    read when, the city's own stands in the end, and all rests."""
    _a_loop(province)
    newer = catalogue_document("1", title="newer", updated_on=province.clock().date())
    codes = ("330100", "330000")
    for number, order in enumerate(permutations(STEPS)):
        key, identifier = f"k{number}", identifier_of(f"k{number}")
        province.harvest("at-330200", [live(key, newer)], walk=CHANGES_ONLY)
        province.harvest("at-330100", [live(key)], walk=CHANGES_ONLY)
        for step in order:
            province.read_upward(step)
        province.harvest("at-330200", [deleted(key)], walk=CHANGES_ONLY)
        for step in STEPS * 3:
            province.read_upward(step)
        routes = [live_entries(province.engines, code)[identifier].route for code in codes]
        assert routes == ["", " 330100"]
        logs = [log_of(province.engines, code) for code in codes]
        for step in STEPS:
            province.read_upward(step)
        assert [log_of(province.engines, code) for code in codes] == logs
        province.clock.advance(days=8)  # what went before does not count for the brake


def test_loops_are_cut(province: Installation) -> None:
    _loops_are_cut(province)


def test_the_check_notices_a_loop_that_is_not_cut(
    province: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: what came round is taken for something new."""
    monkeypatch.setattr(comparison.Comparison, "_is_looped", lambda *_: False)
    with pytest.raises(AssertionError):
        _loops_are_cut(province)


def test_what_comes_back_takes_the_place_of_what_the_source_said_before(province: Installation) -> None:
    """The province's text wins in the city; the province may then not go on to hold the city's old one."""
    _a_loop(province)
    province.harvest("at-330100", [live("1")])
    province.read_upward("from-330100")
    newer = catalogue_document("1", title="newer", updated_on=province.clock().date())
    province.harvest("at-330200", [live("1", newer)])
    province.read_upward("from-330200")
    province.read_upward("back")
    assert digests(province.engines, "330100")[KEY] == newer.digest
    run = province.read_upward("from-330100")
    assert (run.tally.deleted, held(province.engines, "from-330100")[KEY].deleted) == (1, True)
    assert way(province, "330000") == " 330200"
