"""An answer that a child dies of is read once more, and no more than that."""

from __future__ import annotations

import pytest

from harvester.errors import TransportFailure
from harvester.protocols.base import Envelope
from harvester.sandbox import AnswerRefused, Cause, ChildDied
from registry.model.issue import Text
from registry.model.run import Ending
from tests.unit.harvester.pipeline.script import BROKEN, Answer, Script, record, run

LATER = Envelope(token="later")
SILENT = TransportFailure(Text("无响应", "no answer"))


def deadly(cause: Cause = Cause.MEMORY, content: bytes = b"abcdef") -> Answer:
    return Answer([[record(1), record(2)]], ChildDied(cause), content=content)


def test_one_death_costs_nothing() -> None:
    script = Script(deadly(), Answer([[record(1), record(2)], [record(3)]]))
    ended, sink, slept = run(script)
    assert (ended.ending, ended.pages_lost, slept) == (Ending.FINISHED, 0, [])
    assert [len(page.records) for page in sink.pages] == [3]
    assert script.requests[0] == script.requests[1]


@pytest.mark.parametrize(
    ("cause", "left"), [(each, 0 if each is Cause.GARBAGE else 2) for each in Cause], ids=str
)
def test_two_deaths_are_poison(cause: Cause, left: int) -> None:
    """What had been checked is taken, unless the child said what cannot be true. All bytes are kept."""
    script = Script(deadly(cause), deadly(cause), Answer([[record(3)]]))
    ended, sink, _ = run(script)
    assert (ended.ending, ended.pages_lost, len(script.requests)) == (Ending.PROTOCOL, 1, 2)
    (page,) = sink.pages
    assert (len(page.records), [issue.code for issue in page.issues]) == (left, ["answer-poison"])
    assert page.raw_digest == sink.kept[0].digest
    assert sink.contents == [b"abcdef"]


def test_deaths_of_two_answers_are_not_added() -> None:
    answers = [deadly(), Answer([[record(1)]], LATER), deadly(), Answer([[record(2)]])]
    assert run(Script(*answers))[0].ending is Ending.FINISHED


def test_a_break_between_two_deaths_makes_them_no_fewer() -> None:
    ended, sink, slept = run(Script(deadly(), Answer(refused=SILENT), deadly()))
    assert (ended.ending, len(slept)) == (Ending.PROTOCOL, 1)
    assert sink.pages[0].issues[0].code == "answer-poison"


def test_a_child_that_does_not_come_up_is_no_fault_of_the_answer() -> None:
    ended, sink, slept = run(Script(*[deadly(content=b"")] * 3))
    assert (ended.ending, len(slept), sink.pages, sink.kept) == (Ending.TRANSPORT, 2, [], [])


def test_a_refused_answer_is_not_asked_for_again() -> None:
    script = Script(Answer([[record(1)]], AnswerRefused(BROKEN), content=b"<abc"))
    ended, sink, _ = run(script)
    assert (ended.ending, ended.pages_lost, sink.contents) == (Ending.PROTOCOL, 1, [b"<abc"])
    assert sink.pages[0].issues == (BROKEN,)
