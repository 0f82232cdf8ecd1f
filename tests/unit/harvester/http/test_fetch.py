"""The HTTP door, against real endpoints on loopback addresses."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from config.settings import Http
from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.http import Answer, Fetcher, Policy
from harvester.http.access import Secret, no_secrets
from harvester.protocols.base import Request
from registry.model.source import Protocol, SourceDescription
from tests.endpoint import FAULTS, Endpoint, Level, sample_records
from tests.endpoint.tls import authority_pem, certificate_pem

PATIENT = Http(page_wire_bytes=1 << 20, page_inflated_bytes=4 << 20)
HASTY = Http(gap_seconds=0.6, headers_seconds=0.8, rate_window_seconds=0.3)
HASTE_NEEDED = ("silent", "header-trickle", "body-trickle")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOOPBACK = ("127.0.0.0/8",)


class Turns:
    """Turns as they are taken and given back, without waiting."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.open = 0

    def take_turn(self, host: str) -> None:
        self.taken.append(host)
        self.open += 1

    def give_back(self, host: str) -> None:
        assert host in self.taken
        self.open -= 1


def fetcher(
    policy: Policy | None = None,
    turns: Turns | None = None,
    secret: Secret = no_secrets,
    limits: Http = PATIENT,
) -> Fetcher:
    return Fetcher(policy or Policy(LOOPBACK), limits, lambda: NOW, turns or Turns(), secret)


def source(location: str = "", **others: Any) -> SourceDescription:
    return SourceDescription(
        id=1,
        code=others.pop("code", "hangzhou"),
        register_id=1,
        register_code="330100",
        protocol=Protocol.OAI_PMH,
        location=location,
        metadata_prefix="oai_dc",
        namespace="endpoint.test",
        **others,
    )


def get(url: str, asking: Fetcher | None = None, **described: Any) -> tuple[Answer, bytes]:
    """One answer and its whole body."""
    asking = asking or fetcher()
    with asking.fetch(Request(url), source(url, **described)) as answer:
        return answer, b"".join(answer.chunks())


@pytest.fixture
def city() -> Iterator[Endpoint]:
    with Endpoint(sample_records(25)) as endpoint:
        yield endpoint


def identify(endpoint: Endpoint) -> str:
    return f"{endpoint.oai_url}?verb=Identify"


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


SPELLINGS: tuple[Callable[[int], str], ...] = (
    lambda port: f"http://127.0.0.1:{port}/oai",
    lambda port: f"http://127.1:{port}/oai",
    lambda port: f"http://2130706433:{port}/oai",
    lambda port: f"http://0x7f.0.0.1:{port}/oai",
    lambda port: f"http://0177.0.0.1:{port}/oai",
    lambda port: f"http://localhost:{port}/oai",
    lambda port: f"http://LOCALHOST.:{port}/oai",
    lambda port: f"http://[::ffff:127.0.0.1]:{port}/oai",
    lambda port: f"http://[::ffff:7f00:1]:{port}/oai",
    lambda port: f"http://１２７.０.０.１:{port}/oai",
    lambda port: f"http://127。0。0。1:{port}/oai",
    lambda port: f"http://[::127.0.0.1]:{port}/oai",
    lambda port: f"http://[64:ff9b::7f00:1]:{port}/oai",
    lambda port: f"http://0.0.0.0:{port}/oai",
    lambda port: f"http://user@127.0.0.1:{port}/oai",
    lambda port: f"http://example.org@127.0.0.1:{port}/oai",
    lambda port: f"http://127.0.0.1:{port}\\@example.org/oai",
    lambda port: f"http:/127.0.0.1:{port}/oai",
    lambda port: f"//127.0.0.1:{port}/oai",
    lambda port: f"ftp://127.0.0.1:{port}/oai",
    lambda port: f"file://127.0.0.1:{port}/oai",
    lambda port: f"http://127.0.0.1:{port}/oai\r\nX-Injected: 1",
    lambda port: f"http://127.0.0.1:{port} /oai",
    lambda port: f"http://[127.0.0.1:{port}/oai",
    lambda port: f"http://127.0.0.1:{port}999/oai",
    lambda _: "http://",
    lambda _: "",
)


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_no_spelling_leads_to_a_forbidden_address(city: Endpoint, spelled: Callable[[int], str]) -> None:
    with pytest.raises((FatalFailure, TransportFailure)):
        get(spelled(city.port), fetcher(Policy()))
    assert city.connections == 0


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(FatalFailure) as caught:
        get("http://hz:geheim@catalogue.invalid/oai")
    assert "geheim" not in caught.value.text.zh + caught.value.text.en


def test_a_source_may_be_allowed_more_than_the_installation(city: Endpoint) -> None:
    asking = fetcher(Policy())
    _, content = get(identify(city), asking, allowed_networks=("127.0.0.1/32",))
    assert content
    with pytest.raises(FatalFailure, match="not an allowed one"):
        get(identify(city), asking, code="other")
    assert city.connections == 1


