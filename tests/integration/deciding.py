"""What people do about runs, as steps of a test; and two of them at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from registry.errors import RegistryError
from registry.model.record import CheckedRecord
from registry.services import reviewing
from tests.factories import APPROVER, Installation, catalogue_document, live


def text(key: str, title: str) -> CheckedRecord:
    """A record with this title."""
    return live(key, catalogue_document(key, title=title))


def texts(count: int, title: str = "a", *, first: int = 0) -> list[CheckedRecord]:
    """So many records with one title, under the keys from ``first`` on."""
    return [text(str(number), title) for number in range(first, first + count)]


def release(city: Installation, run_id: int) -> None:
    """Release a held run, and settle it a second later."""
    reviewing.release(city.engines.write, run_id, actor=APPROVER, now=city.clock(), reason="seen")
    city.clock.advance(seconds=1)
    city.settle(city.read("330100").id)


def refuse(city: Installation, run_id: int) -> None:
    """Refuse a held run."""
    reviewing.refuse(city.engines.write, run_id, actor=APPROVER, now=city.clock(), reason="wrong")


def undo(city: Installation, run_id: int) -> int:
    """Undo a run and settle that; the inverse run's id."""
    inverse = reviewing.undo(city.engines.write, run_id, actor=APPROVER, now=city.clock(), reason="wrong")
    city.settle(city.read("330100").id)
    return inverse


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each of the acts returned or raised, begun at the same moment by a thread each."""
    together = Barrier(len(acts))

    def run(each: Callable[[], object]) -> object:
        together.wait()
        try:
            return each()
        except RegistryError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
