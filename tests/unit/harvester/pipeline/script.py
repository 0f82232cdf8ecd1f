"""A walk whose endpoint and child are played by scripted values."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from harvester import pipeline
from harvester.errors import HarvestFailure
from harvester.protocols.base import Envelope, Request
from harvester.pulse import Pulse
from harvester.retry import Retrying
from harvester.sandbox import Reading
from registry.model.harvesting import Onlooker, RecordKey
from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition, Page, RawPage
from registry.model.run import Scope, Verdict, Walk, Window
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
    content: bytes = b""

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    def chunks(self) -> Iterator[bytes]:
        yield from (self.content[at : at + 1] for at in range(len(self.content)))


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
        for _, _ in zip(range(2), chunks, strict=False):
            pass  # it has begun to read
        yield from self.current.batches
        if isinstance(self.current.end, HarvestFailure):
            raise self.current.end
        return self.current.end


class Sink(Onlooker):
    """Keeps the pages that it is given."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.kept: list[RawPage] = []
        self.contents: list[bytes] = []
        self.ended: Walk | None = None

    def keep(self, page: RawPage) -> None:
        self.kept.append(page)
        self.contents.append(b"".join(page.pieces))

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
        script.open_answer, script, lambda: NOW, slept.append, Random(1), bytes(32), Retrying(2), stop=stop
    )
    ended, _ = pipeline.walk(SOURCE, WINDOW, sink, road, checkpoint)
    assert sink.ended == ended
    return ended, sink, slept
