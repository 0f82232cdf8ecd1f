"""How faults are named and when they show; and that each of them is one."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from tests.endpoint import FAULTS, Endpoint, Level, catalogue_records, read_play
from tests.endpoint.records import BEGINNING

QUESTIONS = (
    "/oai?verb=Identify",
    "/oai?verb=ListRecords&metadataPrefix=catalogue",
    "/oai?verb=ListRecords&resumptionToken=10%7C%7C%7C",
    "/oai?verb=GetRecord&metadataPrefix=catalogue&identifier=oai:endpoint.test:000001",
)
PATIENCE = 0.2  # what has not come by then never comes
ENOUGH = 1 << 18
AS_IT_IS = "text-utf8-utf8-bare-utf8"


def ask(city: Endpoint, question: str) -> bytes:
    """What a question gets, byte for byte, and how that ends."""
    heard = b""
    try:
        with socket.create_connection((city.address, city.port), PATIENCE) as connection:
            connection.sendall(f"GET {question} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            while len(heard) < ENOUGH and (piece := connection.recv(1 << 16)):
                heard += piece
    except OSError as error:
        heard += type(error).__name__.encode()
    return heard


def play(*faults: str) -> list[bytes]:
    """What all questions get from a municipality with these faults, always at the same time of day."""
    with Endpoint(catalogue_records(12), faults, tempo=2 * PATIENCE, clock=lambda: BEGINNING) as city:
        city.provider.prefix = "catalogue"
        city.provider.base_url = "http://endpoint.test/oai"
        return [ask(city, question) for question in QUESTIONS]


@pytest.fixture(scope="module")
def good() -> list[bytes]:
    answers = play()
    assert answers == play() == play(AS_IT_IS)
    return answers


@pytest.mark.parametrize("name", [
    fault.name for fault in FAULTS.values() if fault.level is not Level.TLS and not fault.name.startswith("text-")
])  # fmt: skip
def test_every_fault_can_be_seen(name: str, good: list[bytes]) -> None:
    assert play(name) != good


def test_every_way_to_encode_a_text_is_another_one() -> None:
    """But for GBK, which has no mark."""
    told = [tuple(play(fault.name)[:2]) for fault in FAULTS.values() if fault.name.startswith("text-")]
    unmarked = sum("-marked-gbk" in name for name in FAULTS)
    assert len(set(told)) == len(told) - unmarked


@pytest.mark.parametrize(
    ("text", "name"), [("token-loop", "token-loop-1"), ("tls", "tls"), ("busy-429@2", "busy-429-at-once")]
)
def test_a_family_plays_its_first(text: str, name: str) -> None:
    assert read_play(text).fault.name == name


def test_lists_that_lead_in_circles_stay_in_their_format() -> None:
    """Else what is wrong with their records would hide what is wrong with the list."""
    for fault in ("token-loop", "new-tokens"):
        assert all(b"oai_dc" not in answer for answer in play(fault)[1:3])


@pytest.mark.parametrize(
    ("text", "visits"),
    [
        ("gone", [1, 2, 3, 4, 5]),
        ("gone@3", [3]),
        ("gone@2-", [2, 3, 4, 5]),
        ("gone@2-4", [2, 3, 4]),
        ("gone@1-1", [1]),
        ("gone@4-2", []),
    ],
)
def test_a_fault_shows_at_the_visits_that_it_names(text: str, visits: Sequence[int]) -> None:
    assert [number for number in range(1, 6) if read_play(text).covers(number)] == visits


@pytest.mark.parametrize("text", ["nothing", "gone@", "gone@x", "@3", "gone@-3", "gone@2-3-4", ""])
def test_what_names_no_fault_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        read_play(text)


def test_the_order_in_which_faults_are_named_does_not_matter() -> None:
    mixed = ("gzip", "stamped-0001", "text-none-gbk-bare-gbk", "shrunk-to-50", "hostile-unknown")
    assert play(*mixed) == play(*reversed(mixed))


def test_ways_to_send_an_answer_take_turns() -> None:
    first, second, third, _ = play("closed", "other-protocol")
    assert (first, second, third) == (first, b"", first) and first.startswith(b"SSH")


def test_a_server_has_one_kind_of_door() -> None:
    with pytest.raises(ValueError, match="one of these"), Endpoint(faults=["tls-expired", "refused"]):
        pass
