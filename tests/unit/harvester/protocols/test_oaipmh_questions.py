"""OAI-PMH 2.0: what is asked, of the list and of single records."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from harvester.protocols import PROTOCOLS
from harvester.protocols.base import Envelope, Request
from harvester.protocols.oaipmh import OaiPmhReader, OaiPmhSingly
from harvester.protocols.oaipmh_envelope import TOKEN_BYTES
from harvester.protocols.oaipmh_questions import (
    ask_formats,
    ask_identifiers,
    ask_identify,
    ask_record,
    ask_sets,
)
from registry.model.datestamp import Granularity
from registry.model.run import Scope, Window
from registry.model.source import Protocol
from tests.endpoint.provider import Provider
from tests.unit.harvester.protocols.samples import source

SINCE = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FULL = Window(Scope.FULL)
DELTA = Window(Scope.DELTA, SINCE)
OAI_PMH = PROTOCOLS[Protocol.OAI_PMH]


def arguments(request: Request) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.url).query))


def test_a_walk_begins_with_who_are_you() -> None:
    assert OAI_PMH.ask(source(), FULL, "").url == "https://catalogue.hangzhou.test/oai?verb=Identify"


@pytest.mark.parametrize(
    ("granularity", "since"), [("YYYY-MM-DD", "2026-03-04"), ("YYYY-MM-DDThh:mm:ssZ", "2026-03-04T05:06:07Z")]
)
def test_then_the_window_is_asked_for_as_finely_as_the_source_understands(
    granularity: str, since: str
) -> None:
    provider = Provider([], granularity=granularity)
    reader = OaiPmhReader()
    assert list(reader.feed(provider.write(provider.answer({"verb": "Identify"})))) == []
    request = OAI_PMH.ask(source(set_spec="division:330000"), DELTA, reader.close().token)
    assert arguments(request) == {
        "verb": "ListRecords",
        "metadataPrefix": "oai_dc",
        "set": "division:330000",
        "from": since,
    }


def test_everything_is_asked_for_without_a_from() -> None:
    request = OAI_PMH.ask(source(), FULL, "ListRecords YYYY-MM-DD")
    assert arguments(request) == {"verb": "ListRecords", "metadataPrefix": "oai_dc"}


@pytest.mark.parametrize("token", ["10|||", "a b+c&d=e%2F/?#", "令牌", "list records"])
def test_a_token_goes_back_alone_and_unharmed(token: str) -> None:
    request = OAI_PMH.ask(source(set_spec="a"), DELTA, token)
    assert arguments(request) == {"verb": "ListRecords", "resumptionToken": token}
    assert request.url.isascii()
    assert "+" not in request.url


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("http://a.test/index.php?page=oai", "http://a.test/index.php?page=oai&verb=Identify"),
        ("http://a.test/oai#top", "http://a.test/oai?verb=Identify"),
    ],
)
def test_a_base_url_may_have_a_query_of_its_own(location: str, asked: str) -> None:
    assert ask_identify(source(location=location)).url == asked


def test_the_other_questions() -> None:
    assert arguments(ask_formats(source())) == {"verb": "ListMetadataFormats"}
    assert arguments(ask_sets(source())) == {"verb": "ListSets"}
    assert arguments(ask_sets(source(), "t")) == {"verb": "ListSets", "resumptionToken": "t"}
    assert arguments(ask_record(source(), "oai:x:1")) == {
        "verb": "GetRecord",
        "identifier": "oai:x:1",
        "metadataPrefix": "oai_dc",
    }
    assert arguments(ask_identifiers(source(), DELTA, Granularity.DAY)) == {
        "verb": "ListIdentifiers",
        "metadataPrefix": "oai_dc",
        "from": "2026-03-04",
    }
    assert arguments(ask_identifiers(source(), DELTA, Granularity.DAY, "t"))["resumptionToken"] == "t"


SINGLY = OaiPmhSingly()


@pytest.mark.parametrize(
    ("answered", "code"), [("GetRecord", None), ("", None), ("ListRecords", "oai-other-answer")]
)
def test_an_answer_to_another_question_is_no_record(answered: str, code: str | None) -> None:
    misfit = SINGLY.misfit(SINGLY.ask_record(source(), "oai:x:1"), Envelope(answered=answered))
    assert (misfit.code if misfit else None) == code


def test_identifiers_are_asked_for_as_the_records_were() -> None:
    beginning = f"ListRecords {Granularity.DAY}"
    assert arguments(SINGLY.ask_identifiers(source(), DELTA, beginning, ""))["from"] == "2026-03-04"
    assert arguments(SINGLY.ask_identifiers(source(), DELTA, beginning, "t"))["resumptionToken"] == "t"


def test_only_what_the_source_does_not_know_is_unknown() -> None:
    assert SINGLY.is_unknown(Envelope(error_codes=("idDoesNotExist",)))
    assert not SINGLY.is_unknown(Envelope(error_codes=("cannotDisseminateFormat",)))


_END = b"</ListRecords>\n</OAI-PMH>\n"


@pytest.mark.parametrize(
    ("end", "token"),
    [
        (b"<resumptionToken>page 3</resumptionToken>" + _END, "page 3"),
        (b'x<resumptionToken cursor="2">\n a&amp;b|c \n</resumptionToken>\n' + _END, "a&b|c"),
        (b"<resumptionToken>%b</resumptionToken>" % (b"t" * TOKEN_BYTES) + _END, "t" * TOKEN_BYTES),
        (b"<resumptionToken>%b</resumptionToken>" % (b"t" * (TOKEN_BYTES + 1)) + _END, ""),
        (b"<resumptionToken>a&#98;</resumptionToken>" + _END, ""),
        (b"<resumptionToken>\xff</resumptionToken>" + _END, ""),
        (b"<resumptionToken></resumptionToken>" + _END, ""),
        (b"<resumptionTokens>page 3</resumptionTokens>" + _END, ""),
        (b"<resumptionToken>page 3</resumptionToken><record/>" + _END, ""),
        (b"<resumptionToken>page 3</resumptionToken>" + _END + b"<more/>", ""),
        (_END, ""),
    ],
)
def test_the_token_behind_a_page_that_cannot_be_read(end: bytes, token: str) -> None:
    assert SINGLY.token_behind(end) == token
