"""Answers that cannot be read are kept as they came, shown, and cost no more than themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from harvester.pipeline.pages import PAGE_RECORDS
from harvester.sandbox import Sandbox
from registry.model.run import Ending, RunStatus, Verdict
from registry.model.source import Protocol
from registry.store import raw
from registry.store.engine import Engines
from registry.store.tables import raw_pages
from tests.endpoint import Record
from tests.endpoint.records import catalogue_records, plain_list
from tests.factories import Installation
from tests.gullible import POISON, command
from tests.integration.municipality import Municipality, identifiers, municipality


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


def kept(city: Municipality, run_id: int) -> dict[str, bytes]:
    """The answers that a run kept, by the code of what was wrong."""
    with city.installation.engines.read.connect() as connection:
        return {
            page.code: b"".join(raw.page_pieces(connection, page.digest))
            for page in raw.pages_of(connection, run_id)
        }


def served(city: Municipality, visit: int) -> bytes:
    """What the endpoint sends to the ``visit``-th question of the last harvest."""
    return city.endpoint.reply(city.endpoint.visits[visit - 1]).body


def long_list() -> list[Record]:
    """Longer than what is parsed at once, and its last record is poison."""
    told = catalogue_records(5000)
    long = [replace(each, metadata=each.metadata.replace("施工许可信息", "施工许可" * 90)) for each in told]
    return [*long[:-1], replace(long[-1], metadata=f"<x>{POISON.decode()}</x>")]


def test_a_list_that_is_cut_keeps_the_records_before_the_fault(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox, protocol=Protocol.XML_DOCUMENT) as city:
        run = city.harvest("cut-page")
        assert (run.status, run.ending, run.verdict) == (
            RunStatus.PUBLISHED,
            Ending.PROTOCOL,
            Verdict.PARTIAL,
        )
        assert city.standing == identifiers(city.endpoint.records[: run.tally.received])
        assert 0 < run.tally.received < 25
        assert run.walk is not None and run.walk.pages_lost == 1
        assert kept(city, run.id) == {"xml-ill-formed": served(city, 1)}
        assert city.codes(run) == ["xml-ill-formed"]


def test_poison_ends_a_list_behind_what_was_read(engines: Engines, frail: Sandbox) -> None:
    """A child dies of it, and so does the next one; what they had checked by then stands, and stands once."""
    many = long_list()
    with municipality(Installation(engines), frail, records=many, protocol=Protocol.XML_DOCUMENT) as city:
        run = city.harvest()
        assert (run.ending, run.verdict) == (Ending.PROTOCOL, Verdict.PARTIAL)
        assert (len(city.endpoint.visits), city.codes(run)) == (2, ["answer-poison"])
        assert kept(city, run.id) == {"answer-poison": plain_list(many)}
        assert PAGE_RECORDS < run.tally.received == run.tally.created < len(many) - 1
        assert city.standing == identifiers(many[: run.tally.received])


def test_a_list_that_changed_while_a_child_died_is_not_mixed(engines: Engines, frail: Sandbox) -> None:
    """Read again, it begins otherwise: what was taken of the first reading stands, and no more is taken."""
    many = long_list()
    with municipality(Installation(engines), frail, records=many, protocol=Protocol.XML_DOCUMENT) as city:
        run = city.harvest("rewritten@2")
        assert (run.ending, run.verdict) == (Ending.PROTOCOL, Verdict.PARTIAL)
        assert run.tally.received == run.tally.created == 2 * PAGE_RECORDS


def test_a_death_that_does_not_repeat_costs_nothing(engines: Engines) -> None:
    with (
        Sandbox(command=command("die_now_and_then")) as sandbox,
        municipality(Installation(engines), sandbox) as city,
    ):
        run = city.harvest()
        assert (run.ending, run.verdict, run.tally.received) == (Ending.FINISHED, Verdict.COMPLETE, 25)
        assert (city.codes(run), len(city.asked)) == ([], 5)


def test_a_secret_is_not_kept(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox, protocol=Protocol.XML_DOCUMENT) as city:
        city.endpoint.list_content = (
            plain_list(city.endpoint.records)[:-20] + b"<secrecy>\xe6\x9c\xba\xe5\xaf\x86</secrecy>"
        )
        run = city.harvest()
        assert city.codes(run) == ["xml-ill-formed", "answer-secret"]
        assert kept(city, run.id) == {}


@pytest.mark.parametrize(
    ("room", "codes"), [(0, ["answer-not-kept"]), (1, ["answer-kept-in-part"]), (None, [])]
)
def test_a_run_keeps_as_much_as_it_may(
    engines: Engines, sandbox: Sandbox, room: int | None, codes: list[str]
) -> None:
    with municipality(Installation(engines), sandbox, protocol=Protocol.XML_DOCUMENT) as city:
        cut = plain_list(city.endpoint.records)[:-20]
        city.endpoint.list_content = cut
        city.limited(kept_bytes=len(cut) if room is None else room)
        run = city.harvest()
        assert city.codes(run) == ["xml-ill-formed", *codes]
        expected = cut if room is None else cut[:room]
        assert kept(city, run.id) == ({"xml-ill-formed": expected} if expected else {})


def test_the_same_answer_is_kept_once(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox, protocol=Protocol.XML_DOCUMENT) as city:
        first, second = city.harvest("cut-page"), city.harvest("cut-page")
        assert kept(city, first.id) == kept(city, second.id)
        with city.installation.engines.read.connect() as connection:
            assert connection.scalar(select(func.count()).select_from(raw_pages)) == 1
