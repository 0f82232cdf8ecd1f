"""What an approver is told: a whole list held against the register without writing to it, and proof of control."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from harvester import dossier, inspection
from harvester.sandbox import Sandbox
from registry.formats.catalogue import document_of
from registry.formats.marks import Mark, MarkKind, marks_of
from registry.model.inspection import Budget, Place, Proved, Tried
from registry.model.order import OrderKind
from registry.model.proof import WELL_KNOWN, well_known_of, word_of
from registry.model.source import SourceScope
from registry.services import inspecting
from registry.store import orders, sources
from registry.store.engine import Engines
from schemas.xml import parse
from tests.endpoint import Record
from tests.endpoint.records import catalogue_records
from tests.factories import Installation, live
from tests.integration.municipality import CITY, SOURCE, Municipality, municipality
from tests.integration.people import ROOT, everything
from tests.integration.standing import live_entries

CONDUCT = (
    "<conduct><conductKind>bad</conductKind><docNumber>{number}</docNumber><authority>{authority}</authority>"
    "<decisionDate>2024-01-01</decisionDate><conductStatus>effective</conductStatus></conduct>"
)
NUMBER, AUTHORITY = "杭建罚〔2024〕12号", "杭州市城乡建设委员会"


def with_conduct(record: Record, number: str = NUMBER, authority: str = AUTHORITY) -> Record:
    """The same record about a decision."""
    conduct = CONDUCT.format(number=number, authority=authority)
    return replace(record, metadata=record.metadata.replace("<sharing>", f"{conduct}<sharing>"))


def told() -> list[Record]:
    """25 records: one about a decision, one of another city, one in no division at all, one that is not shared."""
    records = catalogue_records(25)
    records[0] = with_conduct(records[0])
    for number, before, after in (
        (1, "<division>330100<", "<division>330200<"),
        (2, "<division>330100<", "<division>000001<"),
        (3, "<sharing>1<", "<sharing>3<"),
        (4, "<sharing>1<", "<sharing>2<"),
    ):
        records[number] = replace(records[number], metadata=records[number].metadata.replace(before, after))
    return records


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A child as it is."""
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def town(engines: Engines, sandbox: Sandbox) -> Iterator[Municipality]:
    """The source that is looked at, and another one of the register: it holds five of the identifiers, and two
    decisions, one of which is the same one under another identifier."""
    installation = Installation(engines, index=True)
    scope = SourceScope(divisions=("330100",))
    with municipality(installation, sandbox, records=told(), scope=scope) as opened:
        other = installation.source("other", CITY, "other.cn")
        decision = with_conduct(catalogue_records(1)[0]).metadata
        elsewhere = with_conduct(catalogue_records(1)[0], authority="宁波市城乡建设局").metadata
        records = [live(each.identifier[-6:], namespace="endpoint.test") for each in told()[:5]]
        for key, metadata in (("7", decision), ("8", elsewhere)):
            records.append(live(key, document_of(parse(metadata.encode())), namespace="other.cn"))
        installation.deliver(other, records)
        yield opened


def look(town: Municipality, kind: OrderKind) -> Any:
    """The outcome of a look."""
    engines, now = town.installation.engines, town.installation.clock()
    order_id = inspecting.order_probe(engines.write, SOURCE, actor=ROOT, now=now, kind=kind)
    assert town.worker.carry_out(order_id) is not None
    with engines.read.connect() as connection:
        order = orders.placed(connection, order_id)
    assert order is not None
    return order.outcome


def tried(town: Municipality) -> Tried:
    return msgspec.convert(look(town, OrderKind.TRIAL), Tried)


def proved(town: Municipality) -> Proved:
    return msgspec.convert(look(town, OrderKind.PROVE), Proved)


def test_a_trial_tells_what_would_become_of_the_list_and_writes_nothing(town: Municipality) -> None:
    engines = town.installation.engines
    before, entries = everything(engines), live_entries(engines, CITY)
    found = tried(town)
    assert (found.ending, found.whole, found.verdict) == ("answered", True, "complete")
    tally = found.tally
    assert (tally.received, tally.created, tally.refused, found.out_of_scope) == (25, 23, 2, 1)
    assert {each.code: each.count for each in found.issues if each.severity == "error"} == {
        "division-foreign": 1,
        "division-unknown": 1,
    }
    assert [(each.source, each.count) for each in found.overlaps] == [("other", 5)]
    assert found.overlapping == 5
    assert (found.upward, found.public) == (22, 21)
    after = everything(engines)
    assert {name for name in before if before[name] != after[name]} == {"events", "orders", "outbox"}
    assert live_entries(engines, CITY) == entries


