"""The walk itself, answer by answer. It never raises for what an endpoint does: it ends, and says why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.pipeline.pages import PAGE_RECORDS, Pages, drain
from harvester.pipeline.progress import Progress
from harvester.pipeline.road import Road
from harvester.protocols import PROTOCOLS
from harvester.protocols.base import Answer, Envelope
from harvester.retry import with_retries
from harvester.sandbox import AnswerRefused, Reading
from registry.model.harvesting import Sink
from registry.model.issue import Issue, Text
from registry.model.record import CheckedRecord, Page
from registry.model.run import Ending, Verdict, Walk, Window
from registry.model.source import SourceDescription
from registry.model.visibility import day_of

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


def walk(
    source: SourceDescription, window: Window, sink: Sink, road: Road, checkpoint: str = ""
) -> tuple[Walk, Verdict]:
    """Walk over a source from its beginning, or from a ``checkpoint`` that an earlier run left.

    Every page has been handed to ``sink.take``; the end has been told to ``sink.finish``, whose verdict is
    returned. What the sink itself raises (``LeaseLost``) passes through.
    """
    progress = Progress.at(checkpoint)
    going = _Walk(source, window, sink, road, Pages(sink, road.clock, road.patience), progress)
    taken_whole = bool(checkpoint) and not progress.token  # only its end was not told any more
    ended = going.ended(Ending.FINISHED, Text("", "")) if taken_whole else going.to_its_end()
    return ended, sink.finish(ended)


@dataclass(slots=True)
class _Walk:
    source: SourceDescription
    window: Window
    sink: Sink
    road: Road
    pages: Pages
    progress: Progress
    tokens: set[bytes] = field(default_factory=set)
    taken_in_answer: int = 0

    def to_its_end(self) -> Walk:
        """Walk; whatever the end, everything that came has been taken."""
        ended = self._walk()
        self.pages.flush()
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
            with self.road.open_answer(request, self.source, self.road.pulse) as answer:
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
        checkpoint = None if inside else self.progress.checkpoint
        self.taken_in_answer += len(records)
        self.pages.add(Page(self.progress.pages, records, checkpoint, issues))

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
