"""Lists that never end, forget their token, move, or end in silence, over real sockets and into the register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from harvester.sandbox import Sandbox
from registry.model.run import Ending, RunStatus, Scope, Verdict
from registry.store import runs
from registry.store.engine import Engines
from tests.endpoint.records import catalogue_records
from tests.factories import Installation
from tests.integration.municipality import SOURCE, identifiers, municipality
from tests.integration.standing import source_of
from tests.invariants import check


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A child as it is."""
    with Sandbox() as opened:
        yield opened


LOOPS = {
    "token-loop-1": ("list-token-repeated", 2),
    "token-loop-2": ("list-token-repeated", 3),
    "token-loop-7": ("list-nothing-new", 6),
    "new-tokens": ("list-nothing-new", 5),
}
"""What ends the walk, and behind how many answers (the first says who it is)."""


@pytest.mark.parametrize("fault", LOOPS)
def test_a_list_that_goes_round_in_circles_is_left(engines: Engines, sandbox: Sandbox, fault: str) -> None:
    code, answers = LOOPS[fault]
    with municipality(Installation(engines), sandbox) as city:
        run = city.harvest(fault)
        assert (run.ending, run.verdict, run.tally.absent) == (Ending.PROTOCOL, Verdict.PARTIAL, 0)
        assert code in city.codes(run)
        assert len(city.asked) <= answers + 4


@pytest.mark.parametrize("limit", [{"records": 100}, {"answers": 20}])
def test_a_list_without_end_is_left(engines: Engines, sandbox: Sandbox, limit: dict[str, int]) -> None:
    with municipality(Installation(engines), sandbox) as city:
        city.limited(**limit)
        run = city.harvest("endless")
        assert (run.ending, run.verdict) == (Ending.PROTOCOL, Verdict.PARTIAL)
        assert {"list-many-records", "list-many-answers"} & set(city.codes(run))
        assert len(city.asked) <= 40


def test_a_token_that_is_refused_once_costs_a_second_walk(engines: Engines, sandbox: Sandbox) -> None:
    """Nothing comes twice: the second attempt is a run of its own, and the first has failed."""
    with municipality(Installation(engines), sandbox) as city:
        run = city.harvest("bad-token-on-page-2@3")
        assert (run.status, run.ending, run.verdict) == (
            RunStatus.PUBLISHED,
            Ending.FINISHED,
            Verdict.COMPLETE,
        )
        assert (run.tally.received, run.tally.created, run.tally.moved) == (25, 25, 0)
        assert city.codes(run) == ["list-begun-anew"]
        with engines.read.connect() as connection:
            newest, left = runs.listed(connection)
        assert (newest.id, left.status, left.ending) == (run.id, RunStatus.FAILED, Ending.PROTOCOL)
        assert city.codes(left) == ["oai-error"]
        assert left.order_id == run.order_id
        assert check(engines) == []


def test_a_token_that_is_refused_again_ends_the_walk(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox) as city:
        run = city.harvest("bad-token-on-page-2")
        assert (run.ending, run.verdict, len(city.standing)) == (Ending.PROTOCOL, Verdict.PARTIAL, 10)
        assert city.asked == ["Identify", "ListRecords", "ListRecords"] * 2


def test_what_was_known_is_not_read_again_in_a_second_walk(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox) as city:
        city.harvest()
        run = city.harvest("bad-token-on-page-2@3")
        assert (run.verdict, run.tally.unchanged, run.tally.received) == (Verdict.COMPLETE, 25, 25)


def test_a_list_that_does_not_say_that_it_ends_is_doubted(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox) as city:
        run = city.harvest("untold-end")
        assert (run.ending, run.verdict) == (Ending.FINISHED, Verdict.UNKNOWN)
        assert city.codes(run) == ["oai-end-untold"]
        assert (source_of(engines, SOURCE).cursor_since, len(city.standing)) == (None, 25)
        city.endpoint.records.pop()
        for _ in range(2):
            city.installation.clock.advance(hours=30)
            assert city.harvest("untold-end").tally.vanished == 0
        assert len(city.standing) == 25


