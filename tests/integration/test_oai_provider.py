"""The OAI-PMH provider over registers with a past: valid, complete, repeatable, and nothing by the back door."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest
from lxml import etree

from registry.model.datestamp import format_datestamp
from registry.store.engine import Engines
from schemas.oaipmh import DC, OAI, PROVENANCE
from schemas.xml import canonical
from schemas.xsd import NAMESPACE
from tests.factories import Installation, catalogue_document, deleted, identifier_of, live
from tests.integration.repository import (
    CITY,
    EXPIRES,
    NATION,
    PREFIXES,
    PROVINCE,
    PUBLIC_URL,
    REGISTERS,
    Entry,
    Reader,
    Town,
    application,
)
from tests.shared import needs_shared

pytestmark = needs_shared

JW = "oai:jw.hangzhou.gov.cn:"
STANDING = {
    **{identifier_of(key): False for key in ("0", "1", "4", "5", "6", "9")},
    **{identifier_of(key): True for key in ("2", "3")},
    f"{JW}a&b'c": False,
    f"{JW}%E7%9B%AE/é": False,
    f"{JW}7": False,
}
"""What the public is told of the town's past: identifier → whether it is deleted."""


@pytest.fixture
def town(engines: Engines) -> Town:
    """A young town, to go on with."""
    town = Town(Installation(engines))
    town.found()
    town.publish(*(live(str(number)) for number in range(7)))
    return town


@pytest.fixture
def reader(town: Town, tmp_path: Path) -> Reader:
    """Reads that town."""
    return Reader(application(town.installation, tmp_path))


def states(entries: list[Entry]) -> dict[str, bool]:
    """Identifier → whether it is deleted; every entry once."""
    found = {entry.identifier: entry.deleted for entry in entries}
    assert len(found) == len(entries)
    return found


def test_every_register_tells_its_past_in_every_format(old: Reader) -> None:
    for register, prefix in product(REGISTERS, PREFIXES):
        records = old.entries(register, metadataPrefix=prefix)
        headers = old.entries(register, "ListIdentifiers", metadataPrefix=prefix)
        assert states(records) == STANDING
        assert [entry[:4] for entry in records] == [entry[:4] for entry in headers]
        assert [bool(entry.metadata) for entry in records] == [not entry.deleted for entry in records]
        for entry in records:
            found = old.ask(register, "GetRecord", identifier=entry.identifier, metadataPrefix=prefix)
            assert found.entries == (entry,)


def test_sets_hold_what_names_them(old: Reader) -> None:
    for register in REGISTERS:
        answer = old.ask(register, "ListSets")
        specs = [spec.text or "" for spec in answer.root.iter(f"{{{OAI}}}setSpec")]
        assert {"division:330000:330100:330106", "catalogue:credit:6.2"} <= set(specs)
        records = old.entries(register, metadataPrefix="catalogue")
        for spec in specs:
            listed = old.entries(register, metadataPrefix="catalogue", set=spec)
            if spec in ("catalogue", "division"):
                assert listed == records
                continue
            assert listed
            assert [entry for entry in listed if not entry.deleted] == [
                entry for entry in records if spec in entry.sets
            ]
            assert all(entry.sets == (spec,) for entry in listed if entry.deleted)
        left = states(old.entries(register, metadataPrefix="catalogue", set="catalogue:project:2.1"))
        assert left[identifier_of("1")] is True


def test_documents_are_passed_on_byte_by_byte(old: Reader) -> None:
    document = catalogue_document("a&b", title="甲 & 乙 <丙> ]]>")
    for register in REGISTERS:
        answer = old.ask(register, "GetRecord", identifier=f"{JW}a&b'c", metadataPrefix="catalogue")
        (record,) = answer.root.iter(f"{{{NAMESPACE}}}record")
        assert canonical(record) == document.content
        answer = old.ask(register, "GetRecord", identifier=f"{JW}a&b'c", metadataPrefix="oai_dc")
        assert next(answer.root.iter(f"{{{DC}}}title")).text == "甲 & 乙 <丙> ]]>"


def test_provenance_has_one_level_a_register(old: Reader) -> None:
    expected = {CITY: 1, PROVINCE: 2, NATION: 3}
    for register, prefix in product(REGISTERS, PREFIXES):
        answer = old.ask(register, "GetRecord", identifier=identifier_of("0"), metadataPrefix=prefix)
        levels = list(answer.root.iter(f"{{{PROVENANCE}}}originDescription"))
        urls = [level.findtext(f"{{{PROVENANCE}}}baseURL") for level in levels]
        assert len(urls) == expected[register]
        assert urls[:-1] == [f"{PUBLIC_URL}/oai/{code}" for code in (PROVINCE, CITY)[2 - len(urls[:-1]) :]]
        altered = [level.get("altered") for level in levels]
        assert altered[-1] == "true"
        if len(levels) > 1:
            assert altered[0] == ("false" if prefix == "catalogue" else "true")


