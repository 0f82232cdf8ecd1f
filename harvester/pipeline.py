"""The walk over one source: ask, fetch, read, hand over; again with the next token, until the list ends.

    protocol.ask(window, token) -> Request          no I/O
    open_answer(Request) -> chunks of bytes         the only I/O (``harvester.http``, or a folder)
    reader.read(chunks) -> checked records          in the child; known bytes stop there
    sink.take(pages)                                one transaction, the checkpoint moves with it

The ends are arguments: with a register's sink this is a harvest, with a comparing one a trial, with a sampling
one a probe. A walk never raises for what an endpoint does: it ends, and says why (``Walk.ending``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from random import Random

import msgspec

from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.protocols import PROTOCOLS
from harvester.protocols.base import Answer, Envelope, Request
from harvester.protocols.register import read_log
from harvester.retry import with_retries
from harvester.sandbox import AnswerReader, AnswerRefused, Reading
from registry.model.harvesting import ChangeReader, Sink
from registry.model.issue import Issue, Text
from registry.model.record import CheckedRecord, Page
from registry.model.run import Ending, Scope, Verdict, Walk, Window
from registry.model.source import SourceDescription
from registry.model.visibility import day_of

PAGE_RECORDS = 2000
"""Records a transaction: so many are gathered from short answers, and a longer answer is taken in parts."""

PATIENCE = timedelta(seconds=5)
"""So long may records of a slow source wait for others before they are taken."""

OpenAnswer = Callable[[Request, SourceDescription], AbstractContextManager[Answer]]

_LOOP = Text(
    zh="来源重复给出同一个续传令牌,采集到此为止。",
    en="the source gave the same resumption token again; the walk ends here.",
)
_REPORTED = Text(zh="来源报告协议错误:{codes}。", en="the source reports protocol errors: {codes}.")
_INCOMPLETE = Text(
    zh="答复不完整或不符合协议。", en="the answer is incomplete, or not what the protocol promises."
)
_RENAMED = Text(
    zh="采集期间来源改了名:{before} → {after}。",
    en="the source changed its name during the walk: {before} became {after}.",
)
_CODES_OF_AN_EMPTY_LIST = ("noRecordsMatch",)


@dataclass(frozen=True, slots=True)
class Road:
    """What a walk needs besides its source and its sink. ``stop`` is asked between answers."""

    open_answer: OpenAnswer
    reader: AnswerReader
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    rng: Random
    archive_key: bytes
    retries: int = 3
    stop: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a walk stands between two answers; as JSON it is the run's checkpoint."""

    token: str = ""
    pages: int = 0
    first_response: datetime | None = None
    name: str = ""
    declared_total: int | None = None
    total_changed: bool = False
    scope: Scope | None = None
    etag: str = ""
    last_modified: str = ""

    def opened(self, headers: Mapping[str, str]) -> Progress:
        """The progress once an answer with these header fields has begun."""
        return replace(
            self,
            etag=headers.get("ETag", self.etag),
            last_modified=headers.get("Last-Modified", self.last_modified),
        )

    def after(self, envelope: Envelope, asked_at: datetime) -> Progress:
        """The progress once an answer with this envelope has been taken."""
        totals = (self.declared_total, envelope.declared_total)
        moved = None not in totals and totals[0] != totals[1]
        return replace(
            self,
            token=envelope.token,
            first_response=self.first_response or envelope.response_date or asked_at,
            name=envelope.name or self.name,
            declared_total=self.declared_total
            if envelope.declared_total is None
            else envelope.declared_total,
            total_changed=self.total_changed or moved,
            scope=envelope.scope or self.scope,
        )


def walk(
    source: SourceDescription, window: Window, sink: Sink, road: Road, checkpoint: str = ""
) -> tuple[Walk, Verdict]:
    """Walk over a source from its beginning, or from a ``checkpoint`` that an earlier run left.

    Every page has been handed to ``sink.take``; the end has been told to ``sink.finish``, whose verdict is
    returned. What the sink itself raises (``LeaseLost``) passes through.
    """
    progress = msgspec.json.decode(checkpoint, type=Progress) if checkpoint else Progress()
    going = _Walk(source, window, sink, road, progress)
    taken_whole = bool(checkpoint) and not progress.token  # only its end was not told any more
    ended = going.ended(Ending.FINISHED, Text("", "")) if taken_whole else going.to_its_end()
    return ended, sink.finish(ended)


