"""The intake of an answer: taken in parts, and never twice."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from harvester.errors import ProtocolFailure
from harvester.pipeline.faults import ListStopped
from harvester.pipeline.intake import Intake
from harvester.pipeline.pages import PAGE_RECORDS
from registry.model.record import CheckedRecord, Condition

ROOM = 10**6


def records(*numbers: int, revision: int = 0) -> list[CheckedRecord]:
    return [
        CheckedRecord(f"oai:x:{number}", Condition.LIVE, bytes([revision, number % 256]))
        for number in numbers
    ]


def begun() -> tuple[Intake, list[CheckedRecord]]:
    """An intake of which the first page has been taken, and what was taken."""
    taken: list[CheckedRecord] = []
    intake = Intake(taken.extend, ROOM)
    intake.begin()
    intake.add(records(*range(PAGE_RECORDS)))
    return intake, taken


@pytest.mark.parametrize(("count", "taken"), [(PAGE_RECORDS - 1, 0), (PAGE_RECORDS, PAGE_RECORDS)])
def test_a_long_answer_is_taken_before_its_end(count: int, taken: int) -> None:
    found: list[CheckedRecord] = []
    intake = Intake(found.extend, ROOM)
    intake.begin()
    intake.add(records(*range(count)))
    assert (len(found), intake.taken, len(intake.rest())) == (taken, taken, count - taken)


@pytest.mark.parametrize("batch", [1, 7, 500, PAGE_RECORDS, PAGE_RECORDS + 3])
def test_read_again_what_was_taken_is_passed_over(batch: int) -> None:
    intake, taken = begun()
    intake.add(records(PAGE_RECORDS))
    intake.begin()
    numbers = range(PAGE_RECORDS + 10)
    for at in range(0, len(numbers), batch):
        intake.add(records(*numbers[at : at + batch]))
    assert taken == records(*range(PAGE_RECORDS))
    assert intake.rest() == records(*range(PAGE_RECORDS, PAGE_RECORDS + 10))


def test_what_is_read_again_must_be_the_same() -> None:
    for other in (records(*range(PAGE_RECORDS), revision=1), records(*range(1, PAGE_RECORDS + 1))):
        intake, taken = begun()
        intake.begin()
        with pytest.raises(ProtocolFailure):
            intake.add(other)
        assert len(taken) == PAGE_RECORDS


def test_what_is_read_again_must_be_as_much() -> None:
    intake, _ = begun()
    intake.begin()
    intake.add(records(*range(PAGE_RECORDS - 1)))
    with pytest.raises(ProtocolFailure):
        intake.rest()


def test_where_nothing_was_taken_nothing_is_compared() -> None:
    intake = Intake(lambda _: None, ROOM)
    for revision in (0, 1):
        intake.begin()
        intake.add(records(1, 2, revision=revision))
    assert intake.rest() == records(1, 2, revision=1)


@pytest.mark.parametrize(("room", "stopped"), [(9, True), (10, False), (11, False)])
def test_there_is_room_for_so_many(room: int, stopped: bool) -> None:
    intake = Intake(lambda _: None, room)
    intake.begin()
    intake.add(records(*range(4)))
    with pytest.raises(ListStopped) if stopped else nullcontext():
        intake.add(records(*range(4, 10)))
    assert intake.count == min(room, 10)


def test_room_counts_what_was_taken() -> None:
    taken: list[CheckedRecord] = []
    intake = Intake(taken.extend, PAGE_RECORDS + 1)
    intake.begin()
    intake.add(records(*range(PAGE_RECORDS)))
    with pytest.raises(ListStopped):
        intake.add(records(PAGE_RECORDS, PAGE_RECORDS + 1))
    assert (len(taken), len(intake.rest())) == (PAGE_RECORDS, 1)
