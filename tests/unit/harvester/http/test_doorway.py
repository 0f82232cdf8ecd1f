"""The HTTP door: which addresses it leads to, names, connections and proxies."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from harvester.errors import FatalFailure, TransportFailure
from harvester.http import Policy
from harvester.protocols.base import Request
from tests.endpoint import Endpoint
from tests.unit.harvester.http.asking import (
    fetcher,
    get,
    identify,
    source,
)

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
