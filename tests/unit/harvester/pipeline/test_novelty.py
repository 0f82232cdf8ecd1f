"""Novelty is judged answer by answer, and remembered as far as it is worth while."""

from __future__ import annotations

from harvester.pipeline.novelty import Novelty, Tokens
from registry.model.record import CheckedRecord, Condition, Page


def records(*numbers: int) -> list[CheckedRecord]:
    return [CheckedRecord(f"oai:x:{number}", Condition.LIVE) for number in numbers]


def test_parts_of_an_answer_are_judged_together() -> None:
    novelty = Novelty()
    novelty.told(Page(1, records(1), None), fresh=1)
    novelty.told(Page(2, records(1), "behind"), fresh=0)
    assert novelty.idle == 0
    novelty.told(Page(3, records(1), None), fresh=0)
    novelty.told(Page(4, records(1), "behind"), fresh=0)
    assert novelty.idle == 1


def test_what_holds_no_record_of_the_list_is_not_judged() -> None:
    novelty = Novelty()
    novelty.told(Page(1, [], "behind"), fresh=0)
    novelty.told(Page(2, records(1), "behind", singly=True), fresh=0)
    assert novelty.idle == 0


def test_a_repetition_is_noticed_as_far_back_as_is_remembered() -> None:
    novelty = Novelty()
    assert not novelty.repeats(records(1, 2))
    assert novelty.repeats(records(2, 1))
    assert not novelty.repeats(records(1, 3))
    assert not novelty.repeats([])
    assert not novelty.repeats(records(*range(10, 5010)))
    assert not novelty.repeats(records(1))


def test_tokens_are_remembered_in_bounded_memory() -> None:
    tokens = Tokens(remembered=3)
    assert [tokens.came(token) for token in "abcabc"] == [False] * 3 + [True] * 3
    assert not tokens.came("d")
    assert not tokens.came("a")
    assert tokens.came("d")
