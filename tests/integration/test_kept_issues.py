"""A run keeps so many issues of each code, with the bytes of what they refuse; it counts the others, and says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from registry.errors import NotFound
from registry.model.issue import Issue, Severity, Text
from registry.model.issue_ledger import Keeping
from registry.model.issue_life import IssueCounts, IssueState
from registry.model.record import CheckedRecord, Condition, Page, Raw
from registry.model.run import Ending, RunStatus, Walk
from registry.services import revealing
from registry.services.ingest.keeping import BYTES_LEFT, ONLY_COUNTED
from registry.services.ingest.sharing import SHARED
from registry.store import issue_life, issues
from registry.store.engine import transaction
from registry.store.tables import runs as runs_table
from tests.factories import APPROVER, COMPLETE_WALK, Installation, identifier_of
from tests.integration.deciding import text
from tests.integration.standing import issue_rows, raw_kept
from tests.invariants import check

LIMIT = 5


@pytest.fixture
def city(city: Installation) -> Installation:
    """It keeps five issues of a code, and a thousand bytes of refused records."""
    city.keeping = Keeping(issues=LIMIT, refused_bytes=1000)
    return city


def wrong(key: str, *codes: str, size: int = 10) -> CheckedRecord:
    """A record that is refused, with its bytes."""
    found = tuple(Issue(code, Severity.ERROR, Text(code, code)) for code in codes)
    digest = f"refused {key} {codes}".encode()
    return CheckedRecord(
        identifier_of(key), Condition.REFUSED, digest, Raw(digest, f"{key:>{size}}".encode()), issues=found
    )


def wrongs(count: int, *codes: str, first: int = 0) -> list[CheckedRecord]:
    return [wrong(str(number), *codes) for number in range(first, first + count)]


def counted(city: Installation, run_id: int) -> dict[str, IssueCounts]:
    """What a run counts, by code."""
    with city.engines.read.connect() as connection:
        return {each.code: each for each in issue_life.counts(connection, run_id)}


def kept(city: Installation, run_id: int, code: str) -> list[str]:
    return [identifier for identifier, _, _ in issue_rows(city.engines, run_id, code)]


def told(city: Installation, run_id: int) -> list[str]:
    """What the run says of what it only counted."""
    return [message for _, _, message in issue_rows(city.engines, run_id, ONLY_COUNTED.code)]


@pytest.mark.parametrize("count", [LIMIT - 1, LIMIT, LIMIT + 1, 4 * LIMIT])
def test_the_first_ones_are_kept_with_their_bytes_and_all_are_counted(city: Installation, count: int) -> None:
    records = wrongs(count, "e")
    run = city.harvest("hz", records, [text("good", "a")])
    first, beyond = min(count, LIMIT), max(0, count - LIMIT)
    assert (run.status, run.tally.refused, run.tally.created) == (RunStatus.PUBLISHED, count, 1)
    assert kept(city, run.id, "e") == [each.identifier for each in records[:first]]
    assert [raw_kept(city.engines, each.raw_digest) for each in records] == [True] * first + [False] * beyond
    found = counted(city, run.id)["e"]
    assert (found.found, found.new, found.beyond) == (count, first, beyond)
    assert len(told(city, run.id)) == (1 if beyond else 0)
    if beyond:
        assert f"the first {LIMIT} issues" in told(city, run.id)[0]
        assert f"{beyond} more" in told(city, run.id)[0] and f"(e {beyond})" in told(city, run.id)[0]
    assert not check(city.engines)


def test_each_code_has_room_of_its_own(city: Installation) -> None:
    """A record is kept with its bytes if any of its issues is."""
    rare = wrong("rare", "e", "f")
    run = city.harvest("hz", [*wrongs(9, "e"), rare])
    assert kept(city, run.id, "f") == [rare.identifier] and rare.identifier not in kept(city, run.id, "e")
    assert raw_kept(city.engines, rare.raw_digest)
    assert {code: each.beyond for code, each in counted(city, run.id).items() if each.beyond} == {"e": 5}


def test_a_walk_that_goes_on_goes_on_counting(city: Installation) -> None:
    begun = city.open("hz")
    assert begun is not None
    begun.take(wrongs(3, "e"))
    city.clock.advance(minutes=2)
    begun = city.take_over(begun)
    begun.take(wrongs(4, "e", first=3))
    assert counted(city, begun.run.id)["e"].found == 7
    city.clock.advance(minutes=2)
    begun = city.take_over(begun)
    begun.take(wrongs(2, "e", first=7))
    run = begun.finish()
    assert kept(city, run.id, "e") == [identifier_of(str(number)) for number in range(5)]
    assert (run.tally.refused, counted(city, run.id)["e"].found, counted(city, run.id)["e"].beyond) == (
        9,
        9,
        4,
    )
    assert not check(city.engines)


def test_a_run_that_began_under_an_older_release_counts_what_it_has(city: Installation) -> None:
    begun = city.open("hz")
    assert begun is not None
    begun.take(wrongs(3, "e"))
    with transaction(city.engines.write) as connection:
        connection.execute(update(runs_table).values(issue_ledger=None))
    begun.take(wrongs(4, "e", first=3))
    run = begun.finish()
    assert (len(kept(city, run.id, "e")), counted(city, run.id)["e"].beyond) == (5, 2)


def test_a_run_that_was_broken_off_tells_what_it_counted(city: Installation) -> None:
    begun = city.open("hz")
    assert begun is not None
    begun.take(wrongs(8, "e"))
    run = begun.finish(Walk(Ending.TRANSPORT, Text("断开", "broken off")))
    assert run.ending is Ending.TRANSPORT
    assert (counted(city, run.id)["e"].found, len(told(city, run.id))) == (8, 1)


def test_nothing_is_called_new_or_fixed_where_nobody_can_say(city: Installation) -> None:
    city.harvest("hz", wrongs(8, "e"), [text("good", "a")])
    run = city.harvest(
        "hz", wrongs(6, "e", first=2), [text("good", "a")]
    )  # 0 and 1 are mended, or only counted
    found = counted(city, run.id)["e"]
    assert (found.new, found.known, found.fixed, found.beyond) == (0, 5, 0, 1)
    run = city.harvest("hz", wrongs(2, "e", first=6), [text("good", "a")])
    found = counted(city, run.id)["e"]  # 7 was found beyond the limit before; of those kept, 2 to 5 are gone
    assert (found.new, found.known, found.fixed, found.beyond) == (0, 2, 4, 0)
    assert counted(city, run.id)[ONLY_COUNTED.code].fixed == 1
    run = city.harvest("hz", wrongs(3, "e", first=7), [text("good", "a")])
    found = counted(city, run.id)["e"]
    assert (found.new, found.known, found.fixed) == (2, 1, 1)
    with city.engines.read.connect() as connection:
        new = issue_life.page(connection, run.id, IssueState.NEW, code="e")
    assert [each.identifier for _, each in new] == [identifier_of("8"), identifier_of("9")]


def test_bytes_have_a_limit_of_their_own(city: Installation) -> None:
    records = [wrong("1", "e", size=600), wrong("2", "e", size=401), wrong("3", "e", size=400)]
    run = city.harvest("hz", records)
    assert [raw_kept(city.engines, each.raw_digest) for each in records] == [True, False, True]
    assert len(kept(city, run.id, "e")) == 3
    [(_, _, message)] = issue_rows(city.engines, run.id, BYTES_LEFT.code)
    assert "of 1 refused records" in message
    with city.engines.read.connect() as connection:
        numbers = {each.identifier: number for number, each in issues.page(connection, run.id, code="e")}

    def look(key: str) -> bytes:
        asked = (city.engines.write, run.id, numbers[identifier_of(key)])
        return revealing.refused(*asked, actor=APPROVER, now=city.clock(), reason="to mend it")

    assert len(look("1")) == 600
    with pytest.raises(NotFound):
        look("2")


def test_what_is_wrong_with_answers_is_counted_too_and_what_names_one_is_kept(city: Installation) -> None:
    begun = city.open("hz")
    assert begun is not None
    plain, naming = (Issue(code, Severity.WARNING, Text(code, code)) for code in ("plain", "naming"))
    for number in range(1, 9):
        begun.sink.take([Page(number, [text(str(number), "a")], f"behind {number}", (plain,))])
        begun.sink.take([Page(number, [], f"behind {number}", (naming,), b"%d" % number)])
    run = begun.finish(replace(COMPLETE_WALK, issues=(plain, plain)))
    assert (len(kept(city, run.id, "plain")), len(kept(city, run.id, "naming"))) == (LIMIT, 8)
    assert (counted(city, run.id)["plain"].found, counted(city, run.id)["naming"].found) == (10, 8)


def test_identifiers_that_others_bring_too_are_counted_once_each(city: Installation) -> None:
    """Told when a run is settled: to it, and to the other one, each with a limit of its own."""
    city.source("wz", "330100")
    first = city.harvest("hz", [text(str(number), "a") for number in range(8)])
    for title in ("b", "c"):
        second = city.harvest("wz", [text(str(number), title) for number in range(8)])
        for run in (first, second):
            assert len(kept(city, run.id, SHARED.code)) == LIMIT
            assert (counted(city, run.id)[SHARED.code].found, len(told(city, run.id))) == (8, 1)
