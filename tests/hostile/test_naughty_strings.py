"""Strings that have broken other programs go through every text that is harvested, and out by every door."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from harvester.rules.base import masked
from tests.acceptance.conftest import Mulu
from tests.conftest import Tell
from tests.crash.choice import on_postgresql_in_full
from tests.endpoint import Endpoint, Record
from tests.hostile.filled import filled, sendable
from tests.hostile.outlets import (
    UNSEEN,
    WRITTEN,
    exported,
    formulas_in,
    links_in,
    listed,
    texts_in,
    titles_in,
)
from tests.hostile.site import REGISTER, SOURCE, Site
from tests.integration.repository import Reader
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

TODAY = datetime.now(UTC).date()
PARTS = pytest.mark.parametrize("part", [10, pytest.param(1, marks=pytest.mark.full)])
"""Where much is asked for each string: CI asks it for one in so many, and for those that deceive the eye."""


def chosen(part: int) -> list[tuple[int, str]]:
    """Strings and their numbers: one in ``part``, and those that deceive."""
    return [
        (number, text)
        for number, text in enumerate(naughty())
        if not number % part or UNSEEN.search(text) or text in OURS
    ]


def naughty() -> list[str]:
    """All of them, and some about spreadsheets, screens and names that nobody can tell apart."""
    found: list[str] = json.loads((SHARED / "data" / "hostile" / "blns" / "blns.json").read_text("utf-8"))
    return list(dict.fromkeys([*found, *OURS]))


OURS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "=cmd|'/C calc'!A0", '=HYPERLINK("http://evil.test","x")', "]]>",
    "<![CDATA[x]]>", "&amp;lt;", "\u202etxt.exe", "a\u2066b\u2069", "\x9b31mred", "\x85", "名\u200b称", "\ufeff名",
    "e\u0301", "𠮷野家", "🏗️", "%00", "${7*7}", "{{7*7}}", "{0.__class__}", "%s%n", "\\u202e", "'; --", "[red]x[/red]",
)  # fmt: skip


def key_of(number: int) -> str:
    return f"k{number:04}"


def safe(text: str) -> str:
    """What must be shown of a string in a title: without what is masked, as XML reads white space."""
    plain = re.sub("\r\n?", "\n", sendable(text)[:500])
    return masked(plain).strip(" \t\n")


@pytest.fixture
def site(prepared: Mulu) -> Any:
    with Endpoint([], page_size=100) as city:
        city.provider.prefix = "catalogue"
        yield Site.found(prepared, city)


def harvest(site: Site, records: Sequence[Record]) -> dict[str, str]:
    """Harvest these records; the codes of issues by the identifier of the record that was refused."""
    site.city.provider.records[:] = records
    told = site.harvest("--full", code=0)
    assert (told["status"], told["ending"], told["received"]) == ("published", "finished", len(records))
    shown = site.mulu.json("run", "show", str(told["run"]), "--issues", "10000")
    assert all(each["message"]["zh"] and each["message"]["en"] for each in shown["issues"])
    refused = {each["identifier"]: each["code"] for each in shown["issues"] if each["severity"] == "error"}
    assert bool(refused) == bool(told["refused"])
    return refused


@on_postgresql_in_full
def test_in_every_text(site: Site, tell: Tell) -> None:
    """Titles, passages, names and codes: what is accepted comes out as it went in, by every door."""
    strings = naughty()
    records = [filled(key_of(number), text, TODAY) for number, text in enumerate(strings)]
    refused = harvest(site, records)
    wanted = {
        record.identifier: safe(text)
        for record, text in zip(records, strings, strict=True) if record.identifier not in refused
    }  # fmt: skip
    assert set(refused.values()) <= {"schema-empty"}, refused
    assert [
        text
        for record, text in zip(records, strings, strict=True)
        if record.identifier in refused and safe(text)
    ] == []
    for prefix in WRITTEN:
        shown = {
            entry.identifier: titles_in(prefix, entry.metadata) for at, entry in listed(site) if at == prefix
        }
        assert shown == {identifier: [title] for identifier, title in wanted.items()}
    for prefix, content in exported(site).items():
        assert sorted(titles_in(prefix, content)) == sorted(wanted.values())
        if prefix not in WRITTEN:
            assert formulas_in(prefix, content) == []
        assert UNSEEN.findall(texts_in(prefix, content)) == []
    tell(
        f"naughty strings: {len(wanted)} of {len(strings)} accepted in every text, the others refused with a reason"
    )


@on_postgresql_in_full
def test_in_identifiers_and_links(site: Site) -> None:
    """What is a URI comes out as it went in; links that are none are dropped, identifiers that are none refused."""
    strings = naughty()
    named = [
        replace(filled(key_of(number), "名称", TODAY), identifier=f"oai:endpoint.test:{sendable(text)}")
        for number, text in enumerate(strings)
    ]
    linked = [filled(f"l{number:04}", "名称", TODAY, link=text) for number, text in enumerate(strings)]
    keyed = [
        replace(filled(sendable(text), "名称", TODAY), identifier=f"oai:endpoint.test:m{number:04}")
        for number, text in enumerate(strings)
    ]
    harvest(site, [*named, *linked, *keyed])
    wanted = {each.identifier for each in named}
    for _, entry in listed(site):
        assert entry.identifier in wanted or entry.identifier[:19] in (
            "oai:endpoint.test:l",
            "oai:endpoint.test:m",
        )
        assert UNSEEN.findall(entry.metadata.decode()) == []
    links = [link for prefix, content in exported(site).items() for link in links_in(prefix, content)]
    assert links and all(link.startswith(("http://", "https://")) for link in links)


def commands(number: int, text: str) -> list[list[str]]:
    """What shows a record or looks for it, with its string as an argument where one is wanted."""
    identifier = f"oai:endpoint.test:{key_of(number)}"
    word = text.replace("\0", "") or "x"
    return [
        ["entry", "show", REGISTER, identifier],
        ["entry", "history", REGISTER, identifier],
        ["entry", "explain", REGISTER, identifier],
        ["search", REGISTER, "--", word],
        ["entry", "show", REGISTER, "--", word],
        ["register", "show", "--", word],
        ["source", "show", "--", word],
        ["export", REGISTER, f"--set={word}"],
        ["run", "list", f"--source={word}"],
    ]


def check_commands(site: Site, strings: Sequence[tuple[int, str]]) -> None:
    """Each command ends as it may, and prints nothing that could deceive: as text and as JSON."""
    for number, text in strings:
        for command in commands(number, text):
            for options in ([], ["--json"]):
                if command[0] == "export" and options:
                    continue
                at = command.index("--") if "--" in command else len(command)
                printed = site.mulu.ended(*command[:at], *options, *command[at:])
                assert printed.code in (0, 1, 2), (command, printed)
                assert UNSEEN.findall(printed.output + printed.said) == [], (command, printed)
                if options and not printed.code:
                    json.loads(printed.output)


@PARTS
@on_postgresql_in_full
def test_at_the_command_line(site: Site, part: int) -> None:
    harvest(site, [filled(key_of(number), text, TODAY) for number, text in enumerate(naughty())])
    check_commands(site, chosen(part))


@on_postgresql_in_full
def test_in_questions(site: Site) -> None:
    """OAI-PMH arguments that are anything give a valid answer, and what is repeated of them is escaped."""
    harvest(site, [filled("1", "名称", TODAY)])
    with site.app() as app:
        reader = Reader(app)
        for text in naughty():
            for argument in (
                "verb",
                "identifier",
                "metadataPrefix",
                "resumptionToken",
                "set",
                "from",
                "until",
                text,
            ):
                answer = reader.ask(REGISTER, "" if argument == "verb" else "ListRecords", [(argument, text)])
                assert answer.errors, (argument, text)


@PARTS
@on_postgresql_in_full
def test_in_addresses(site: Site, part: int) -> None:
    """Every page whose address has a free part: no string makes it fail, and none comes back unescaped."""
    with site.app() as app:
        rules = [
            each for each in app.url_map.iter_rules() if each.arguments and "GET" in (each.methods or ())
        ]
        assert rules
        client = app.test_client()
        for _, text in chosen(part):
            for rule in rules:
                address = re.sub("<[^>]*>", quote(text, safe="") or "x", rule.rule)
                response = client.get(address)
                assert response.status_code < 500, (address, response.status_code)
                if "<script" in text.lower() and response.mimetype != "text/plain":
                    assert text not in response.get_data(as_text=True), address


@on_postgresql_in_full
def test_in_what_an_endpoint_says_of_itself(site: Site) -> None:
    """Its name and its errors are told in plain sight."""
    site.city.provider.records[:] = [filled("1", "名称", TODAY)]
    site.city.provider.name = sendable("".join(naughty()))
    for faults, code in (((), 0), (("no-such-format",), 1)):
        site.city.faults = faults
        for options in ([], ["--json"]):
            probed = site.mulu.ended("source", "probe", SOURCE, *options)
            assert (probed.code, UNSEEN.findall(probed.output + probed.said)) == (code, [])