@dataclass(slots=True)
class _Walk:
    source: SourceDescription
    window: Window
    sink: Sink
    road: Road
    progress: Progress
    tokens: set[bytes] = field(default_factory=set)
    taken_in_answer: int = 0
    waiting: list[Page] = field(default_factory=list)
    flushed_at: datetime | None = None

    def to_its_end(self) -> Walk:
        """Walk; whatever the end, everything that came has been taken."""
        ended = self._walk()
        self._flush()
        return ended

    def _walk(self) -> Walk:
        try:
            return self._go()
        except TransportFailure as failure:
            return self.ended(Ending.TRANSPORT, failure.text)
        except FatalFailure as failure:
            return self.ended(Ending.FATAL, failure.text)
        except HarvestFailure as failure:
            return self.ended(Ending.PROTOCOL, failure.text)

    def _go(self) -> Walk:
        while True:
            if self.road.stop():
                return self.ended(Ending.INTERRUPTED, Text("", ""))
            self._guard_against_loops()
            self.taken_in_answer = 0
            envelope = with_retries(self._answer, self.road.sleep, self.road.rng, retries=self.road.retries)
            if envelope is None:
                return self.ended(Ending.NOT_MODIFIED, Text("", ""))
            if not self.progress.token:
                return self.ended(Ending.FINISHED, Text("", ""))

    def _guard_against_loops(self) -> None:
        if not self.progress.token:
            return
        trace = blake2b(self.progress.token.encode(), digest_size=8).digest()
        if trace in self.tokens:
            raise ProtocolFailure(_LOOP)
        self.tokens.add(trace)

    def _answer(self) -> Envelope | None:
        """Ask once and take what comes; None where nothing has changed. Nothing is taken twice: an answer
        of which a part was taken already is not asked for again."""
        protocol = PROTOCOLS[self.source.protocol]
        request = protocol.ask(self.source, self.window, self.progress.token)
        asked_at = self.road.clock()
        try:
            with self.road.open_answer(request, self.source) as answer:
                if answer.not_modified:
                    return None
                return self._read(answer, asked_at)
        except TransportFailure as failure:
            if self.taken_in_answer:
                raise ProtocolFailure(failure.text) from failure
            raise

    def _read(self, answer: Answer, asked_at: datetime) -> Envelope:
        reading = Reading(self.source, self.road.archive_key, day_of(asked_at))
        self.progress = self.progress.opened(answer.headers)
        batches = self.road.reader.read(reading, answer.chunks(), self.sink.known)
        gathered: list[CheckedRecord] = []
        try:
            envelope = drain(batches, lambda batch: self._gather(gathered, batch))
        except AnswerRefused as refusal:
            self._take(gathered, (refusal.issue,), inside=True)
            raise
        self._check(envelope, gathered)
        self.progress = self.progress.after(envelope, asked_at)
        self._take(gathered, envelope.issues, inside=False)
        return envelope

    def _gather(self, gathered: list[CheckedRecord], batch: list[CheckedRecord]) -> None:
        """Keep records until a transaction's worth is there; what is left waits for the answer's end."""
        gathered.extend(batch)
        if len(gathered) >= PAGE_RECORDS:
            self._take(gathered[:], (), inside=True)
            gathered.clear()

    def _take(self, records: list[CheckedRecord], issues: tuple[Issue, ...], *, inside: bool) -> None:
        """Hand a page over; one that ends ``inside`` an answer has no checkpoint."""
        self.progress = replace(self.progress, pages=self.progress.pages + 1)
        checkpoint = None if inside else msgspec.json.encode(self.progress).decode()
        self.waiting.append(Page(self.progress.pages, records, checkpoint, issues))
        self.taken_in_answer += len(records)
        now = self.road.clock()
        self.flushed_at = self.flushed_at or now
        if (
            inside
            or sum(len(page.records) for page in self.waiting) >= PAGE_RECORDS
            or now - self.flushed_at >= PATIENCE
        ):
            self._flush()

    def _flush(self) -> None:
        """Let the sink take what waits."""
        if self.waiting:
            self.sink.take(self.waiting)
            self.waiting = []
        self.flushed_at = self.road.clock()

    def _check(self, envelope: Envelope, gathered: list[CheckedRecord]) -> None:
        """Refuse an answer from which nothing may be concluded; the records that it held are kept."""
        protocol = PROTOCOLS[self.source.protocol]
        misfit = protocol.misfit(self.progress.token, envelope, self.taken_in_answer + len(gathered))
        issues = envelope.issues if misfit is None else (*envelope.issues, misfit)
        codes = [code for code in envelope.error_codes if code not in _CODES_OF_AN_EMPTY_LIST]
        fault = None if misfit is None else misfit.message
        if codes:
            fault = _REPORTED.format(codes=", ".join(codes))
        elif not envelope.complete:
            fault = envelope.issues[0].message if envelope.issues else _INCOMPLETE
        elif self.progress.name and envelope.name and envelope.name != self.progress.name:
            fault = _RENAMED.format(before=self.progress.name, after=envelope.name)
        if fault is not None:
            self._take(gathered, issues, inside=True)
            raise ProtocolFailure(fault)

    def ended(self, ending: Ending, message: Text) -> Walk:
        """How the walk ended, as its sink is told."""
        progress = self.progress
        return Walk(
            ending,
            message,
            progress.scope,
            progress.declared_total,
            progress.total_changed,
            cursor_since=progress.first_response,
            etag=progress.etag,
            last_modified=progress.last_modified,
        )


def drain(batches: Iterator[list[CheckedRecord]], take: Callable[[list[CheckedRecord]], None]) -> Envelope:
    """Hand every batch to ``take``; what the generator returns at its end."""
    while True:
        try:
            batch = next(batches)
        except StopIteration as end:
            envelope: Envelope = end.value
            return envelope
        take(batch)


def walk_register(
    source: SourceDescription,
    window: Window,
    sink: Sink,
    changes: ChangeReader,
    stop: Callable[[], bool] = lambda: False,
    checkpoint: str = "",
) -> tuple[Walk, Verdict]:
    """Read the log of another register of this installation: checked digests, no XML, no child.

    All pages are read as of one mark, which the checkpoint carries.
    """
    reached = window.after_sequence
    ending = Ending.FINISHED
    for number, page in enumerate(read_log(changes, source, window, checkpoint, PAGE_RECORDS), start=1):
        if stop():
            ending = Ending.INTERRUPTED
            break
        reached = page.last_sequence
        sink.take([Page(number, page.records, page.checkpoint)])
    ended = Walk(ending, cursor_sequence=reached)
    return ended, sink.finish(ended)
