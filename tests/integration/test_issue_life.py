"""An issue is new, known, or fixed: told by what came before, record by record."""

from __future__ import annotations

import pytest

from registry.model.issue import Issue, Severity, Text
from registry.model.issue_life import IssueState
from registry.model.record import CheckedRecord, Condition
from registry.model.run import Ending, Scope, Walk
from registry.store import issue_life
from tests.factories import Installation, identifier_of
from tests.integration.deciding import text

BROKEN_OFF = Walk(Ending.TRANSPORT)


def warned(key: str, title: str, *codes: str) -> CheckedRecord:
    """A record that is accepted with warnings."""
    found = tuple(Issue(code, Severity.WARNING, Text(code, code)) for code in codes)
    return text(key, title)._replace(issues=found)


def refused(key: str, *codes: str) -> CheckedRecord:
    """A record that is refused."""
    found = tuple(Issue(code, Severity.ERROR, Text(code, code)) for code in codes)
    raw = f"refused {key} {codes}".encode()
    return CheckedRecord(identifier_of(key), Condition.REFUSED, raw, issues=found)


def life(city: Installation, run_id: int) -> dict[str, tuple[int, int, int]]:
    """New, known and fixed, by code."""
    with city.engines.read.connect() as connection:
        found = issue_life.counts(connection, run_id)
    return {each.code: (each.new, each.known, each.fixed) for each in found}


def of(city: Installation, run_id: int, state: IssueState) -> list[tuple[str, str]]:
    with city.engines.read.connect() as connection:
        found = issue_life.page(connection, run_id, state)
    return [(each.identifier, each.issue.code) for _, each in found]


def test_the_first_run_finds_new_ones_only(city: Installation) -> None:
    run = city.harvest("hz", [warned("1", "a", "w"), refused("2", "e"), text("3", "a")])
    assert life(city, run.id) == {"w": (1, 0, 0), "e": (1, 0, 0)}


def test_what_refuses_a_record_is_known_when_it_comes_again_and_fixed_when_it_does_not(
    city: Installation,
) -> None:
    city.harvest("hz", [refused("1", "e"), refused("2", "e"), text("3", "a")])
    run = city.harvest("hz", [refused("1", "e"), text("2", "b"), text("3", "a"), refused("4", "e")])
    assert life(city, run.id) == {"e": (1, 1, 1)}
    assert of(city, run.id, IssueState.NEW) == [(identifier_of("4"), "e")]
    assert of(city, run.id, IssueState.KNOWN) == [(identifier_of("1"), "e")]
    assert of(city, run.id, IssueState.FIXED) == [(identifier_of("2"), "e")]


def test_a_warning_of_a_record_that_did_not_change_is_not_fixed(city: Installation) -> None:
    """It is not examined again, and not told again."""
    first = [warned("1", "a", "w"), warned("2", "a", "w"), text("3", "a")]
    city.harvest("hz", first)
    run = city.harvest("hz", [first[0], text("2", "b"), text("3", "a")])
    assert life(city, run.id) == {"w": (0, 0, 1)}
    assert of(city, run.id, IssueState.FIXED) == [(identifier_of("2"), "w")]


def test_a_run_of_what_changed_says_nothing_about_the_rest(city: Installation) -> None:
    city.harvest("hz", [refused("1", "e"), refused("2", "e"), warned("3", "a", "w")])
    run = city.harvest("hz", [text("2", "b")], walk=Walk(Ending.FINISHED, scope=Scope.DELTA))
    assert life(city, run.id) == {"e": (0, 0, 1)}
    again = city.harvest("hz", [refused("1", "e"), text("2", "b"), warned("3", "a", "w")])
    assert life(city, again.id)["e"] == (0, 1, 1)  # "2": compared with the last complete list, it still is


@pytest.mark.parametrize("walk", [BROKEN_OFF, Walk(Ending.NOT_MODIFIED)], ids=["broken off", "not modified"])
def test_no_complete_list_fixes_nothing_and_is_nothing_to_compare_with(
    city: Installation, walk: Walk
) -> None:
    city.harvest("hz", [refused("1", "e"), text("2", "a"), text("3", "a")])
    pages = [[text("2", "a")]] if walk is BROKEN_OFF else []
    run = city.harvest("hz", *pages, walk=walk)
    assert life(city, run.id) == {}
    run = city.harvest("hz", [refused("1", "e"), text("2", "a"), text("3", "a")])
    assert life(city, run.id) == {"e": (0, 1, 0)}


def test_pages_go_on_behind_a_number(city: Installation) -> None:
    run = city.harvest("hz", [refused(str(number), "e", "f") for number in range(5)])
    with city.engines.read.connect() as connection:
        first = issue_life.page(connection, run.id, IssueState.NEW, code="e", limit=3)
        rest = issue_life.page(connection, run.id, IssueState.NEW, code="e", after=first[-1][0], limit=3)
        every = issue_life.page(connection, run.id, None)
    of_records = [each for _, each in every if each.identifier]  # the list as a whole is told of too
    assert [len(first), len(rest), len(of_records)] == [3, 2, 10]
    assert [each.identifier for _, each in (*first, *rest)] == [identifier_of(str(n)) for n in range(5)]
