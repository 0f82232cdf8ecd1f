"""What runs beside the server: it seals and tells what waits, and one trouble does not stop it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from registry.commands.beside import HEAD_FILE, Beside
from registry.model.event import Actor, Event
from registry.services import notifying, sealing
from registry.services.signing import SigningKey
from registry.store import events, outbox, seals
from registry.store.engine import Engines
from tests.factories import BEGINNING, Clock

KEY = SigningKey(bytes(32))


def record(engines: Engines) -> None:
    with engines.write.begin() as connection:
        events.record(connection, Event(Actor("li"), "approve", "run:1"), BEGINNING)


def beside(engines: Engines, home: Path, seconds: float = 0.01) -> Beside:
    return Beside(engines, KEY, home=home, holder="here", by_mail=False, clock=Clock(), seconds=seconds)


def test_a_turn_seals_tells_and_exports_the_head(engines: Engines, tmp_path: Path) -> None:
    record(engines)
    assert beside(engines, tmp_path).turn() == 2
    assert beside(engines, tmp_path).turn() == 0
    with engines.read.connect() as connection:
        assert sealing.read_head(tmp_path / HEAD_FILE).head == seals.head(connection)
        assert seals.head(connection).number == 1
        assert outbox.topics(connection) == set()
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".txt"] == [HEAD_FILE]


@pytest.mark.parametrize("broken", [sealing, notifying])
def test_one_trouble_does_not_keep_the_other_from_being_done(
    engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: object
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError("the disk is full")

    record(engines)
    monkeypatch.setattr(broken, "seal" if broken is sealing else "tell", fail)
    assert beside(engines, tmp_path).turn() == 1
    with engines.read.connect() as connection:
        assert len(outbox.topics(connection)) == 1
    monkeypatch.undo()
    assert beside(engines, tmp_path).turn() == 1


def test_it_runs_until_the_block_ends_and_lets_others_in_at_once(engines: Engines, tmp_path: Path) -> None:
    sealed = threading.Event()
    running = beside(engines, tmp_path)
    turn = running.turn

    def watched() -> int:
        count = turn()
        if count:
            sealed.set()
        return count

    running.turn = watched  # type: ignore[method-assign]
    with running:
        record(engines)
        assert sealed.wait(60)
    record(engines)
    assert sealing.seal(engines.write, KEY, holder="there", now=BEGINNING) == 1
