"""A sink that takes pages behind the walk: what it sees, and what the walk hears of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from harvester.pipeline import taking_behind
from registry.model.harvesting import RecordKey, Sink
from registry.model.record import CheckedRecord, Condition, Page, RawPage
from registry.model.run import Ending, Verdict, Walk

T = TypeVar("T")
LONG = 20  # seconds, after which a test that waits for a thread gives up
WALK = Walk(Ending.FINISHED)


class LostIt(Exception):
    """What a sink raises that has lost its lease."""


class Told:
    """A sink that keeps what it is told in the order of the telling. It takes nothing until it is ``open``."""

    def __init__(self, fails_at: int = 0) -> None:
        self.told: list[str] = []
        self.open = threading.Event()
        self.begun = threading.Event()
        self._inside = threading.Semaphore(1)
        self._fails_at = fails_at

    def take(self, pages: Sequence[Page]) -> Sequence[int]:
        assert self._inside.acquire(blocking=False), "one call at a time"
        try:
            self.begun.set()
            assert self.open.wait(LONG)
            if pages[0].number == self._fails_at:
                raise LostIt
            self.told += [f"page {each.number}" for each in pages]
            return [len(each.records) for each in pages]
        finally:
            self._inside.release()

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        return self._tell("known " + keys[0].identifier, [False] * len(keys))

    def keep(self, page: RawPage) -> None:
        self._tell("keep", None)

    def begin_anew(self) -> None:
        self._tell("anew", None)

    def wanted(self, listed: Sequence[CheckedRecord]) -> Sequence[bool]:
        return self._tell("wanted", [True] * len(listed))

    def missed(self, walk: Walk, limit: int) -> Sequence[str]:
        return self._tell("missed", ["x"])

    def finish(self, walk: Walk) -> Verdict:
        return self._tell("finish", Verdict.COMPLETE)

    def _tell(self, word: str, answer: T) -> T:
        self.told.append(word)
        return answer


def page(number: int) -> Page:
    return Page(number, [CheckedRecord(f"oai:x:{number}", Condition.LIVE)], f"checkpoint {number}")


def key(number: int) -> RecordKey:
    return RecordKey(f"oai:x:{number}", b"d")


WORDS: dict[str, Callable[[Sink], object]] = {
    "page 2": lambda behind: behind.take([page(2)])[0],
    "known oai:x:1": lambda behind: behind.known([key(1)]),
    "keep": lambda behind: behind.keep(RawPage(b"d" * 32, 1, iter([b"x"]))),
    "anew": lambda behind: behind.begin_anew(),
    "wanted": lambda behind: behind.wanted([]),
    "missed": lambda behind: behind.missed(WALK, 1),
    "finish": lambda behind: behind.finish(WALK),
}


def test_pages_are_taken_in_their_order_and_heard_of() -> None:
    sink = Told()
    sink.open.set()
    with taking_behind(sink) as behind:
        taken = [behind.take([page(number), page(number + 1)]) for number in range(1, 20, 2)]
        assert behind.finish(WALK) is Verdict.COMPLETE
        assert [list(each) for each in taken] == [[1, 1]] * 10
    assert sink.told == [*(f"page {number}" for number in range(1, 21)), "finish"]


@pytest.mark.parametrize("word", WORDS)
def test_the_walk_goes_on_while_a_page_is_taken_and_says_nothing_else_meanwhile(word: str) -> None:
    sink = Told()
    with taking_behind(sink) as behind:
        behind.take([page(1)])
        assert sink.begun.wait(LONG)
        behind.known([key(9)])
        saying = threading.Thread(target=WORDS[word], args=(behind,))
        saying.start()
        saying.join(0.05)
        assert sink.told == ["known oai:x:9"]
        sink.open.set()
        saying.join(LONG)
    assert sink.told == ["known oai:x:9", "page 1", word]


@pytest.mark.parametrize("word", WORDS)
def test_what_taking_raises_is_raised_by_the_next_word(word: str) -> None:
    sink = Told(fails_at=1)
    sink.open.set()
    with taking_behind(sink) as behind:
        behind.take([page(1)])
        for _ in range(2):
            with pytest.raises(LostIt):
                WORDS[word](behind)
    assert sink.told == []


def test_a_walk_that_breaks_down_waits_for_what_is_under_way() -> None:
    sink = Told()

    def break_down() -> None:
        with taking_behind(sink) as behind:
            behind.take([page(1)])
            assert sink.begun.wait(LONG)
            threading.Timer(0.05, sink.open.set).start()
            raise KeyError("bug")

    with pytest.raises(KeyError):
        break_down()
    assert sink.told == ["page 1"]