def test_identify(old: Reader) -> None:
    root = old.ask(PROVINCE, "Identify").root
    told = {str(etree.QName(each).localname): each.text for each in root.iterfind(f"{{{OAI}}}Identify/*")}
    assert told["repositoryName"] == "浙江省目录 <1>"
    assert told["baseURL"] == f"{PUBLIC_URL}/oai/{PROVINCE}"
    assert told["deletedRecord"] == "persistent"
    assert told["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
    first = min(entry.datestamp for entry in old.entries(PROVINCE, metadataPrefix="catalogue"))
    assert (told["earliestDatestamp"] or "") <= first
    assert "description" not in told  # identifiers of two namespaces


def test_a_register_of_one_namespace_says_so(old: Reader) -> None:
    root = old.ask("420200", "Identify").root
    texts = [each.text for each in root.iterfind(f".//{{{OAI}}}description/*/*")]
    assert texts == ["oai", "wuhan.gov.cn", ":", "oai:wuhan.gov.cn:1"]


def test_an_empty_register(old: Reader) -> None:
    assert old.ask("420100", "Identify").errors == ()
    assert old.ask("420100", "ListSets").errors == ()
    assert old.ask("420100", "ListRecords", metadataPrefix="catalogue").errors == ("noRecordsMatch",)


def test_tokens_survive_publications_and_restarts_and_show_the_register_of_their_mark(
    town: Town, reader: Reader, tmp_path: Path
) -> None:
    first = reader.ask(CITY, "ListRecords", metadataPrefix="catalogue")
    assert first.token
    second = reader.ask(CITY, "ListRecords", resumptionToken=first.token)
    whole = reader.entries(CITY, metadataPrefix="catalogue")
    town.publish(live("1", catalogue_document("1", title="改")), live("new"), deleted("5"))
    reader = Reader(application(town.installation, tmp_path))
    answers = [first, *reader.follow(CITY, "ListRecords", first.token)]
    assert [entry for answer in answers for entry in answer.entries] == whole
    assert answers[1].entries == second.entries
    cursors = [answer.cursor for answer in answers]
    assert cursors == list(range(0, len(whole), 3))
    assert answers[-1].token == ""


def test_the_next_walk_from_the_first_answer_misses_nothing(town: Town, reader: Reader) -> None:
    walk = reader.walk(CITY, metadataPrefix="catalogue")
    copy = {entry.identifier: entry for answer in walk for entry in answer.entries}
    for change in ([live("new")], [deleted("5")], [live("0", catalogue_document("0", title="改"))]):
        town.publish(*change)
        walk = reader.walk(CITY, metadataPrefix="catalogue", since=walk[0].dated)
        copy |= {entry.identifier: entry for answer in walk for entry in answer.entries}
        assert copy == {each.identifier: each for each in reader.entries(CITY, metadataPrefix="catalogue")}


def test_windows_include_both_their_ends(old: Reader) -> None:
    records = old.entries(CITY, metadataPrefix="catalogue")
    stamps = sorted({entry.datestamp for entry in records})
    for since, until in product([None, *stamps], [None, *stamps]):
        if since and until and since > until:
            continue
        bounds = {name: value for name, value in (("since", since), ("until", until)) if value}
        assert old.entries(CITY, metadataPrefix="catalogue", **bounds) == [
            entry for entry in records if (since or "") <= entry.datestamp <= (until or "9")
        ]
    day = stamps[0][:10]
    assert old.entries(CITY, metadataPrefix="catalogue", since=day, until=day) == records


def test_a_publication_is_shown_when_its_second_has_passed(town: Town, reader: Reader) -> None:
    clock = town.installation.clock
    town.installation.deliver(town.sources[0], [live("new")])
    datestamp = town.installation.read(CITY).published_at
    assert datestamp is not None
    seen = []
    for moment in (
        datestamp,
        datestamp.replace(microsecond=999_999),
        datestamp.replace(second=datestamp.second + 1),
    ):
        clock.now = moment
        answer = reader.ask(CITY, "GetRecord", identifier=identifier_of("new"), metadataPrefix="catalogue")
        assert answer.dated == format_datestamp(moment)
        seen.append(not answer.errors)
    assert seen == [False, False, True]


def test_a_token_serves_its_own_request_only(old: Reader) -> None:
    token = old.ask(CITY, "ListRecords", metadataPrefix="catalogue").token
    assert token
    assert old.ask(CITY, "ListRecords", resumptionToken=token).errors == ()
    for register, verb in ((CITY, "ListIdentifiers"), (PROVINCE, "ListRecords"), (CITY, "ListSets")):
        assert old.ask(register, verb, resumptionToken=token).errors == ("badResumptionToken",)
    assert old.ask(CITY, "ListRecords", resumptionToken=token, set="x").errors == ("badArgument",)
    assert old.ask(CITY, "ListRecords", resumptionToken=token[:-1]).errors == ("badResumptionToken",)


def test_an_expired_text_is_deleted_on_its_day_and_by_no_token_seen_again(town: Town, reader: Reader) -> None:
    town.publish(live("conduct", catalogue_document("conduct", published_until=EXPIRES)))
    identifier = identifier_of("conduct")
    token = reader.ask(CITY, "ListRecords", metadataPrefix="catalogue").token
    assert states(reader.entries(CITY, metadataPrefix="catalogue"))[identifier] is False
    town.installation.clock.now = datetime(2024, 6, 30, 16, 0, 0, tzinfo=UTC)  # the 1st of July in Shanghai
    assert states(reader.entries(CITY, metadataPrefix="catalogue"))[identifier] is True
    town.installation.expire(CITY, date(2024, 7, 1))
    assert states(reader.entries(CITY, metadataPrefix="catalogue"))[identifier] is True
    old = [entry for answer in reader.follow(CITY, "ListRecords", token) for entry in answer.entries]
    assert [entry.deleted for entry in old if entry.identifier == identifier] == [True]
