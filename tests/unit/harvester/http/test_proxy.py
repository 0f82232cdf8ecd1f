"""The HTTP door through a proxy of ours: what the proxy is told, and what it may not be asked."""

from __future__ import annotations

import base64
import threading

import pytest

from config.settings import Http
from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.http import Fetcher, Policy
from harvester.http.access import Secret, no_secrets
from tests.endpoint import Endpoint
from tests.endpoint.tls import authority_pem, certificate_pem
from tests.unit.harvester.http.asking import NOW, get, identify
from tests.unit.harvester.http.proxies import Proxy

SECRET = "hz:geheim-口令"
BASIC = base64.b64encode(SECRET.encode())
HELD = {"env:HZ": SECRET, "file:ca.pem": authority_pem(), "file:client.pem": certificate_pem("127.0.0.1")}
ALLOWED = {"allowed_networks": ("127.0.0.1/32",), "ca_bundle": "file:ca.pem"}


def door(proxy: str, secret: Secret = HELD.__getitem__, limits: Http = Http()) -> Fetcher:
    return Fetcher(Policy(proxy=proxy), limits, lambda: NOW, secret)


def test_https_goes_through_a_tunnel_and_credentials_only_inside_it() -> None:
    with Endpoint(faults=["tls"]) as endpoint, Proxy(("127.0.0.1", endpoint.port)) as proxy:
        answer, content = get(identify(endpoint), door(proxy.url()), credentials="env:HZ", **ALLOWED)
    assert (answer.status, content[-11:]) == (200, b"</OAI-PMH>\n")
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT 127.0.0.1:{endpoint.port} HTTP/1.".encode())
    told = head.lower()
    assert b"authorization" not in told and b"cookie" not in told and b"user-agent" not in told
    assert BASIC not in head + proxy.passed and b"geheim" not in head + proxy.passed
    assert endpoint.visits[0].headers["authorization"] == f"Basic {BASIC.decode()}"


def test_what_the_proxy_asks_for_is_not_told_to_the_endpoint() -> None:
    with Endpoint(faults=["tls"]) as endpoint, Proxy(("127.0.0.1", endpoint.port)) as proxy:
        get(identify(endpoint), door(proxy.url("us:proxy-word@")), **ALLOWED)
    assert (
        b"proxy-authorization: basic " + base64.b64encode(b"us:proxy-word").lower() in proxy.heads[0].lower()
    )
    assert not {name for name in endpoint.visits[0].headers if "authorization" in name}


@pytest.mark.parametrize(
    ("fault", "others", "reason"),
    [
        ("tls-expired", {}, "expired"),
        ("tls-wrong-name", {}, "does not verify"),
        ("tls", {"ca_bundle": ""}, "does not verify"),
    ],
)
def test_tls_is_verified_through_the_tunnel(fault: str, others: dict[str, str], reason: str) -> None:
    with Endpoint(faults=[fault]) as endpoint, Proxy(("127.0.0.1", endpoint.port)) as proxy:
        with pytest.raises(FatalFailure, match=reason):
            get(identify(endpoint), door(proxy.url()), credentials="env:HZ", **{**ALLOWED, **others})
        assert endpoint.visits == []
    assert b"geheim" not in proxy.passed and BASIC not in proxy.passed


def test_a_client_shows_its_certificate_through_the_tunnel() -> None:
    with Endpoint(faults=["tls-client"]) as endpoint, Proxy(("127.0.0.1", endpoint.port)) as proxy:
        answer, _ = get(identify(endpoint), door(proxy.url()), credentials="file:client.pem", **ALLOWED)
    assert answer.status == 200
    assert b"PRIVATE KEY" not in proxy.passed


def test_credentials_do_not_go_through_a_proxy_in_the_open() -> None:
    with Proxy() as proxy:
        with pytest.raises(FatalFailure, match="in the open") as caught:
            get("http://catalogue.invalid/oai?verb=Identify", door(proxy.url()), credentials="env:HZ")
        assert proxy.heads == []
    assert "geheim" not in str(caught.value) + caught.value.text.zh


INSIDE = (
    "http://127.0.0.1/oai", "http://127.1/oai", "http://2130706433/oai", "http://0x7f.1/oai", "http://[::1]/oai",
    "http://[::ffff:7f00:1]/oai", "http://１２７.0.0.1/oai", "http://localhost/oai", "http://LOCALHOST./oai",
    "http://a.localhost/oai", "https://127.0.0.1/oai", "https://localhost/oai", "http://169.254.169.254/latest/",
    "http://2852039166/", "http://[fd00:ec2::254]/", "http://10.0.0.1/oai", "http://0/oai", "https://[64:ff9b::7f00:1]/",
)  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_a_proxy_is_not_asked_for_an_address_that_we_would_not_ask(url: str) -> None:
    """Names are the proxy's to judge: it resolves them. Addresses are judged here."""
    with Proxy() as proxy:
        with pytest.raises(FatalFailure, match=r"not an (allowed one|address)"):
            get(url, door(proxy.url(), no_secrets))
        assert proxy.heads == []


def test_nor_is_it_behind_a_redirect() -> None:
    redirect = (
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    with Proxy(answer=redirect) as proxy:
        with pytest.raises(ProtocolFailure, match="another host"):
            get("http://catalogue.invalid/oai?verb=Identify", door(proxy.url(), no_secrets))
        assert len(proxy.heads) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 7\r\n\r\n<oai/>\n",
        b"garbage\r\n\r\n",
        b"",
    ],
)
def test_a_proxy_that_opens_no_tunnel_gives_no_answer(answer: bytes) -> None:
    with Endpoint(faults=["tls"]) as endpoint, Proxy(answer=answer) as proxy:
        with pytest.raises(HarvestFailure) as caught:
            get(identify(endpoint), door(proxy.url("us:proxy-word@")), credentials="env:HZ", **ALLOWED)
        assert endpoint.connections == 0
    told = repr(caught.value) + caught.value.text.zh + caught.value.text.en
    assert "proxy-word" not in told and "geheim" not in told
    assert all(BASIC not in head for head in proxy.heads)


def test_a_proxy_that_is_silent_holds_nobody() -> None:
    hasty = Http(connect_seconds=0.5, headers_seconds=0.5, gap_seconds=0.5)
    with Proxy(silent=threading.Event()) as proxy, pytest.raises(TransportFailure):
        get("https://127.0.0.1:9/oai", door(proxy.url(), limits=hasty), **ALLOWED)


def test_a_proxy_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(TransportFailure) as caught:
        get("https://catalogue.invalid/oai", door("http://us:proxy-word@127.0.0.1:9"), credentials="env:HZ")
    assert "proxy-word" not in repr(caught.value) + caught.value.text.zh + caught.value.text.en
