"""The log of another register in this installation."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harvester.protocols.register import read_log
from registry.model.harvesting import Changes
from registry.model.record import CheckedRecord, Condition
from registry.model.run import Scope, Window
from registry.model.source import Protocol
from tests.unit.harvester.protocols.samples import source

SOURCE = source(Protocol.REGISTER, location="330100", metadata_prefix="catalogue")


class Log:
    """A register's log in memory, with a sequence that may hold entries nobody may see."""

    def __init__(self, length: int, hidden: Sequence[int] = ()) -> None:
        self.length = length
        self.hidden = hidden
        self.marks = 0

    def mark(self, register_code: str) -> int:
        assert register_code == "330100"
        self.marks += 1
        return self.length

    def changes(self, register_code: str, after: int, mark: int, limit: int) -> Changes:
        assert register_code == "330100"
        seen = [number for number in range(after + 1, mark + 1) if number not in self.hidden][:limit]
        last = seen[-1] if len(seen) == limit else mark
        return Changes([CheckedRecord(f"oai:x:{number}", Condition.LIVE) for number in seen], last)


def numbers(log: Log, after: int = 0, checkpoint: str = "", limit: int = 10) -> list[list[int]]:
    window = Window(Scope.DELTA, after_sequence=after)
    pages = read_log(log, SOURCE, window, checkpoint, limit)
    return [[int(each.identifier.rpartition(":")[2]) for each in page.records] for page in pages]


def test_everything_after_the_window_is_read_once_in_order() -> None:
    assert numbers(Log(7), limit=3) == [[1, 2, 3], [4, 5, 6], [7]]
    assert numbers(Log(7), after=5) == [[6, 7]]
    assert numbers(Log(7), after=7) == []


def test_a_page_may_be_empty_and_still_reach_on() -> None:
    pages = list(read_log(Log(5, hidden=(3, 4, 5)), SOURCE, Window(Scope.FULL, after_sequence=2), "", 10))
    assert [(list(page.records), page.last_sequence) for page in pages] == [([], 5)]


def test_a_walk_stays_under_the_mark_that_it_began_with() -> None:
    log = Log(6)
    pages = read_log(log, SOURCE, Window(Scope.FULL), "", 2)
    first = next(pages)
    log.length = 100
    assert (first.checkpoint, [page.last_sequence for page in pages]) == ("2/6", [4, 6])
    assert numbers(log, checkpoint=first.checkpoint, limit=2) == [[3, 4], [5, 6]]
    assert log.marks == 1


@pytest.mark.parametrize("checkpoint", ["x", "1", "1/2/3", "/"])
def test_what_is_no_checkpoint_is_refused(checkpoint: str) -> None:
    with pytest.raises(ValueError):
        numbers(Log(3), checkpoint=checkpoint)
