"""The HTTP door, against real endpoints on loopback addresses: answers, faults, retry hints."""

from __future__ import annotations

import pytest

from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.http import Policy
from harvester.protocols.base import Request
from tests.endpoint import FAULTS, Endpoint, Level, sample_records
from tests.endpoint.tls import authority_pem
from tests.unit.harvester.http.asking import (
    HASTE_NEEDED,
    HASTY,
    LOOPBACK,
    PATIENT,
    fetcher,
    get,
    identify,
    source,
)


def test_an_answer_has_a_status_headers_and_a_body(city: Endpoint) -> None:
    answer, content = get(identify(city))
    assert (answer.status, answer.not_modified) == (200, False)
    assert answer.headers == {"Content-Type": "text/xml; charset=UTF-8"}
    assert content.endswith(b"</OAI-PMH>\n")


def test_a_request_says_who_asks_and_carries_nothing_else(city: Endpoint) -> None:
    get(identify(city), fetcher(Policy(LOOPBACK, contact="mailto:registry@example.org")))
    headers = city.visits[0].headers
    assert headers["user-agent"] == "Mulu (catalogue harvester; mailto:registry@example.org)"
    assert headers["accept-encoding"] == "gzip, deflate"
    assert not {"cookie", "authorization", "referer", "x-forwarded-for"} & headers.keys()


def test_gzip_is_inflated(city: Endpoint) -> None:
    _, plain = get(f"{city.oai_url}?verb=ListRecords&metadataPrefix=oai_dc")
    city.faults = ["gzip"]
    _, inflated = get(f"{city.oai_url}?verb=ListRecords&metadataPrefix=oai_dc")
    assert (len(inflated), inflated[-12:]) == (len(plain), plain[-12:])


def test_a_list_that_has_not_changed_is_an_answer_of_its_own(city: Endpoint) -> None:
    asking = fetcher()
    answer, _ = get(city.list_url, asking)
    again = Request(city.list_url, {"If-None-Match": answer.headers["ETag"]}, whole_list=True)
    with asking.fetch(again, source(city.list_url)) as second:
        assert (second.status, second.not_modified, list(second.chunks())) == (304, True, [])
        assert second.headers["ETag"] == answer.headers["ETag"]


def test_what_cannot_be_sent_back_is_no_validator(city: Endpoint) -> None:
    """Else every later question about the list would fail."""
    city.faults = ["strange-validators"]
    answer, _ = get(city.list_url)
    assert not {"ETag", "Last-Modified"} & answer.headers.keys()


def test_a_validator_that_cannot_be_sent_is_left_out(city: Endpoint) -> None:
    asking = fetcher()
    again = Request(city.list_url, {"If-None-Match": '"a�b"'}, whole_list=True)
    with asking.fetch(again, source(city.list_url)) as answer:
        assert answer.status == 200
    assert "if-none-match" not in city.visits[-1].headers
    city.faults = ["unasked-304"]
    with (
        pytest.raises(ProtocolFailure, match="304"),
        asking.fetch(again, source(city.list_url)),
    ):
        pass


def test_a_304_that_nobody_asked_for_is_no_answer(city: Endpoint) -> None:
    city.faults = ["unasked-304"]
    with pytest.raises(ProtocolFailure, match="304"):
        get(city.list_url)


