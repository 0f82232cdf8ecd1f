"""A walk whose endpoint and child are played by scripted values."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from urllib.parse import parse_qsl, urlsplit

from harvester import pipeline
from harvester.errors import HarvestFailure
from harvester.protocols.base import Envelope, Request
from harvester.pulse import Pulse
from harvester.retry import Retrying
from harvester.sandbox import AnswerRefused, Reading
from registry.model.harvesting import Onlooker, RecordKey
from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition, Page, RawPage
from registry.model.run import Scope, Verdict, Walk, Window
from registry.model.source import Protocol, SourceDescription

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = SourceDescription(
    1, "hz", 1, "330100", Protocol.XML_DOCUMENT, "http://city.example/list.xml", "catalogue", "hz.gov.cn"
)
OAI_SOURCE = replace(SOURCE, protocol=Protocol.OAI_PMH, location="http://city.example/oai")
WINDOW = Window(Scope.FULL)
BEGINNING = "ListRecords YYYY-MM-DDThh:mm:ssZ"
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
        if answer is OBLIGING:
            answer = single(int(_asked(request).rpartition(":")[2]))
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


_TWICE_MORE = Retrying(2)


class Sink(Onlooker):
    """Keeps the pages that it is given."""

    def __init__(self, missing: Sequence[str] = ()) -> None:
        self.missing = missing
        self.restarts = 0
        self.pages: list[Page] = []
        self.seen: set[str] = set()
        self.kept: list[RawPage] = []
        self.contents: list[bytes] = []
        self.ended: Walk | None = None

    def keep(self, page: RawPage) -> None:
        self.kept.append(page)
        self.contents.append(b"".join(page.pieces))

    def take(self, pages: Sequence[Page]) -> list[int]:
        self.pages.extend(pages)
        fresh = []
        for page in pages:
            new = {each.identifier for each in page.records} - self.seen
            self.seen |= new
            fresh.append(len(new))
        return fresh

    def begin_anew(self) -> None:
        self.restarts += 1
        self.seen.clear()

    def wanted(self, listed: Sequence[CheckedRecord]) -> list[bool]:
        return [each.identifier not in self.seen for each in listed]

    def missed(self, walk: Walk, limit: int) -> Sequence[str]:
        return [each for each in self.missing if each not in self.seen][:limit]

    def finish(self, walk: Walk) -> Verdict:
        self.ended = walk
        return Verdict.COMPLETE


def run(
    script: Script,
    checkpoint: str = "",
    stop: Callable[[], bool] = lambda: False,
    source: SourceDescription = SOURCE,
    sink: Sink | None = None,
    retrying: Retrying = _TWICE_MORE,
    **limits: int,
) -> tuple[Walk, Sink, list[float]]:
    slept: list[float] = []
    sink = sink or Sink()
    road = pipeline.Road(
        script.open_answer,
        script,
        lambda: NOW,
        slept.append,
        Random(1),
        bytes(32),
        retrying,
        stop=stop,
        limits=pipeline.WalkLimits(**limits),
    )
    ended, _ = pipeline.walk(source, WINDOW, sink, road, checkpoint)
    assert sink.ended == ended
    return ended, sink, slept


IDENTIFIED = Answer(end=Envelope(token=BEGINNING, answered="Identify"))


def page(*numbers: int, token: str = "", **others: object) -> Answer:
    """A page of records, or the last one of a list that says so."""
    return Answer(
        [[record(number) for number in numbers]],
        Envelope(token=token, answered="ListRecords", **others),  # type: ignore[arg-type]
    )


def lost(*numbers: int, token: str = "") -> Answer:
    """A page that cannot be read behind some records; its token can still be seen."""
    end = f"<resumptionToken>{token}</resumptionToken></ListRecords></OAI-PMH>" if token else "<broken>"
    return Answer([[record(number) for number in numbers]], AnswerRefused(BROKEN), content=end.encode())


def headers(*numbers: int, token: str = "", condition: Condition = Condition.KNOWN) -> Answer:
    """A page of identifiers."""
    listed = [record(number)._replace(condition=condition) for number in numbers]
    return Answer([listed], Envelope(token=token, answered="ListIdentifiers"))


def single(number: int, condition: Condition = Condition.LIVE) -> Answer:
    """The answer to GetRecord."""
    return Answer([[record(number)._replace(condition=condition)]], Envelope(answered="GetRecord"))


OBLIGING = Answer()
"""The answer to GetRecord, whichever record is asked for."""

UNKNOWN_RECORD = Answer(end=Envelope(complete=False, error_codes=("idDoesNotExist",), issues=(BROKEN,)))


def ask_oai(*answers: Answer, **others: object) -> tuple[Walk, Sink, list[str]]:
    """A walk over an OAI-PMH source that first says who it is; how it ended, its sink, what was asked."""
    script = Script(IDENTIFIED, *answers)
    ended, sink, _ = run(script, source=OAI_SOURCE, **others)  # type: ignore[arg-type]
    return ended, sink, [_asked(request) for request in script.requests[1:]]


def _asked(request: Request) -> str:
    """The verb, and the identifier or token that was asked with."""
    arguments = dict(parse_qsl(urlsplit(request.url).query))
    with_ = arguments.get("identifier", arguments.get("resumptionToken", ""))
    return f"{arguments['verb']} {with_}".strip()
