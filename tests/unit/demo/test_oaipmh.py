"""The sample's provider, against the protocol: errors, ranges, pages, and the official schema."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from lxml import etree

from demo.catalogue import CATALOGUE, OAI_DC
from demo.generator import records_of
from demo.oaipmh import OAI, Provider
from demo.places import place
from tests.shared import SHARED, needs_shared

NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
WHERE = place("330127")
RECORDS = records_of(WHERE)
PROVIDER = Provider(WHERE, RECORDS, "http://127.0.0.1:1/c/330127/oai", page=7)
NS = {"o": OAI}
XSD = SHARED / "data" / "xsd"


def ask(**arguments: str) -> etree._Element:
    pairs = [(name.removesuffix("_"), text) for name, text in arguments.items()]
    return etree.fromstring(PROVIDER.answer(pairs, NOW))


def texts(root: etree._Element, path: str) -> list[str]:
    return [each.text or "" for each in root.findall(path, NS)]


def pages(**arguments: str) -> Iterator[etree._Element]:
    root = ask(**arguments)
    yield root
    while token := root.findtext(".//o:resumptionToken", "", NS):
        root = ask(verb=arguments["verb"], resumptionToken=token)
        yield root


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "junk"}, "badVerb"),
        ({"verb": "Identify", "junk": "1"}, "badArgument"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "GetRecord", "metadataPrefix": "oai_dc"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "junk"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "junk"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2025-01-01",
          "until": "2025-01-01T00:00:00Z"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2025-02-01", "until": "2025-01-01"},
         "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2025-12-01"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "junk"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "resumptionToken": "junk"}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": "oai_dc!!!!9999"}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": "oai_dc!!!!7", "metadataPrefix": "oai_dc"}, "badArgument"),
        ({"verb": "ListSets", "resumptionToken": "junk"}, "badResumptionToken"),
        ({"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": 'invalid"id'}, "idDoesNotExist"),
        ({"verb": "ListMetadataFormats", "identifier": "oai:nobody:1"}, "idDoesNotExist"),
    ],
)  # fmt: skip
def test_errors(arguments: dict[str, str], code: str) -> None:
    root = ask(**arguments)
    error = root.find("o:error", NS)
    assert error is not None
    assert error.get("code") == code
    told = root.find("o:request", NS)
    assert told is not None
    assert bool(told.attrib) == (code not in ("badVerb", "badArgument"))


def test_repeated_arguments_are_refused() -> None:
    root = etree.fromstring(PROVIDER.answer([("verb", "ListSets"), ("verb", "ListSets")], NOW))
    assert root.find("o:error[@code='badVerb']", NS) is not None
    twice = [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("metadataPrefix", "oai_dc")]
    root = etree.fromstring(PROVIDER.answer(twice, NOW))
    assert root.find("o:error[@code='badArgument']", NS) is not None


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_a_walk_lists_every_record_once_and_ends_with_an_empty_token(verb: str) -> None:
    walked = list(pages(verb=verb, metadataPrefix="catalogue"))
    identifiers = [text for root in walked for text in texts(root, ".//o:header/o:identifier")]
    assert identifiers == [each.identifier for each in RECORDS]
    tokens = [root.find(".//o:resumptionToken", NS) for root in walked]
    assert [token is not None and token.get("cursor") for token in tokens] == [
        str(7 * page) for page in range(len(walked))
    ]
    assert {token.get("completeListSize") for token in tokens if token is not None} == {str(len(RECORDS))}


def test_ranges_are_inclusive_and_kept_by_tokens() -> None:
    stamps = [each.datestamp for each in RECORDS]
    since, until = stamps[5], stamps[25]
    walked = pages(
        verb="ListIdentifiers",
        metadataPrefix="catalogue",
        from_=since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        until=until.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    found = [text for root in walked for text in texts(root, ".//o:identifier")]
    assert found == [each.identifier for each in RECORDS if since <= each.datestamp <= until]


def test_days_mean_their_first_and_last_second() -> None:
    day = RECORDS[-1].datestamp.date()
    root = ask(verb="ListIdentifiers", metadataPrefix="oai_dc", from_=f"{day}", until=f"{day}")
    expected = [each.identifier for each in RECORDS if each.datestamp.date() == day]
    assert texts(root, ".//o:identifier") == expected[:7]


def test_sets_part_the_list() -> None:
    listed = texts(ask(verb="ListSets"), ".//o:setSpec")
    found = {
        spec: sum(
            len(texts(root, ".//o:header"))
            for root in pages(verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec)
        )
        for spec in listed
    }
    assert sum(found.values()) == len(RECORDS)
    assert all(found.values())


def test_deleted_records_are_headers_only() -> None:
    provider = Provider(place("330100"), records_of(place("330100")), "http://127.0.0.1:1/oai", page=500)
    answer = provider.answer([("verb", "ListRecords"), ("metadataPrefix", "catalogue")], NOW)
    records = etree.fromstring(answer).findall(".//o:record", NS)
    deleted = [each for each in records if each.find("o:header[@status='deleted']", NS) is not None]
    assert len(deleted) == sum(each.deleted for each in records_of(place("330100"))) > 0
    assert all(each.find("o:metadata", NS) is None for each in deleted)


def test_the_response_date_has_whole_seconds() -> None:
    assert ask(verb="Identify").findtext("o:responseDate", "", NS) == "2026-01-02T03:04:05Z"


@needs_shared
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"verb": "Identify"},
        {"verb": "ListSets"},
        {"verb": "ListMetadataFormats"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "metadataPrefix": "catalogue"},
        {"verb": "ListIdentifiers", "metadataPrefix": "catalogue", "set": "credit"},
        {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": RECORDS[0].identifier},
        {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:nobody:1"},
    ],
)
def test_answers_are_valid_against_the_official_schema(arguments: dict[str, str]) -> None:
    _official_schema().assertValid(ask(**arguments))


class _Nearby(etree.Resolver):
    """Finds the schemas that others name by their addresses among those that lie here."""

    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]  # stubs
        file = XSD / system_url.rpartition("/")[2]
        return self.resolve_filename(str(file), context) if file.is_file() else None  # type: ignore[attr-defined]


@cache
def _official_schema() -> etree.XMLSchema:
    """The strict official schema of OAI-PMH, with those of both payloads."""
    parser = etree.XMLParser()
    parser.resolvers.add(_Nearby())
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{file}"/>'
        for namespace, file in (
            (OAI, XSD / "OAI-PMH.xsd"),
            (OAI_DC, XSD / "oai_dc.xsd"),
            (CATALOGUE, files("schemas") / "catalogue" / "catalogue.xsd"),
        )
    )
    umbrella = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(umbrella, parser))