FAILURES: dict[str, tuple[type[HarvestFailure], str]] = {
    "refused": (TransportFailure, "no connection"),
    "tls-expired": (FatalFailure, "certificate has expired"),
    "tls-wrong-name": (FatalFailure, "certificate does not verify"),
    "tls-untrusted": (FatalFailure, "certificate does not verify"),
    "tls-missing": (TransportFailure, "TLS could not be agreed on"),
    "tls-client": (TransportFailure, "TLS|connection"),
    "silent": (TransportFailure, "nothing for 0.6 seconds"),
    "header-trickle": (TransportFailure, "header did not arrive within 0.8 seconds"),
    "body-trickle": (TransportFailure, "less than 1024 bytes a second"),
    "stalled": (TransportFailure, "nothing for 0.6 seconds"),
    "closed": (TransportFailure, "broke off"),
    "reset": (TransportFailure, "broke off"),
    "reset-at-once": (TransportFailure, "broke off"),
    "reset-in-header": (TransportFailure, "broke off"),
    "reset-at-end": (TransportFailure, "broke off"),
    "short-body": (TransportFailure, "broke off"),
    "two-lengths": (ProtocolFailure, "not HTTP"),
    "cut-chunks": (TransportFailure, "broke off"),
    "garbled-chunks": (TransportFailure, "broke off"),
    "endless-chunks": (ProtocolFailure, "longer than 1048576 bytes"),
    "header-flood": (ProtocolFailure, "header"),
    "long-field": (ProtocolFailure, "header"),
    "other-protocol": (ProtocolFailure, "not HTTP"),
    "redirect-loop": (ProtocolFailure, "more than 3 redirects"),
    "redirect-inside": (ProtocolFailure, "another host"),
    "redirect-elsewhere": (ProtocolFailure, "another host"),
    "redirect-port": (ProtocolFailure, "another host"),
    "redirect-file": (ProtocolFailure, "another host"),
    "redirect-number": (ProtocolFailure, "another host"),
    "unauthorised": (FatalFailure, "HTTP 401"),
    "forbidden": (FatalFailure, "HTTP 403"),
    "unasked-304": (ProtocolFailure, "304"),
    "no-content": (ProtocolFailure, "HTTP 204"),
    "gone": (ProtocolFailure, "HTTP 404"),
    "error": (TransportFailure, "HTTP 500"),
    "gzip-bomb": (ProtocolFailure, "inflates"),
    "gzip-parts": (ProtocolFailure, "too many small parts"),
    "double-gzip": (ProtocolFailure, "not asked for"),
    "false-gzip": (ProtocolFailure, "compressed by gzip but is not"),
    "false-brotli": (ProtocolFailure, "not asked for"),
    "cut-gzip": (TransportFailure, "cut off"),
}
WAITS = {"at-once": 1, "for-ever": 6 * 3600, "in-the-past": 1, "garbage": None, "untold": None}
FAILURES |= {
    f"busy-{code}-{name}": (TransportFailure, f"HTTP {code}") for code in (429, 503) for name in WAITS
}
PASSED_ON = {
    "tls", "gzip", "deflate", "short-without-length", "understated-length", "login-page", "empty",
    "no-list", "zeros", "cut-page", "external-entity", "style-sheet", "error-on-page-2",
    "strange-validators",
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_a_fault_is_told_by_its_consequence(name: str) -> None:
    kind, message = FAILURES[name]
    authorities = {"ca_bundle": "env:CA"} if name.startswith("tls") else {}
    limits = HASTY if name in HASTE_NEEDED else PATIENT
    asking = fetcher(secret=lambda _: authority_pem(), limits=limits)
    with Endpoint(sample_records(25), [name]) as endpoint, pytest.raises(kind, match=message) as caught:
        get(f"{endpoint.oai_url}?verb=ListRecords&metadataPrefix=oai_dc", asking, **authorities)
    assert type(caught.value) is kind
    assert caught.value.text.zh


def test_every_fault_below_the_list_has_its_place_here() -> None:
    """How a text is encoded is nothing to the door: it passes all of them on."""
    below = {
        fault.name for fault in FAULTS.values()
        if fault.level not in (Level.LIST, Level.PAGE) and not fault.name.startswith("text-")
    }  # fmt: skip
    assert below == FAILURES.keys() | PASSED_ON


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(("name", "seconds"), WAITS.items())
def test_the_time_that_a_source_asks_for_is_clamped(code: int, name: str, seconds: float | None) -> None:
    with Endpoint(faults=[f"busy-{code}-{name}"]) as endpoint, pytest.raises(TransportFailure) as caught:
        get(identify(endpoint))
    assert caught.value.retry_after == seconds
