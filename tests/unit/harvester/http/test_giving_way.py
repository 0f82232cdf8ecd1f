"""A walk that is told to give way leaves wherever it waits: connecting, shaking hands, reading."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from harvester.errors import GaveWay
from harvester.protocols.base import Request
from harvester.pulse import Pulse
from tests.endpoint import Endpoint, sample_records
from tests.unit.harvester.http.asking import fetcher, source

TOLD_AFTER = 0.3
LATEST = 5.0  # limits of their own would end none of these waits before


def assert_gives_way(url: str) -> None:
    """Ask ``url`` with the limits of every day; the walk is told to give way a moment later."""
    pulse = Pulse()
    word = threading.Timer(TOLD_AFTER, pulse.give_way)
    began = pulse.monotonic()
    with pytest.raises(GaveWay):
        word.start()
        with fetcher().fetch(Request(url), source(url), pulse) as answer:
            for _ in answer.chunks():
                pass
    assert TOLD_AFTER <= pulse.monotonic() - began < LATEST
    assert pulse.stalled() >= TOLD_AFTER / 2


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """A listening socket that nobody accepts at."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        yield listening


def test_shaking_hands(deaf: socket.socket) -> None:
    assert_gives_way(f"https://127.0.0.1:{deaf.getsockname()[1]}/oai")


def test_connecting(deaf: socket.socket) -> None:
    place = deaf.getsockname()
    crowd = [socket.socket() for _ in range(8)]  # until the queue is full, and no more are let in
    try:
        for each in crowd:
            each.setblocking(False)
            each.connect_ex(place)
        assert_gives_way(f"http://127.0.0.1:{place[1]}/oai")
    finally:
        for each in crowd:
            each.close()


FAULTS: dict[str, Callable[[Endpoint], str]] = {
    "silent": lambda city: city.oai_url,
    "header-trickle": lambda city: city.oai_url,
    "body-trickle": lambda city: f"{city.oai_url}?verb=ListRecords&metadataPrefix=oai_dc",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_reading(fault: str) -> None:
    with Endpoint(sample_records(25), [fault], tempo=0.05) as city:
        assert_gives_way(FAULTS[fault](city))


def test_a_source_that_keeps_the_rate_is_never_stalled() -> None:
    pulse = Pulse()
    with Endpoint(sample_records(1000), page_size=1000) as city:
        url = f"{city.oai_url}?verb=ListRecords&metadataPrefix=oai_dc"
        with fetcher().fetch(Request(url), source(url), pulse) as answer:
            assert sum(map(len, answer.chunks())) > 100_000
    assert pulse.stalled() == 0
