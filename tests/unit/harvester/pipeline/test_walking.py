"""The walk: what it takes, how it ends, where it resumes. Endpoint and child are played by scripted values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harvester.errors import FatalFailure, TransportFailure
from harvester.protocols.base import Envelope
from harvester.sandbox import AnswerRefused
from registry.model.issue import Text
from registry.model.run import Ending
from tests.unit.harvester.pipeline.script import BROKEN, NOW, Answer, Script, record, run


def test_answers_are_taken_whole_until_no_token_is_left() -> None:
    script = Script(
        Answer([[record(1)], [record(2)]], Envelope(token="a", declared_total=3)),
        Answer([[record(3)]], Envelope(declared_total=3)),
    )
    ended, sink, _ = run(script)
    assert ended.ending is Ending.FINISHED
    assert [[each.identifier for each in page.records] for page in sink.pages] == [
        ["oai:hz:1", "oai:hz:2"],
        ["oai:hz:3"],
    ]
    assert (ended.declared_total, ended.total_changed) == (3, False)


def test_the_cursor_is_the_first_response_date() -> None:
    first = datetime(2026, 2, 28, 23, 0, tzinfo=UTC)
    script = Script(
        Answer(end=Envelope(token="a", response_date=first)),
        Answer(end=Envelope(response_date=NOW)),
    )
    assert run(script)[0].cursor_since == first


def test_a_checkpoint_resumes_behind_its_page() -> None:
    token = Envelope(token="second", response_date=NOW)
    _, sink, _ = run(Script(Answer([[record(1)]], token), Answer()), stop=iter([False, True]).__next__)
    checkpoint = sink.pages[-1].checkpoint
    assert checkpoint
    script = Script(Answer([[record(2)]]))
    ended, resumed, _ = run(script, checkpoint)
    assert ended.ending is Ending.FINISHED
    assert ended.cursor_since == NOW
    assert [page.number for page in resumed.pages] == [2]


def test_a_clock_that_was_off_is_told_by_the_walk_that_goes_on() -> None:
    """The walk that was stopped behind the answer told its sink, which keeps only what ended walks say."""
    token = Envelope(token="second", response_date=NOW - timedelta(days=700))
    stopped, sink, _ = run(Script(Answer([[record(1)]], token), Answer()), stop=iter([False, True]).__next__)
    assert stopped.ending is Ending.INTERRUPTED
    ended, _, _ = run(
        Script(Answer([[record(2)]], Envelope(response_date=NOW))), sink.pages[-1].checkpoint or ""
    )
    assert [each.code for each in ended.issues] == ["source-clock"]


def test_a_long_answer_is_taken_in_parts_that_cannot_be_resumed_into() -> None:
    many = [[record(number) for number in range(at, at + 500)] for at in range(0, 4500, 500)]
    _, sink, _ = run(Script(Answer(many)))
    assert [(len(page.records), page.checkpoint is None) for page in sink.pages] == [
        (2000, True),
        (2000, True),
        (500, False),
    ]


def test_a_moved_total_is_told() -> None:
    script = Script(Answer(end=Envelope(token="a", declared_total=3)), Answer(end=Envelope(declared_total=4)))
    assert run(script)[0].total_changed


def test_transport_failures_are_tried_again_and_then_end_the_walk() -> None:
    silent = TransportFailure(Text("无响应", "no answer"))
    overcome, _, slept = run(Script(Answer(refused=silent), Answer(end=silent), Answer([[record(1)]])))
    assert overcome.ending is Ending.FINISHED
    assert len(slept) == 2
    ended, sink, _ = run(Script(*[Answer(refused=silent)] * 3))
    assert (ended.ending, ended.message, sink.pages) == (Ending.TRANSPORT, silent.text, [])


def test_an_answer_of_which_a_part_was_taken_is_not_asked_for_again() -> None:
    broke = TransportFailure(Text("中断", "broke off"))
    many = [[record(number) for number in range(2000)]]
    script = Script(Answer(many, broke), Answer(many))
    ended, sink, _ = run(script)
    assert ended.ending is Ending.PROTOCOL
    assert len(script.requests) == 1
    assert sum(len(page.records) for page in sink.pages) == 2000


def test_an_ill_formed_answer_keeps_the_records_before_the_fault() -> None:
    ended, sink, _ = run(Script(Answer([[record(1)]], AnswerRefused(BROKEN))))
    assert ended.ending is Ending.PROTOCOL
    assert [len(page.records) for page in sink.pages] == [1]
    assert sink.pages[0].issues == (BROKEN,)


def test_an_incomplete_answer_ends_the_walk_but_its_records_are_kept() -> None:
    ended, sink, _ = run(Script(Answer([[record(1)]], Envelope(complete=False, issues=(BROKEN,)))))
    assert (ended.ending, ended.message) == (Ending.PROTOCOL, BROKEN.message)
    assert len(sink.pages) == 1


@pytest.mark.parametrize("code", ["badArgument", "cannotDisseminateFormat", "badResumptionToken"])
def test_errors_of_the_protocol_end_the_walk(code: str) -> None:
    ended, _, _ = run(Script(Answer(end=Envelope(error_codes=(code,)))))
    assert ended.ending is Ending.PROTOCOL
    assert code in ended.message.en


def test_no_records_match_is_an_empty_list() -> None:
    assert run(Script(Answer(end=Envelope(error_codes=("noRecordsMatch",)))))[0].ending is Ending.FINISHED


def test_a_source_that_becomes_another_during_the_walk_ends_it() -> None:
    script = Script(Answer(end=Envelope(token="a", name="甲")), Answer(end=Envelope(name="乙")))
    ended, _, _ = run(script)
    assert ended.ending is Ending.PROTOCOL
    assert "甲" in ended.message.zh


def test_not_modified_is_an_ending_of_its_own() -> None:
    ended, sink, _ = run(Script(Answer(status=304)))
    assert (ended.ending, sink.pages) == (Ending.NOT_MODIFIED, [])


def test_fatal_failures_end_at_once() -> None:
    forbidden = FatalFailure(Text("地址被禁止", "address refused"))
    ended, _, slept = run(Script(Answer(refused=forbidden)))
    assert (ended.ending, slept) == (Ending.FATAL, [])
