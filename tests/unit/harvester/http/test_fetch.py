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
    Turns,
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


def test_a_304_that_nobody_asked_for_is_no_answer(city: Endpoint) -> None:
    city.faults = ["unasked-304"]
    with pytest.raises(ProtocolFailure, match="304"):
        get(city.list_url)


FAILURES: dict[str, tuple[type[HarvestFailure], str]] = {
    "refused": (TransportFailure, "no connection"),
    "tls-expired": (FatalFailure, "certificate has expired"),
    "tls-wrong-name": (FatalFailure, "certificate does not verify"),
    "tls-client": (TransportFailure, "TLS|connection"),
    "silent": (TransportFailure, "nothing for 0.6 seconds"),
    "header-trickle": (TransportFailure, "header did not arrive within 0.8 seconds"),
    "body-trickle": (TransportFailure, "less than 1024 bytes a second"),
    "reset": (TransportFailure, "broke off"),
    "short-body": (TransportFailure, "broke off"),
    "cut-chunks": (TransportFailure, "broke off"),
    "endless-chunks": (ProtocolFailure, "longer than 1048576 bytes"),
    "header-flood": (ProtocolFailure, "header"),
    "redirect-loop": (ProtocolFailure, "more than 3 redirects"),
    "redirect-inside": (ProtocolFailure, "another host"),
    "redirect-elsewhere": (ProtocolFailure, "another host"),
    "busy-at-once": (TransportFailure, "HTTP 429"),
    "busy-for-ever": (TransportFailure, "HTTP 503"),
    "busy-in-the-past": (TransportFailure, "HTTP 503"),
    "busy-garbage": (TransportFailure, "HTTP 503"),
    "unauthorised": (FatalFailure, "HTTP 401"),
    "unasked-304": (ProtocolFailure, "304"),
    "gone": (ProtocolFailure, "HTTP 404"),
    "gzip-bomb": (ProtocolFailure, "inflates"),
    "double-gzip": (ProtocolFailure, "not asked for"),
    "false-gzip": (ProtocolFailure, "compressed by gzip but is not"),
    "cut-gzip": (TransportFailure, "cut off"),
}
PASSED_ON = {
    "tls", "gzip", "short-without-length", "understated-length", "login-page", "empty", "no-list", "cut-page",
    "external-entity", "false-label", "error-on-page-2",
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_a_fault_is_told_by_its_consequence(name: str) -> None:
    turns = Turns()
    kind, message = FAILURES[name]
    authorities = {"ca_bundle": "env:CA"} if name.startswith("tls") else {}
    limits = HASTY if name in HASTE_NEEDED else PATIENT
    asking = fetcher(turns=turns, secret=lambda _: authority_pem(), limits=limits)
    with Endpoint(sample_records(25), [name]) as endpoint, pytest.raises(kind, match=message) as caught:
        get(f"{endpoint.oai_url}?verb=ListRecords&metadataPrefix=oai_dc", asking, **authorities)
    assert type(caught.value) is kind
    assert caught.value.text.zh
    assert (len(turns.taken), turns.open) == (1, 0)


def test_every_fault_below_the_list_has_its_place_here() -> None:
    below = {fault.name for fault in FAULTS.values() if fault.level is not Level.PAGE}
    assert below == FAILURES.keys() | PASSED_ON


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("busy-at-once", 1), ("busy-for-ever", 6 * 3600), ("busy-in-the-past", 1), ("busy-garbage", None)],
)
def test_the_time_that_a_source_asks_for_is_clamped(name: str, seconds: float | None) -> None:
    with Endpoint(faults=[name]) as endpoint, pytest.raises(TransportFailure) as caught:
        get(identify(endpoint))
    assert caught.value.retry_after == seconds
