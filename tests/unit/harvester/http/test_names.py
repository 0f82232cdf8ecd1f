"""Names: looked up by our own clock, whatever the name server does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config.settings import Http
from harvester.errors import GaveWay, TransportFailure
from harvester.http import names
from harvester.pulse import Pulse
from tests.endpoint import Endpoint
from tests.unit.harvester.http.asking import fetcher, get

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]


class NameServer:
    """Answers when it is let; counts who asks."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers = threading.Event()
        self.failure: Exception | None = None

    def __call__(self, name: str, *_: object, **__: object) -> list[tuple[Any, ...]]:
        self.asked.append(name)
        assert self.answers.wait(60)
        if self.failure is not None:
            raise self.failure
        return FOUND


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    """A name server that is silent until the test's end at the latest."""
    silent = NameServer()
    monkeypatch.setattr(names, "_lookups", names._Lookups())
    monkeypatch.setattr(socket, "getaddrinfo", silent)
    yield silent
    silent.answers.set()


def resolve(name: str, seconds: float = 0.3, pulse: Pulse | None = None) -> object:
    return names.resolve(name, 80, pulse or Pulse(), seconds)


def fails(ask: Callable[[], object], message: str) -> None:
    with pytest.raises(TransportFailure, match=message):
        ask()


def test_a_name_server_that_is_silent_is_left(server: NameServer) -> None:
    fails(lambda: resolve("hz.test"), "no name server resolved hz.test within 0.3 seconds")


def test_who_asks_again_joins_the_lookup_that_is_under_way(server: NameServer) -> None:
    fails(lambda: resolve("hz.test"), "within")
    server.answers.set()
    assert resolve("hz.test", 30) == FOUND
    assert server.asked == ["hz.test"]


def test_what_is_answered_is_asked_anew_the_next_time(server: NameServer) -> None:
    server.answers.set()
    assert [resolve("hz.test", 30), resolve("hz.test", 30)] == [FOUND, FOUND]
    assert server.asked == ["hz.test", "hz.test"]


def test_an_unknown_name_is_told(server: NameServer) -> None:
    server.failure = socket.gaierror(-2, "Name or service not known")
    server.answers.set()
    fails(lambda: resolve("hz.test", 30), "hz.test cannot be resolved")


def test_no_more_than_so_many_threads_are_left_behind(server: NameServer) -> None:
    for number in range(names.LEFT_BEHIND):
        fails(lambda name=f"c{number}.test": resolve(name, 0.001), "within")  # type: ignore[misc]
    fails(lambda: resolve("one-more.test", 30), f"{names.LEFT_BEHIND} lookups are without a result")
    assert len(server.asked) == names.LEFT_BEHIND
    server.answers.set()
    while names._lookups._under_way:
        server.answers.wait(0.01)
    assert resolve("one-more.test", 30) == FOUND


def test_a_walk_that_waits_for_a_name_gives_way(server: NameServer) -> None:
    pulse = Pulse()
    threading.Timer(0.1, pulse.give_way).start()
    with pytest.raises(GaveWay):
        resolve("hz.test", 60, pulse)


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "fe80::1%lo"])
def test_an_address_needs_no_thread(address: str, server: NameServer) -> None:
    server.answers.set()
    before = threading.active_count()
    assert resolve(address, 0) == FOUND
    assert threading.active_count() == before


def test_the_door_is_bounded_by_it_too(city: Endpoint, server: NameServer) -> None:
    with pytest.raises(TransportFailure, match=r"within 0\.2 seconds"):
        get(f"http://hz.test:{city.port}/oai", fetcher(limits=Http(connect_seconds=0.2)))
    assert city.connections == 0
