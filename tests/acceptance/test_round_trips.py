"""What was exported is imported again: the same entries, whatever their sources call them within their documents."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.conftest import Mulu
from tests.crash.choice import on_postgresql_in_full
from tests.endpoint import Endpoint, Record, catalogue_record

KINDS = {"catalogue": "xml", "csv": "csv", "xlsx": "xlsx", "oai_dc": "xml"}
"""Formats that can be read again, and the ends of the names of their files."""

HEADERS = (
    "oai:a.b:5%20x",
    "oai:quzhou.example:1",
    "urn:x:1",
    "https://h.example:8443/p?q=1&z=2",
    "doi:10.1/abc",
    "oai:a：中文",
)
"""Identifiers in headers, of records whose documents say ``local0`` and so on."""


def add_source(mulu: Mulu, register: str, code: str, *options: str) -> None:
    mulu("source", "add", code, "--register", register, "--name", code, *options)
    mulu("source", "submit", code)
    mulu("source", "approve", code, "--as", "reviewer")


@pytest.fixture
def cities(mulu: Mulu) -> Iterator[str]:
    """A province over two cities; their lists call their records 0000 to 0002, both."""
    mulu("register", "add", "330700", "--name", "金华市", "--level", "municipal")
    mulu("register", "add", "330000", "--name", "浙江省", "--level", "provincial")
    with ExitStack() as stack:
        for city in ("330700", "330800"):
            records = [
                Record("", "", catalogue_record(f"{number:04}", f"{city} 项目", division=city))
                for number in range(3)
            ]
            endpoint = stack.enter_context(Endpoint(records))
            add_source(mulu, city, f"list-{city}", "--protocol", "xml-document", "--location", endpoint.list_url,
                       "--namespace", f"c{city}.example", "--allow-network", "127.0.0.1/32")  # fmt: skip
            add_source(mulu, "330000", f"up-{city}", "--protocol", "register", "--location", city)
        mulu("harvest", "--all")
        yield "330000"


@pytest.fixture
def headers(mulu: Mulu) -> Iterator[str]:
    """A city that has its identifiers in the headers of OAI-PMH only."""
    records = [
        Record(
            header,
            "2024-01-01T00:01:00Z",
            catalogue_record(f"local{number}", f"项目{number}", division="330800"),
        )
        for number, header in enumerate(HEADERS)
    ]
    endpoint = Endpoint(records)
    endpoint.provider.prefix, endpoint.provider.namespace = "catalogue", "urn:mulu:catalogue:1"
    with endpoint:
        add_source(mulu, "330800", "quzhou", "--protocol", "oai-pmh", "--location", endpoint.oai_url,
                   "--allow-network", "127.0.0.1/32")  # fmt: skip
        mulu("harvest", "quzhou")
        yield "330800"


def lines_of(mulu: Mulu, register: str) -> list[str]:
    """Its entries, each with its identifier and its document, byte by byte."""
    return sorted(mulu("export", register, "--audience", "peer").splitlines()[2:-1])


def identifiers_of(mulu: Mulu, register: str, folder: Path) -> list[str]:
    file = folder / "identifiers.csv"
    mulu("export", register, "--format", "csv", "-o", file)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return sorted(row["identifier"] for row in csv.DictReader(stream))


@on_postgresql_in_full
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("origin", ["cities", "headers"])
def test_an_export_makes_the_same_entries_anywhere(
    mulu: Mulu, request: pytest.FixtureRequest, tmp_path: Path, origin: str, kind: str
) -> None:
    register = request.getfixturevalue(origin)
    file = tmp_path / f"export.{KINDS[kind]}"
    mulu("export", register, "--format", kind, "-o", file)
    prefix = ("--prefix", kind) if kind == "oai_dc" else ()

    mulu("register", "add", "000000", "--name", "全国", "--level", "national")
    (elsewhere,) = mulu.json("import", "000000", file, *prefix)["runs"]
    assert (elsewhere["accepted"], elsewhere["refused"]) == (6, 0)
    assert identifiers_of(mulu, "000000", tmp_path) == identifiers_of(mulu, register, tmp_path)
    if kind != "oai_dc":
        assert lines_of(mulu, "000000") == lines_of(mulu, register)

    before = identifiers_of(mulu, register, tmp_path)
    (here,) = mulu.json("import", register, file, *prefix)["runs"]
    assert (here["accepted"], here["refused"]) == (6, 0)
    assert identifiers_of(mulu, register, tmp_path) == before
    mulu("verify")


def test_the_identifiers_are_those_of_the_sources(mulu: Mulu, headers: str, tmp_path: Path) -> None:
    assert identifiers_of(mulu, headers, tmp_path) == sorted(HEADERS)
    assert mulu("export", headers).count("<mdId>local") == len(HEADERS)


def test_a_table_may_say_what_an_entry_goes_by(mulu: Mulu, cities: str, tmp_path: Path) -> None:
    """Where it says nothing, the metadata identifier does; what it says is checked as any."""
    file = tmp_path / "export.csv"
    mulu("export", cities, "--format", "csv", "-o", file)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    named = ["", "no identifier", "oai:a.b:11010519491231002X", "oai:c330800.example:0000", "", ""]
    for number, (row, identifier) in enumerate(zip(rows, named, strict=True)):
        row |= {"identifier": identifier, "mdId": f"{number}"}
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    mulu("source", "amend", "up-330800", "--identifier-prefix", "oai:c330800.example:")
    mulu("source", "approve", "up-330800", "--as", "reviewer")
    told = mulu.json("import", "330000", file, "--namespace", "d.example", code=3)
    assert (told["runs"][0]["accepted"], told["runs"][0]["refused"]) == (3, 3)
    assert {each["code"] for each in told["issues"] if each["severity"] == "error"} == {
        "identifier-invalid", "identifier-citizen-number", "identifier-owned",
    }  # fmt: skip
    added = {f"oai:d.example:{number}" for number in (0, 4, 5)}
    assert added < set(identifiers_of(mulu, cities, tmp_path))