def test_the_same_decision_under_another_identifier_is_told(town: Municipality) -> None:
    (same,) = tried(town).same
    assert (same.kind, same.number, same.authority) == ("document", NUMBER, AUTHORITY)
    assert (same.identifier, same.other) == (told()[0].identifier, "oai:other.cn:7")


def test_what_is_held_already_counts_as_it_would_in_a_harvest(town: Municipality) -> None:
    town.harvest()
    found = tried(town)
    assert (found.tally.created, found.tally.unchanged, found.tally.received) == (0, 23, 25)
    town.endpoint.records[:] = [with_conduct(each) for each in told()[:10]]
    found = tried(town)
    assert found.tally.updated == 8 and found.tally.absent == 15
    assert found.holds, "so much would vanish that the brake would hold it"


def test_a_trial_ends_behind_its_budget(town: Municipality, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "Budget", lambda: Budget(records=10))
    found = tried(town)
    assert (found.whole, found.tally.received, found.budget.records) == (False, 10, 10)
    assert found.tally.absent == 0


def test_a_dead_endpoint_is_told(town: Municipality) -> None:
    town.endpoint.faults = ["error"]
    assert tried(town).ending != "answered"


def test_only_so_many_marks_are_looked_up(town: Municipality, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossier, "_MARKS", 0)
    assert tried(town).same == ()


def test_control_is_proved_by_a_word_in_a_file_of_the_host_or_in_identify(town: Municipality) -> None:
    engines = town.installation.engines
    with engines.read.connect() as connection:
        stated = sources.get(connection, SOURCE).description
    found = proved(town)
    assert (found.place, found.word) == (None, word_of(stated))
    assert len(found.failures) == 2
    town.endpoint.provider.name = f"测试市目录 {word_of(stated)}"
    assert proved(town).place is Place.IDENTIFY
    town.endpoint.provider.name = word_of(replace(stated, code="another"))
    assert proved(town).place is None
    with in_the_file(town, word_of(stated)):
        found = proved(town)
    assert (found.place, found.url) == (Place.WELL_KNOWN, well_known_of(stated))


@contextmanager
def in_the_file(town: Municipality, word: str) -> Iterator[None]:
    """The host has a file with the word."""
    ask = town.worker.road.open_answer

    class File:
        status, not_modified = 200, False
        headers: Mapping[str, str] = MappingProxyType({})

        def chunks(self) -> Iterator[bytes]:
            yield b"other\r\n" + word[:7].encode()
            yield word[7:].encode() + b"\r\n"

    @contextmanager
    def open_answer(request: Any, *rest: Any) -> Iterator[Any]:
        if request.url.endswith(WELL_KNOWN):
            yield File()
            return
        with ask(request, *rest) as answer:
            yield answer

    before, town.worker = (
        town.worker,
        replace(town.worker, road=replace(town.worker.road, open_answer=open_answer)),
    )
    yield
    town.worker = before


def test_words_differ_from_source_to_source_and_from_host_to_host(town: Municipality) -> None:
    with town.installation.engines.read.connect() as connection:
        stated = sources.get(connection, SOURCE).description
    others = (
        replace(stated, code="b"),
        replace(stated, register_code="330200"),
        replace(stated, location="https://b.example/oai"),
    )
    assert len({word_of(each) for each in (stated, *others)}) == 4
    assert word_of(replace(stated, location=stated.location + "?x=1")) == word_of(stated)


def test_marks_are_numbers_with_their_authority_and_project_codes() -> None:
    conduct = CONDUCT.format(number="1号", authority="甲 &amp; 乙")
    nameless = CONDUCT.replace("<docNumber>{number}</docNumber>", "").format(authority="丙")
    text = (
        f"<record>{conduct}<conductFact>x</conductFact>{nameless}"
        "<project><projectCode>2405-1</projectCode></project></record>"
    )
    assert marks_of(text.encode()) == (
        Mark(MarkKind.DOCUMENT, "1号", "甲 & 乙"),
        Mark(MarkKind.PROJECT, "2405-1"),
    )
