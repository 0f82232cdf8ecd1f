"""``about/provenance``: one level a hop, the nearest outermost."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from lxml import etree

from registry.model.record import Hop
from registry.outlets.oaipmh.provenance import about
from schemas.oaipmh import PROVENANCE

CITY = Hop("", "http://city.example/oai", "2024-01-01", "urn:mulu:catalogue:1", "2024-01-02T00:00:00Z")
REGISTER = Hop(
    "330100", "http://mulu.example/oai/330100", "2024-01-02T00:00:01Z", "urn:mulu:catalogue:1",
    "2024-01-03T00:00:00Z",
)  # fmt: skip


def levels(*path: Hop, converted: bool = False) -> list[tuple[str, str, str, str, str]]:
    """(base URL, identifier, datestamp, harvest date, altered) of each level, outermost first."""
    written = about(msgspec.json.encode(path).decode(), b"oai:a.b:1&amp;2", converted)
    if not written:
        return []
    found = []
    (provenance,) = etree.fromstring(written)
    at = provenance.find(f"{{{PROVENANCE}}}originDescription")
    while at is not None:
        texts = {str(etree.QName(child).localname): child.text or "" for child in at}
        found.append(
            (
                texts["baseURL"],
                texts["identifier"],
                texts["datestamp"],
                str(at.get("harvestDate")),
                str(at.get("altered")),
            )
        )
        at = at.find(f"{{{PROVENANCE}}}originDescription")
    return found


def test_levels_are_nested_the_nearest_outermost() -> None:
    assert levels(CITY, REGISTER) == [
        (REGISTER.base_url, "oai:a.b:1&2", REGISTER.datestamp, REGISTER.harvested_at, "false"),
        (CITY.base_url, "oai:a.b:1&2", CITY.datestamp, CITY.harvested_at, "true"),
    ]


def test_another_format_is_an_alteration_on_the_last_hop_only() -> None:
    assert [level[4] for level in levels(CITY, REGISTER, REGISTER, converted=True)] == [
        "true",
        "false",
        "true",
    ]


def test_a_source_without_datestamps_goes_by_its_harvest() -> None:
    for datestamp in ("", "junk", "2024-01-01T00:00:00.5Z"):
        assert levels(replace(CITY, datestamp=datestamp))[0][2] == CITY.harvested_at


def test_nothing_is_told_of_folders_and_of_nonsense() -> None:
    assert levels() == []
    untold = (
        replace(CITY, base_url="/srv/deliveries/hangzhou"),
        replace(CITY, base_url="file:///srv/deliveries"),
        replace(CITY, base_url="http://city.example/a b"),
        replace(CITY, namespace="not a namespace"),
        replace(CITY, harvested_at=""),
    )
    assert levels(*untold) == []
    assert len(levels(*untold, REGISTER)) == 1


def test_a_format_without_namespace_has_none() -> None:
    assert len(levels(replace(CITY, namespace=""))) == 1


@pytest.mark.parametrize(
    "base_url",
    [
        "http://city.example/oai?apikey=s3cret&verb=ListRecords",
        "http://wang:s3cret@city.example/oai",
        "http://wang%40hz:s3cret@city.example/oai?x=%20#s3cret",
        "http://city.example/oai#s3cret",
    ],
)
@pytest.mark.parametrize("behind", [(), (REGISTER,)])
def test_only_the_public_part_of_an_address_is_told(base_url: str, behind: tuple[Hop, ...]) -> None:
    path = (replace(CITY, base_url=base_url), *behind)
    assert levels(*path)[-1][0] == "http://city.example/oai"
    assert b"s3cret" not in about(msgspec.json.encode(path).decode(), b"oai:a.b:1", converted=False)


@pytest.mark.parametrize(
    "location",
    ["/srv/deliveries/330100", "file:///srv/deliveries", "folder:/srv/deliveries?x=1", "C:\\deliveries",
     "http:///srv/deliveries", "http://[srv/deliveries", "http://user:secret@/srv"],
)  # fmt: skip
def test_folders_are_not_told(location: str) -> None:
    assert levels(replace(CITY, base_url=location)) == []
    assert [level[0] for level in levels(replace(CITY, base_url=location), REGISTER)] == [REGISTER.base_url]