def test_a_list_of_one_page_ends_without_a_token(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox, page_size=100) as city:
        assert city.harvest("untold-end").verdict is Verdict.COMPLETE


@pytest.mark.parametrize("deleted", [False, True])
def test_what_is_gone_goes_at_once_where_its_source_says_so(
    engines: Engines, sandbox: Sandbox, deleted: bool
) -> None:
    """Unknown to it, or a deleted header that its list left out."""
    with municipality(Installation(engines), sandbox) as city:
        city.harvest()
        gone = city.endpoint.records.pop(3)
        if deleted:
            city.endpoint.provider.asides[gone.identifier] = replace(gone, deleted=True)
        run = city.harvest()
        assert (run.verdict, run.tally.vanished + run.tally.deleted) == (Verdict.COMPLETE, 1)
        assert (run.tally.confirmed, run.tally.going) == (int(not deleted), 1)
        assert gone.identifier not in city.standing
        assert check(engines) == []


def test_the_brake_looks_at_what_went_at_once(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox) as city:
        city.harvest()
        del city.endpoint.records[:4]
        run = city.harvest()
        assert (run.status, run.tally.confirmed) == (RunStatus.HELD, 4)
        assert [each.code for each in run.hold_reasons] == ["vanished"]
        assert len(city.standing) == 25


def test_what_a_list_left_out_is_live_and_the_list_not_complete(engines: Engines, sandbox: Sandbox) -> None:
    """The size stays the same, so that only asking tells. The next harvest asks for everything again."""
    with municipality(Installation(engines), sandbox) as city:
        city.harvest()
        run = city.harvest("slipped")
        assert (run.ending, run.verdict) == (Ending.FINISHED, Verdict.UNKNOWN)
        assert "list-missed-records" in city.codes(run)
        assert (run.tally.absent, run.tally.vanished, len(city.standing)) == (0, 0, 26)
        assert source_of(engines, SOURCE).full_at is None
        again = city.harvest(full=False)
        assert (again.scope, again.verdict) == (Scope.FULL, Verdict.COMPLETE)


def test_without_an_answer_two_lists_must_agree(engines: Engines, sandbox: Sandbox) -> None:
    """GetRecord is not known: that says nothing of the record."""
    with municipality(Installation(engines), sandbox) as city:
        city.harvest()
        gone = city.endpoint.records.pop()
        first = city.harvest("no-single-records")
        assert (first.verdict, first.tally.absent, first.tally.vanished) == (Verdict.COMPLETE, 1, 0)
        city.installation.clock.advance(hours=30)
        second = city.harvest("no-single-records")
        assert (second.tally.vanished, second.tally.confirmed) == (1, 0)
        assert gone.identifier not in city.standing


def test_an_absence_that_was_noted_is_confirmed_without_counting_twice(
    engines: Engines, sandbox: Sandbox
) -> None:
    """Two of 25 are missed: the brake allows three within seven days."""
    with municipality(Installation(engines), sandbox) as city:
        city.harvest()
        del city.endpoint.records[:2]
        assert city.harvest("no-single-records").tally.absent == 2
        run = city.harvest()
        assert (run.status, run.tally.vanished, run.tally.confirmed) == (RunStatus.PUBLISHED, 2, 0)
        assert city.standing == identifiers(catalogue_records(25)[2:])


def test_an_empty_list_is_held_whatever_its_source_says_of_single_records(
    engines: Engines, sandbox: Sandbox
) -> None:
    records = catalogue_records(2)
    with municipality(Installation(engines), sandbox, records=records) as city:
        city.harvest()
        city.endpoint.provider.asides.update(
            {each.identifier: replace(each, deleted=True) for each in records}
        )
        city.endpoint.records.clear()
        run = city.harvest()
        assert run.status is RunStatus.HELD
