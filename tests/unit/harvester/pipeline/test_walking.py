"""The walk: what it takes, how it ends, where it resumes. Endpoint and child are played by scripted values."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import pytest

from harvester import pipeline
from harvester.errors import FatalFailure, HarvestFailure, TransportFailure
from harvester.protocols.base import Envelope, Request
from harvester.pulse import Pulse
from harvester.sandbox import AnswerRefused, Reading
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition, Page
from registry.model.run import Ending, Scope, Verdict, Walk, Window
from registry.model.source import Protocol, SourceDescription

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = SourceDescription(
    1, "hz", 1, "330100", Protocol.XML_DOCUMENT, "http://city.example/list.xml", "catalogue", "hz.gov.cn"
)
WINDOW = Window(Scope.FULL)
BROKEN = Issue("xml-ill-formed", Severity.ERROR, Text("不是良构的 XML", "not well-formed"))


def record(number: int) -> CheckedRecord:
    return CheckedRecord(f"oai:hz:{number}", Condition.LIVE, place=f"record {number}")


@dataclass
class Answer:
    """One scripted answer: its batches, then its envelope or a failure."""

    batches: list[list[CheckedRecord]] = field(default_factory=list)
    end: Envelope | HarvestFailure = field(default_factory=Envelope)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    refused: HarvestFailure | None = None

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    def chunks(self) -> Iterator[bytes]:
        return iter(())


class Script:
    """Plays answers one after the other: as an endpoint and as the child that reads them."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.current: Answer | None = None

    @contextmanager
    def open_answer(self, request: Request, source: SourceDescription, pulse: Pulse) -> Iterator[Answer]:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if answer.refused is not None:
            raise answer.refused
        self.current = answer
        yield answer

    def read(
        self,
        reading: Reading,
        chunks: Iterable[bytes],
        known: Callable[[Sequence[RecordKey]], Sequence[bool]],
    ) -> Generator[list[CheckedRecord], None, Envelope]:
        assert self.current is not None
        yield from self.current.batches
        if isinstance(self.current.end, HarvestFailure):
            raise self.current.end
        return self.current.end


class Sink:
    """Keeps the pages that it is given."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.ended: Walk | None = None

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        return [False] * len(keys)

    def take(self, pages: Sequence[Page]) -> None:
        self.pages.extend(pages)

    def finish(self, walk: Walk) -> Verdict:
        self.ended = walk
        return Verdict.COMPLETE


def run(
    script: Script, checkpoint: str = "", stop: Callable[[], bool] = lambda: False
) -> tuple[Walk, Sink, list[float]]:
    slept: list[float] = []
    sink = Sink()
    road = pipeline.Road(
        script.open_answer, script, lambda: NOW, slept.append, Random(1), bytes(32), retries=2, stop=stop
    )
    ended, _ = pipeline.walk(SOURCE, WINDOW, sink, road, checkpoint)
    assert sink.ended == ended
    return ended, sink, slept


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


@pytest.mark.parametrize("period", [1, 2, 7])
def test_a_loop_of_tokens_ends_the_walk(period: int) -> None:
    answers = [
        Answer([[record(number)]], Envelope(token=f"t{number % period}")) for number in range(3 * period + 3)
    ]
    ended, sink, _ = run(Script(*answers))
    assert ended.ending is Ending.PROTOCOL
    assert len(sink.pages) == period + 1


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
