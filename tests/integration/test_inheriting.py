"""A register that reads others owns what was approved beneath it, at every level, without stating anything.

City A (``office``) and city B (``rival``) are read by a province, the province and city B by the nation. The office
minted what both bring; the rival's text is newer.
"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event

from registry.errors import Conflict
from registry.model.lifecycle import SourceAction
from registry.model.record import Hop
from registry.model.register import Level
from registry.model.source import Protocol, SourceScope
from registry.services import ownership, registration
from registry.store import verification
from registry.store.engine import Engines
from tests.factories import APPROVER, SUBMITTER, Installation, catalogue_document, live
from tests.integration.standing import issue_rows, live_entries, source_of
from tests.invariants import check

A, B, PROVINCE, NATION = "330100", "330200", "330000", "000000"
HOPS = {"p-a": (PROVINCE, A), "p-b": (PROVINCE, B), "n-p": (NATION, PROVINCE), "n-b": (NATION, B)}
PREFIX = "oai:office.cn:"
THEIRS = f"{PREFIX}1"
NEWER = catalogue_document("newer", updated_on=date(2024, 3, 1))


@pytest.fixture
def levels(engines: Engines) -> Installation:
    on = Installation(engines)
    on.register(A)
    on.register(B)
    on.register(PROVINCE, "浙江省", Level.PROVINCIAL)
    on.register(NATION, "全国", Level.NATIONAL)
    on.source("office", A, "office.cn")
    on.source("rival", B, "rival.cn")
    for code, (register, location) in HOPS.items():
        on.source(code, register, "", location, Protocol.REGISTER)
    return on


def approve(on: Installation, code: str, *prefixes: str, together: tuple[str, ...] = ()) -> None:
    """Have other prefixes approved than before."""
    engine, now = on.engines.write, on.clock()
    scope = SourceScope(prefixes, co_reports_with=together)
    registration.amend_source(engine, code, {"scope": scope}, actor=SUBMITTER, now=now)
    registration.act(engine, code, SourceAction.APPROVE, actor=APPROVER, now=now)


def retire(on: Installation, code: str) -> None:
    registration.act(on.engines.write, code, SourceAction.RETIRE, actor=APPROVER, now=on.clock(), reason="so")


def bring(on: Installation, *identifiers: str) -> None:
    """Both cities are harvested: the office brings its record, the rival a newer one under the same identifier, or
    under others."""
    on.harvest("office", [live("1", namespace="office.cn")])
    record = live("1", NEWER, path=(Hop("", "http://rival.example/oai", "", "", ""),))
    on.harvest("rival", [record._replace(identifier=each) for each in identifiers or (THEIRS,)])


def read_up(on: Installation, *hops: str) -> dict[str, int]:
    """Read the registers from the cities up; the runs."""
    return {hop: on.read_upward(hop).id for hop in hops or HOPS}


def settle_all(on: Installation) -> None:
    for register in (A, B, PROVINCE, NATION):
        on.settle(on.read(register).id)


def stands(on: Installation) -> list[str]:
    """Whose the entry is, in the province and in the nation."""
    return [live_entries(on.engines, each)[THEIRS].source for each in (PROVINCE, NATION)]


def sound(on: Installation) -> bool:
    with on.engines.read.connect() as connection:
        broken = [each for each in verification.verify(connection) if each.broken]
    return check(on.engines) == [] and broken == []


@pytest.mark.parametrize("hops", [("p-a", "p-b", "n-p", "n-b"), ("n-b", "p-b", "n-p", "p-a", "n-p")])
def test_nobody_takes_over_at_any_level(levels: Installation, hops: tuple[str, ...]) -> None:
    approve(levels, "office", PREFIX)
    bring(levels)
    runs = read_up(levels, *hops)
    assert stands(levels) == ["p-a", "n-p"]
    for hop, owner in (("p-b", "p-a"), ("n-b", "n-p")):
        [(identifier, _, told)] = issue_rows(levels.engines, runs[hop], "identifier-owned")
        assert identifier == THEIRS and owner in told and PREFIX in told
    assert sound(levels)


@pytest.mark.parametrize("hops", [("p-a", "p-b", "n-p", "n-b"), ("p-b", "p-a", "n-b", "n-p")])
def test_what_is_approved_afterwards_is_followed_all_the_way_up(
    levels: Installation, hops: tuple[str, ...]
) -> None:
    bring(levels)
    read_up(levels, *hops)
    assert stands(levels) == ["p-b", "n-p"] or stands(levels) == ["p-b", "n-b"]
    approve(levels, "office", PREFIX)
    settle_all(levels)
    read_up(levels, "n-p")
    assert stands(levels) == ["p-a", "n-p"]
    assert sound(levels)


def test_what_is_given_up_is_free_above(levels: Installation) -> None:
    approve(levels, "office", PREFIX)
    bring(levels)
    read_up(levels)
    approve(levels, "office", "oai:elsewhere.cn:")
    settle_all(levels)
    for hop in ("p-b", "n-b"):
        assert source_of(levels.engines, hop).anew_at is not None
    read_up(levels)
    assert stands(levels)[0] == "p-b"
    assert sound(levels)


def test_what_was_retired_is_free_above(levels: Installation) -> None:
    approve(levels, "office", PREFIX)
    bring(levels)
    read_up(levels)
    retire(levels, "office")
    settle_all(levels)
    read_up(levels)
    assert stands(levels)[0] == "p-b"
    assert sound(levels)


def test_who_stops_reading_owns_nothing_above(levels: Installation) -> None:
    approve(levels, "office", PREFIX)
    bring(levels)
    read_up(levels)
    retire(levels, "p-a")
    settle_all(levels)
    read_up(levels, "p-b", "n-p", "n-b")
    assert stands(levels)[0] == "p-b"
    assert sound(levels)


def test_what_two_cities_were_approved_for_are_variants_told_to_both(levels: Installation) -> None:
    approve(levels, "office", PREFIX)
    approve(levels, "rival", PREFIX)
    bring(levels)
    runs = read_up(levels, "p-a", "p-b")
    assert live_entries(levels.engines, PROVINCE)[THEIRS].source == "p-b"
    for hop, other in (("p-a", "p-b"), ("p-b", "p-a")):
        [(identifier, _, told)] = issue_rows(levels.engines, runs[hop], "identifier-shared")
        assert identifier == THEIRS and hop in told and other in told
    assert sound(levels)


def test_a_register_source_that_states_prefixes_keeps_to_them(levels: Installation) -> None:
    approve(levels, "office", PREFIX)
    approve(levels, "p-a", "oai:other.cn:")
    bring(levels)
    runs = read_up(levels, "p-a", "p-b")
    assert live_entries(levels.engines, PROVINCE)[THEIRS].source == "p-b"
    assert [each[0] for each in issue_rows(levels.engines, runs["p-a"], "identifier-foreign")] == [THEIRS]


@pytest.mark.parametrize(
    "spelled", ["OAI:office.cn:1", "oai:OFFICE.cn:1", "oai:office.cn:%31", "oai:%6Fffice.cn:1"]
)
def test_another_spelling_is_no_way_around(levels: Installation, spelled: str) -> None:
    approve(levels, "office", PREFIX)
    bring(levels, spelled)
    runs = read_up(levels)
    assert list(live_entries(levels.engines, PROVINCE)) == [THEIRS]
    for hop in ("p-b", "n-b"):
        assert [each[0] for each in issue_rows(levels.engines, runs[hop], "identifier-owned")] == [spelled]


@pytest.mark.parametrize("prefix", [PREFIX, "oai:office", "OAI:office.cn:%31"])
def test_what_a_city_owns_is_not_approved_for_an_endpoint_above(levels: Installation, prefix: str) -> None:
    approve(levels, "office", PREFIX)
    with pytest.raises(Conflict, match="p-a"):
        levels.source("department", PROVINCE, "department.cn", prefixes=(prefix,))
    levels.source("ministry", NATION, "ministry.cn", prefixes=("oai:ministry.cn:",))


def test_registers_that_read_each_other_inherit_nothing_of_their_own(levels: Installation) -> None:
    levels.source("a-b", A, "", B, Protocol.REGISTER)
    levels.source("b-a", B, "", A, Protocol.REGISTER)
    approve(levels, "office", PREFIX)
    with levels.engines.read.connect() as connection:
        walks = {
            code: ownership.for_walk(connection, source_of(levels.engines, code).description)
            for code in ("a-b", "b-a", "rival", "p-b")
        }
    assert {code: [each.prefix for each in walk.owned] for code, walk in walks.items()} == {
        "a-b": [],
        "b-a": [PREFIX],
        "rival": [],
        "p-b": [PREFIX],
    }
    assert [each.owner for each in walks["rival"].owned_elsewhere] == ["b-a"]


def test_a_walk_costs_a_statement_a_level(levels: Installation) -> None:
    """However many sources there are beneath."""
    described = source_of(levels.engines, "n-b").description

    def counted() -> int:
        told: list[str] = []

        def note(*arguments: object) -> None:
            told.append(str(arguments[2]))

        event.listen(levels.engines.read, "before_cursor_execute", note)
        try:
            with levels.engines.read.connect() as connection:
                ownership.for_walk(connection, described)
        finally:
            event.remove(levels.engines.read, "before_cursor_execute", note)
        return len(told)

    few = counted()
    for number in range(20):
        levels.source(f"office{number}", A, f"office{number}.cn", prefixes=(f"oai:office{number}.cn:",))
    assert counted() == few <= 5
