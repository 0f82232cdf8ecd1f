"""The doctor asks the sources."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from msgspec.structs import replace as change

from config.settings import Networks
from harvester.assembly import open_short_look
from harvester.diagnosis import Check, State, survey
from harvester.errors import FatalFailure, TransportFailure
from harvester.protocols.base import Request
from harvester.pulse import Pulse
from registry.model.issue import Text
from registry.model.source import Protocol, SourceDescription
from registry.store.engine import Engines
from tests.endpoint import Endpoint, sample_records
from tests.factories import Installation
from tests.unit.harvester.diagnosis.patients import bad, look, patient, states


@dataclass
class Door:
    """Notes who is asked, and answers as it is told to by code (a failure, or None)."""

    fates: Mapping[str, Callable[[Pulse], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    together: dict[str, int] = field(default_factory=dict)
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def __call__(self, request: Request, source: SourceDescription, pulse: Pulse) -> Iterator[Answered]:
        with self.lock:
            self.asked.append(source.code)
            host = request.url.split("/")[2]
            self.together[host] = self.together.get(host, 0) + 1
            self.most = max(self.most, self.together[host])
        try:
            self.fates.get(source.code, answers)(pulse)
            yield Answered()
        finally:
            with self.lock:
                self.together[host] -= 1


class Answered:
    """An answer that has come."""

    status = 200
    not_modified = False
    headers: Mapping[str, str] = {}

    def chunks(self) -> Iterator[bytes]:
        yield b"<x/>"


def answers(_: Pulse) -> None:
    """Nothing is wrong."""


def refused(_: Pulse) -> None:
    raise TransportFailure(Text("拒绝", "refused"))


def forbidden(_: Pulse) -> None:
    raise FatalFailure(Text("不允许", "forbidden"))


def stalls(pulse: Pulse) -> None:
    def nothing(seconds: float) -> None:
        threading.Event().wait(seconds)
        raise TimeoutError

    pulse.wait(60, nothing)


@pytest.fixture
def installation(engines: Engines) -> Installation:
    made = Installation(engines)
    made.register("330100")
    return made


def add(installation: Installation, *codes: str, host: str = "") -> None:
    for code in codes:
        location = f"http://{host or code + '.example'}/{code}"
        installation.source(code, "330100", f"{code}.cn", location, Protocol.OAI_PMH)


def test_where_there_is_nobody_to_ask(tmp_path: Path, installation: Installation) -> None:
    assert states(look(Check.SOURCES, patient(tmp_path, installation.engines))) == [State.WELL]


def test_those_who_do_not_answer_are_named(tmp_path: Path, installation: Installation) -> None:
    add(installation, "a", "b", "c")
    door = Door({"b": refused, "c": forbidden})
    found = look(Check.SOURCES, patient(tmp_path, installation.engines, door=door))
    assert sorted(door.asked) == ["a", "b", "c"]
    assert [(each.subject, each.state) for each in found] == [
        ("", State.WARNING),
        ("b", State.WARNING),
        ("c", State.WARNING),
    ]
    assert "1 of 3" in found[0].text.en
    assert "forbidden" in found[2].text.en
    assert "mulu source probe c" in found[2].way_out.en


def test_where_nobody_answers_the_cause_is_here(tmp_path: Path, installation: Installation) -> None:
    add(installation, "a", "b", "c")
    door = Door(dict.fromkeys("abc", refused))
    found = look(Check.SOURCES, patient(tmp_path, installation.engines, door=door))
    assert (found[0].state, "this machine" in found[0].way_out.en) == (State.FAILED, True)


def test_one_that_is_named_is_asked_alone(tmp_path: Path, installation: Installation) -> None:
    add(installation, "a", "b")
    door = Door({"b": refused})
    found = look(Check.SOURCES, patient(tmp_path, installation.engines, door=door, source_code="b"))
    assert (door.asked, found[-1].subject, found[-1].state) == (["b"], "b", State.FAILED)
    (found_none,) = look(Check.SOURCES, patient(tmp_path, installation.engines, source_code="none"))
    assert (found_none.state, "no source" in found_none.text.en) == (State.FAILED, True)


def test_a_host_is_asked_one_question_at_a_time_and_not_in_vain(
    tmp_path: Path, installation: Installation
) -> None:
    add(installation, "a", "b", "c", "d", host="one.example")
    door = Door()
    assert states(look(Check.SOURCES, patient(tmp_path, installation.engines, door=door))) == [State.WELL]
    assert (len(door.asked), door.most) == (4, 1)
    door = Door(dict.fromkeys("abcd", refused))
    found = look(Check.SOURCES, patient(tmp_path, installation.engines, door=door))
    assert len(door.asked) == 2
    assert "looked at 2 of 4" in found[-1].text.en


def test_one_that_stalls_is_left(
    tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "SECONDS", 0.3)
    add(installation, "a", "b")
    found = look(Check.SOURCES, patient(tmp_path, installation.engines, door=Door({"b": stalls})))
    assert [each.subject for each in bad(found)] == ["", "b"]
    assert "no answer within 0.3 seconds" in found[-1].text.en


def test_all_together_have_their_time(
    tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "THREADS", 1)
    add(installation, "a", "b", "c")
    door = Door(dict.fromkeys("abc", stalls))
    look(Check.SOURCES, patient(tmp_path, installation.engines, door=door, left=lambda: 0.4))
    assert len(door.asked) == 1


def test_of_many_a_sample_is_looked_at(
    tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "SAMPLE", 3)
    add(installation, "a", "b", "c")
    assert len(look(Check.SOURCES, patient(tmp_path, installation.engines, door=Door()))) == 1
    add(installation, "d")
    door = Door()
    found = look(Check.SOURCES, patient(tmp_path, installation.engines, door=door))
    assert len(door.asked) == 3
    assert "looked at 3 of 4" in found[-1].text.en


def test_not_everyone_who_is_silent_is_listed(
    tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "SHOWN", 1)
    add(installation, "a", "b", "c")
    found = look(
        Check.SOURCES, patient(tmp_path, installation.engines, door=Door({"b": refused, "c": refused}))
    )
    assert "1 more" in found[-1].text.en


def test_the_door_is_that_of_the_harvests(tmp_path: Path, installation: Installation) -> None:
    """The policy decides about addresses: an endpoint on a loopback address is refused unless it is allowed."""
    with Endpoint(sample_records(3)) as endpoint:
        add(installation, "oai", host=f"{endpoint.address}:{endpoint.port}")
        ill = patient(tmp_path, installation.engines)
        settings = ill.settings
        refusing = open_short_look(settings, ill.keyring, installation.clock)
        found = look(Check.SOURCES, patient(tmp_path, installation.engines, door=refusing))
        assert "not an allowed one" in bad(found)[-1].text.en
        assert endpoint.connections == 0
        allowing = change(settings, networks=Networks(allowed=("127.0.0.0/8",)))
        letting = open_short_look(allowing, ill.keyring, installation.clock)
        assert states(look(Check.SOURCES, patient(tmp_path, installation.engines, door=letting))) == [
            State.WELL
        ]
        assert endpoint.connections == 1


def test_a_folder_is_looked_into(tmp_path: Path, installation: Installation) -> None:
    folder = tmp_path / "deliveries"
    installation.source("a", "330100", "a.cn", str(folder))
    ill = patient(tmp_path, installation.engines)
    ill = replace(ill, door=open_short_look(ill.settings, ill.keyring, installation.clock))
    assert [each.subject for each in bad(look(Check.SOURCES, ill))] == ["", "a"]
    folder.mkdir()
    assert states(look(Check.SOURCES, ill)) == [State.WELL]
