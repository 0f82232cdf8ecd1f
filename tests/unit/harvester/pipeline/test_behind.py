"""A sink that takes pages behind the walk: what it sees, and what the walk hears of it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from harvester.pipeline import taking_behind
from registry.model.harvesting import RecordKey
from registry.model.record import CheckedRecord, Condition, Page, RawPage
from registry.model.run import Ending, Verdict, Walk

LONG = 20  # seconds, after which a test that waits for a thread gives up


class LostIt(Exception):
    """What a sink raises that has lost its lease."""


class Sink:
    """Keeps what it is told in the order of the telling. ``open``: as long as this is not set, it takes nothing."""

    def __init__(self, fails_at: int = 0) -> None:
        self.told: list[str] = []
        self.open = threading.Event()
        self.inside = threading.Semaphore(1)
        self.begun = threading.Event()
        self._fails_at = fails_at

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        self.told.append("known " + keys[0].identifier)
        return [False] * len(keys)

    def take(self, pages: Sequence[Page]) -> None:
        assert self.inside.acquire(blocking=False), "one call at a time"
        self.begun.set()
        assert self.open.wait(LONG)
        if pages[0].number == self._fails_at:
            self.inside.release()
            raise LostIt
        self.told += [f"page {each.number}" for each in pages]
        self.inside.release()

    def keep(self, page: RawPage) -> None:
        self.told.append("keep")

    def finish(self, walk: Walk) -> Verdict:
        self.told.append("finish")
        return Verdict.COMPLETE


def page(number: int) -> Page:
    return Page(number, [CheckedRecord(f"oai:x:{number}", Condition.LIVE)], f"checkpoint {number}")


def key(number: int) -> RecordKey:
    return RecordKey(f"oai:x:{number}", b"d")


WALK = Walk(Ending.FINISHED)
RAW = RawPage(b"d" * 32, 1, iter([b"x"]))


def test_pages_are_taken_in_their_order_before_the_end_is_told() -> None:
    sink = Sink()
    sink.open.set()
    with taking_behind(sink) as behind:
        for number in range(1, 20, 2):
            behind.take([page(number), page(number + 1)])
        behind.keep(RAW)
        assert behind.finish(WALK) is Verdict.COMPLETE
    assert sink.told == [*(f"page {number}" for number in range(1, 21)), "keep", "finish"]


def test_the_walk_goes_on_while_a_page_is_taken_and_one_more_waits() -> None:
    sink = Sink()
    with taking_behind(sink) as behind:
        behind.take([page(1)])
        assert sink.begun.wait(LONG)
        behind.take([page(2)])
        behind.known([key(3)])
        assert sink.told == ["known oai:x:3"]
        third = threading.Thread(target=behind.take, args=([page(3)],))
        third.start()
        assert third.is_alive(), "no more than one waits"
        sink.open.set()
        third.join(LONG)
        behind.finish(WALK)
    assert sink.told == ["known oai:x:3", "page 1", "page 2", "page 3", "finish"]


def test_what_is_known_of_a_record_is_asked_once_its_earlier_copy_was_taken() -> None:
    sink = Sink()
    with taking_behind(sink) as behind:
        behind.take([page(1)])
        assert sink.begun.wait(LONG)
        behind.take([page(2)])
        asking = threading.Thread(target=behind.known, args=([key(2), key(9)],))
        asking.start()
        assert sink.told == []
        sink.open.set()
        asking.join(LONG)
    assert sink.told == ["page 1", "page 2", "known oai:x:2"]


def test_what_the_sink_raises_is_raised_by_every_later_word_and_nothing_more_is_taken() -> None:
    sink = Sink(fails_at=1)
    with taking_behind(sink) as behind:
        behind.take([page(1)])
        behind.take([page(2)])
        sink.open.set()
        for word in (
            lambda: behind.known([key(2)]),  # waits until the second is through
            lambda: behind.known([key(3)]),
            lambda: behind.take([page(3)]),
            lambda: behind.keep(RAW),
            lambda: behind.finish(WALK),
        ):
            with pytest.raises(LostIt):
                word()
    assert sink.told == []


def test_a_walk_that_breaks_down_leaves_what_waits_untaken_and_no_thread() -> None:
    sink = Sink()

    def break_down() -> None:
        with taking_behind(sink) as behind:
            behind.take([page(1)])
            assert sink.begun.wait(LONG)
            behind.take([page(2)])
            threading.Timer(0.05, sink.open.set).start()
            raise KeyError("bug")

    with pytest.raises(KeyError):
        break_down()
    assert sink.told == ["page 1"]
    assert "sink" not in [thread.name for thread in threading.enumerate()]