def test_a_range_that_is_none_is_a_wrong_setting(city: Endpoint) -> None:
    with pytest.raises(FatalFailure, match=r"not address ranges: 10\.0\.0\.1/8"):
        get(identify(city), allowed_networks=("10.0.0.1/8",))


def test_a_name_is_resolved_once_and_never_again(city: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [[("127.0.0.1", city.port)], [("169.254.169.254", 80)]]

    def resolve(*_: object, **__: object) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in answers.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    answer, _ = get(f"http://rebinding.test:{city.port}/oai?verb=Identify")
    assert (answer.status, len(answers)) == (200, 1)
    assert city.visits[0].headers["host"] == f"rebinding.test:{city.port}"


def test_a_name_with_one_forbidden_address_uses_the_other(
    city: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [("10.0.0.1", city.port), ("127.0.0.1", city.port)]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert get(f"http://two.test:{city.port}/oai?verb=Identify")[0].status == 200


def test_an_unknown_name_may_be_known_later() -> None:
    with pytest.raises(TransportFailure, match=r"no-such-city\.invalid cannot be resolved"):
        get("http://no-such-city.invalid/oai")


def test_a_connection_is_used_again(city: Endpoint) -> None:
    asking = fetcher()
    for _ in range(3):
        get(identify(city), asking)
    assert (len(city.visits), city.connections) == (3, 1)


def test_an_answer_that_is_not_read_to_its_end_closes_its_connection(city: Endpoint) -> None:
    asking = fetcher()
    with asking.fetch(Request(f"{city.oai_url}?verb=ListRecords&metadataPrefix=oai_dc"), source()) as answer:
        next(answer.chunks())
    city.faults = ["short-without-length"]
    get(identify(city), asking)
    assert len(city.visits) == 2


def test_the_environment_names_no_proxy(city: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.9:9")
    assert get(identify(city))[0].status == 200


def test_a_proxy_is_a_setting(city: Endpoint) -> None:
    asking = fetcher(Policy(proxy=city.url))
    answer, _ = get("http://catalogue.invalid/oai?verb=Identify", asking)
    assert answer.status == 200
    assert city.visits[0].headers["host"] == "catalogue.invalid"


SECRET = "hz:机密口令"


@pytest.mark.parametrize(
    ("held", "sent"),
    [
        (SECRET, "Basic " + base64.b64encode(SECRET.encode()).decode()),
        ("bearer abc.def", "Bearer abc.def"),
    ],
)
def test_credentials_come_by_reference(city: Endpoint, held: str, sent: str) -> None:
    asking = fetcher(secret={"env:HANGZHOU": held}.__getitem__)
    get(identify(city), asking, credentials="env:HANGZHOU")
    assert city.visits[0].headers["authorization"] == sent
    assert "机密" not in repr(vars(asking))
    assert "abc" not in repr(vars(asking))


def test_credentials_that_are_missing_are_named_and_nothing_is_asked(city: Endpoint) -> None:
    with pytest.raises(FatalFailure, match="env:HANGZHOU"):
        get(identify(city), credentials="env:HANGZHOU")
    assert city.visits == []


def test_credentials_that_were_rejected_are_read_again(city: Endpoint) -> None:
    held = {"env:HANGZHOU": "hz:old"}
    asking = fetcher(secret=held.__getitem__)
    city.faults = ["unauthorised"]
    with pytest.raises(FatalFailure):
        get(identify(city), asking, credentials="env:HANGZHOU")
    held["env:HANGZHOU"], city.faults = "bearer new", []
    get(identify(city), asking, credentials="env:HANGZHOU")
    assert city.visits[-1].headers["authorization"] == "Bearer new"


def test_tls_is_verified_against_the_bundle_of_the_source() -> None:
    with Endpoint(faults=["tls"]) as endpoint:
        with pytest.raises(FatalFailure, match="does not verify"):
            get(identify(endpoint))
        asking = fetcher(secret=lambda _: authority_pem())
        assert get(identify(endpoint), asking, ca_bundle="file:ca.pem")[0].status == 200


def test_a_client_shows_its_certificate() -> None:
    held = {"file:ca.pem": authority_pem(), "file:client.pem": certificate_pem("127.0.0.1")}
    asking = fetcher(secret=held.__getitem__)
    with Endpoint(faults=["tls-client"]) as endpoint:
        answer, _ = get(identify(endpoint), asking, ca_bundle="file:ca.pem", credentials="file:client.pem")
        assert answer.status == 200
        assert "authorization" not in endpoint.visits[0].headers


@pytest.mark.parametrize("reference", ["ca_bundle", "credentials"])
def test_a_broken_certificate_is_named_by_its_reference(city: Endpoint, reference: str) -> None:
    asking = fetcher(secret=lambda _: "-----BEGIN CERTIFICATE-----\nTk9ORQ==\n-----END CERTIFICATE-----\n")
    with pytest.raises(FatalFailure, match="file:broken") as caught:
        get(identify(city), asking, **{reference: "file:broken"})
    assert "Tk9ORQ" not in str(caught.value)
