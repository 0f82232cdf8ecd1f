"""A page that cannot be read costs the records that spoil it, over real sockets and into the register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from harvester.sandbox import Sandbox
from registry.model.run import Ending, RunStatus, Verdict
from registry.store import raw
from registry.store.engine import Engines
from tests.endpoint import Record
from tests.endpoint.records import catalogue_records
from tests.factories import Installation
from tests.gullible import POISON, command
from tests.integration.municipality import Municipality, identifiers, municipality
from tests.integration.standing import held
from tests.invariants import check

TOMORROW = "2024-01-02T00:00:00Z"
HOSTILE = "oai:endpoint.test:hostile"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A child as it is."""
    with Sandbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def frail() -> Iterator[Sandbox]:
    """Children that die of a word."""
    with Sandbox(command=command("die_of_poison")) as opened:
        yield opened


def spoilt(count: int, metadata: str) -> list[Record]:
    """``count`` good records, and a hostile one in their midst."""
    good = catalogue_records(count)
    return [*good[: count // 2], replace(good[0], identifier=HOSTILE, metadata=metadata), *good[count // 2 :]]


def pages_kept(city: Municipality, run_id: int) -> list[tuple[str, str]]:
    """(identifier, place) of the answers that a run kept."""
    with city.installation.engines.read.connect() as connection:
        return [(each.identifier, each.place) for each in raw.pages_of(connection, run_id)]


@pytest.mark.parametrize("metadata", ["<x><未闭合></x>", "<x>\x01</x>", "<x>&leak;</x>"])
def test_one_hostile_record_among_99(engines: Engines, sandbox: Sandbox, metadata: str) -> None:
    """99 are stored, one is an issue, and nobody takes the list for complete."""
    records = spoilt(99, metadata)
    with municipality(Installation(engines), sandbox, records=records, page_size=100) as city:
        run = city.harvest()
        assert (run.status, run.ending, run.verdict) == (
            RunStatus.PUBLISHED,
            Ending.FINISHED,
            Verdict.PARTIAL,
        )
        assert city.standing == identifiers(records) - {HOSTILE}
        assert (run.tally.received, run.tally.created, run.tally.refused) == (100, 99, 1)
        (refused,) = [each for each in city.issues(run) if each.identifier]
        assert (refused.identifier, refused.issue.code) == (HOSTILE, "xml-ill-formed")
        assert pages_kept(city, run.id) == [("", "page 2"), (HOSTILE, "GetRecord")]
        assert check(engines) == []


def test_the_list_goes_on_behind_the_page(engines: Engines, sandbox: Sandbox) -> None:
    """Only what the page held is asked for record by record."""
    records = spoilt(29, "<x><未闭合></x>")
    with municipality(Installation(engines), sandbox, records=records) as city:
        run = city.harvest()
        assert city.standing == identifiers(records) - {HOSTILE}
        assert city.asked.count("ListRecords") == 3
        assert 1 < city.asked.count("GetRecord") <= 10
        assert run.tally.moved == run.tally.repeated == 0


def test_a_page_that_breaks_off_leaves_the_rest_to_salvage(engines: Engines, sandbox: Sandbox) -> None:
    """Its token is lost: all that has not come is asked for, as far as the budget goes, and more the next time."""
    with municipality(Installation(engines), sandbox) as city:
        city.limited(singly=8)
        run = city.harvest("cut-page@3")
        first = len(city.standing)
        assert (run.ending, run.verdict) == (Ending.PROTOCOL, Verdict.PARTIAL)
        assert 10 + 8 <= first < 25
        (left,) = city.issues(run, "salvage-left")
        assert left.issue.message.en.endswith(f"{25 - first} were left")
        again = city.harvest("cut-page@3")
        assert (len(city.standing), again.verdict) == (25, Verdict.PARTIAL)
        assert city.issues(again, "salvage-left") == []
        assert city.harvest().verdict is Verdict.COMPLETE


def test_nothing_is_deleted_by_a_list_with_a_hole(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox) as city:
        city.harvest()
        gone = city.endpoint.records.pop()
        for _ in range(3):
            city.installation.clock.advance(hours=30)
            run = city.harvest("hostile-ill-formed")
            assert (run.verdict, run.tally.absent, run.tally.vanished) == (Verdict.PARTIAL, 0, 0)
        assert gone.identifier in city.standing


def test_a_good_version_stays_while_its_record_cannot_be_read(engines: Engines, sandbox: Sandbox) -> None:
    records = catalogue_records(5)
    with municipality(Installation(engines), sandbox, records=records) as city:
        city.harvest()
        city.endpoint.records[2] = replace(records[2], datestamp=TOMORROW, metadata="<x><未闭合></x>")
        city.harvest()
        assert len(city.standing) == 5
        assert [record.stale for _, record in sorted(held(engines, "office").items())] == [
            False, False, True, False, False,
        ]  # fmt: skip
        city.endpoint.records[2] = catalogue_records(3)[2]
        run = city.harvest()
        assert (run.verdict, held(engines, "office")[records[2].identifier].stale) == (
            Verdict.COMPLETE,
            False,
        )


def test_poison_costs_its_page_and_its_record(engines: Engines, frail: Sandbox) -> None:
    """The page is read twice and kept; its other records come one by one; the list goes on behind it."""
    records = spoilt(29, f"<x>{POISON.decode()}</x>")
    with municipality(Installation(engines), frail, records=records) as city:
        run = city.harvest()
        assert (run.ending, run.verdict) == (Ending.FINISHED, Verdict.PARTIAL)
        assert city.standing == identifiers(records) - {HOSTILE}
        assert city.codes(run) == ["answer-poison", "answer-poison"]
        assert pages_kept(city, run.id) == [("", "page 3"), (HOSTILE, "GetRecord")]


def test_a_source_of_which_nothing_can_be_read_is_soon_left(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox) as city:
        run = city.harvest("external-entity@2-")
        assert (run.status, run.verdict) == (RunStatus.FAILED, Verdict.PARTIAL)
        assert city.asked == ["Identify", *["ListRecords"] * 3, "ListIdentifiers"]
