"""What a complete list did not hold is asked for before it counts as missing."""

from __future__ import annotations

import pytest

from harvester.errors import TransportFailure
from harvester.protocols.base import Envelope
from registry.model.issue import Text
from registry.model.record import Condition
from registry.model.run import Ending
from tests.unit.harvester.pipeline.script import (
    OAI_SOURCE,
    UNKNOWN_RECORD,
    Answer,
    Script,
    Sink,
    ask_oai,
    lost,
    page,
    run,
    single,
)

SILENT = Answer(refused=TransportFailure(Text("无响应", "no answer")))
UNSUPPORTED = Answer(end=Envelope(complete=False, error_codes=("badVerb",)))


def names(*numbers: int) -> list[str]:
    return [f"oai:hz:{number}" for number in numbers]


def test_what_the_source_does_not_know_is_gone() -> None:
    ended, sink, asked = ask_oai(page(1), UNKNOWN_RECORD, UNKNOWN_RECORD, sink=Sink(names(2, 3)))
    assert (ended.ending, ended.gone, ended.missed) == (Ending.FINISHED, ("oai:hz:2", "oai:hz:3"), 0)
    assert asked[1:] == ["GetRecord oai:hz:2", "GetRecord oai:hz:3"]
    assert len(sink.pages) == 2


def test_what_it_says_is_deleted_is_taken_as_such() -> None:
    ended, sink, _ = ask_oai(page(1), single(2, Condition.DELETED), sink=Sink(names(2)))
    assert (ended.gone, ended.missed, ended.issues) == ((), 0, ())
    assert (sink.pages[-1].singly, sink.pages[-1].records[0].condition) == (True, Condition.DELETED)


@pytest.mark.parametrize("condition", [Condition.LIVE, Condition.KNOWN, Condition.REFUSED])
def test_what_it_still_has_the_list_left_out(condition: Condition) -> None:
    ended, sink, _ = ask_oai(page(1), single(2, condition), UNKNOWN_RECORD, sink=Sink(names(2, 3)))
    assert (ended.ending, ended.missed, ended.gone) == (Ending.FINISHED, 1, ("oai:hz:3",))
    assert [issue.code for issue in ended.issues] == ["list-missed-records"]
    assert sink.pages[-1].records[0].identifier == "oai:hz:2"


@pytest.mark.parametrize(("budget", "asked"), [(1, 1), (2, 2), (3, 2)])
def test_there_is_a_budget(budget: int, asked: int) -> None:
    _, _, questions = ask_oai(page(1), *[UNKNOWN_RECORD] * asked, sink=Sink(names(2, 3)), singly=budget)
    assert len(questions) == 1 + asked


@pytest.mark.parametrize(("answer", "times"), [(SILENT, 5), (UNSUPPORTED, 3), (page(2), 3)])
def test_no_answer_says_nothing(answer: Answer, times: int) -> None:
    """The list is whole all the same, and who does not answer is not asked on and on: only for the first of three
    records is there more than one attempt."""
    ended, sink, questions = ask_oai(page(1), *[answer] * 9, sink=Sink(names(*range(2, 20))))
    assert (ended.ending, ended.gone, ended.missed) == (Ending.FINISHED, (), 0)
    assert len(questions) == 1 + times
    assert [issue.code for issue in sink.pages[-1].issues] == ["record-unanswered"] * 2


def test_where_pages_were_lost_nothing_is_missing_yet() -> None:
    ended, _, questions = ask_oai(
        lost(1), Answer([[]], Envelope(answered="ListIdentifiers")), sink=Sink(names(2))
    )
    assert (ended.ending, len(questions)) == (Ending.FINISHED, 2)


def test_what_the_list_left_out_is_remembered_when_the_walk_is_interrupted() -> None:
    stops = iter([False] * 3 + [True])
    ended, sink, _ = ask_oai(page(1), single(2), sink=Sink(names(2, 3)), stop=lambda: next(stops))
    assert ended.ending is Ending.INTERRUPTED
    rest = Sink(names(3))
    ended, _, _ = run(Script(UNKNOWN_RECORD), sink.pages[-1].checkpoint or "", source=OAI_SOURCE, sink=rest)
    assert (ended.ending, ended.missed, ended.gone) == (Ending.FINISHED, 1, ("oai:hz:3",))
    assert [issue.code for issue in ended.issues] == ["list-missed-records"]
