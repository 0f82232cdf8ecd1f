"""Do the sources answer? Asked through the door of the harvests, many at once, a few seconds each.

One host is asked one question at a time, and no more behind two that got no connection: the others would not either.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from harvester.diagnosis.finding import NOTHING, Check, Finding, State
from harvester.diagnosis.patient import Patient
from harvester.errors import GaveWay, HarvestFailure, TransportFailure
from harvester.protocols import PROTOCOLS
from harvester.pulse import Pulse
from registry.model.issue import Text
from registry.model.run import Scope, Window
from registry.model.source import Protocol, SourceDescription, SourceStatus
from registry.store import sources

SECONDS = 6.0
"""For one source, from the name to the first bytes of its answer."""

ALL_SECONDS = 40.0
THREADS = 16
SAMPLE = 400
"""Of more sources only so many are looked at, drawn by lot."""

SHOWN = 20
_IN_VAIN = 2
_TICK = 0.2

_NONE = Text("没有需要连接的来源", "there are no sources that would have to answer")
_ALL = Text("{count} 个来源都有应答", "all of {count} sources answer")
_SOME = Text("{answered}/{count} 个来源有应答", "{answered} of {count} sources answer")
_NO_ONE = Text("{count} 个来源都没有应答", "none of {count} sources answers")
_OUR_SIDE = Text(
    "很可能是本机的网络、DNS 或代理设置有问题",
    "the network, the name servers or the proxy of this machine are likely the cause",
)
_SILENT = Text("{seconds:g} 秒内没有应答", "no answer within {seconds:g} seconds")
_PART = Text(
    "只看了 {looked} 个（共 {count} 个）；其余请用 --source 指定",
    "looked at {looked} of {count}; name others with --source",
)
_MORE = Text("还有 {count} 个来源没有应答", "{count} more sources do not answer")
_SOURCE = Text("来源 {code}：{message}", "source {code}: {message}")
_PROBE = Text(
    "请用 mulu source probe {code} 细查，或联系其维护人",
    "look closer with `mulu source probe {code}`, or tell its owner",
)


@dataclass(slots=True)
class _Question:
    """One source that is being asked."""

    source: SourceDescription
    pulse: Pulse
    began: float


@dataclass(slots=True)
class _Survey:
    """The state of a survey: what waits, by host; who is asked; what came of it (None: an answer)."""

    patient: Patient
    waiting: deque[deque[SourceDescription]]
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: dict[int, _Question] = field(default_factory=dict)
    ended: SimpleQueue[tuple[str, Text | None]] = field(default_factory=SimpleQueue)
    over: bool = False

    def run(self) -> None:
        """Ask host by host until nothing waits. One of several threads."""
        while True:
            with self.lock:
                if self.over or not self.waiting:
                    return
                host = self.waiting.popleft()
            self._ask_host(host)

    def _ask_host(self, host: deque[SourceDescription]) -> None:
        in_vain = 0
        while host and in_vain < _IN_VAIN and not self.over:
            source = host.popleft()
            failure = self._ask(source)
            in_vain = in_vain + 1 if isinstance(failure, TransportFailure) else 0
            self.ended.put((source.code, _told(failure)))

    def _ask(self, source: SourceDescription) -> HarvestFailure | None:
        pulse, thread = Pulse(self.patient.monotonic), threading.get_ident()
        request = PROTOCOLS[source.protocol].ask(source, Window(Scope.FULL), "")
        with self.lock:
            self.asked[thread] = _Question(source, pulse, pulse.monotonic())
        try:
            with self.patient.door(request, source, pulse) as answer:
                next(iter(answer.chunks()), b"")
        except HarvestFailure as failure:
            return failure
        finally:
            with self.lock:
                del self.asked[thread]
        return None

    def hurry(self, now: float) -> None:
        """Tell whoever has waited too long to come back."""
        with self.lock:
            late = [each for each in self.asked.values() if self.over or now - each.began >= SECONDS]
        for each in late:
            each.pulse.give_way()


def _told(failure: HarvestFailure | None) -> Text | None:
    if isinstance(failure, GaveWay):
        return _SILENT.format(seconds=SECONDS)
    return None if failure is None else failure.text


def reach(patient: Patient) -> Iterator[Finding]:
    """Ask every approved source outside (or a sample of them, or the one that was named)."""
    chosen, count = _chosen(patient)
    if not chosen:
        yield Finding(Check.SOURCES, State.WELL, _NONE)
        return
    ended = _ask_all(patient, chosen)
    silent = {code: told for code, told in sorted(ended.items()) if told is not None}
    named = bool(patient.source_code)
    yield _summary(len(ended), len(silent))
    for code, told in list(silent.items())[:SHOWN]:
        state = State.FAILED if named else State.WARNING
        text = Text(
            _SOURCE.zh.format(code=code, message=told.zh), _SOURCE.en.format(code=code, message=told.en)
        )
        yield Finding(Check.SOURCES, state, text, _PROBE.format(code=code), code)
    if len(silent) > SHOWN:
        yield Finding(Check.SOURCES, State.WARNING, _MORE.format(count=len(silent) - SHOWN))
    if len(ended) < count and not named:
        yield Finding(Check.SOURCES, State.WELL, _PART.format(looked=len(ended), count=count))


def _summary(looked: int, silent: int) -> Finding:
    if not silent:
        return Finding(Check.SOURCES, State.WELL, _ALL.format(count=looked))
    if silent == looked > _IN_VAIN:
        return Finding(Check.SOURCES, State.FAILED, _NO_ONE.format(count=looked), _OUR_SIDE)
    text = _SOME.format(answered=looked - silent, count=looked)
    return Finding(Check.SOURCES, State.WARNING, text, NOTHING)


def _chosen(patient: Patient) -> tuple[list[SourceDescription], int]:
    """The sources to ask, and of how many. Raises ``NotFound`` for a source that there is not."""
    assert patient.engines is not None
    with patient.engines.read.connect() as connection:
        if patient.source_code:
            named = sources.get(connection, patient.source_code).description
            return ([named] if named.has_endpoint else []), 1
        found = sources.listed(connection, statuses=[SourceStatus.APPROVED], limit=1_000_000)
    outside = [each.description for each in found if each.description.has_endpoint]
    if len(outside) <= SAMPLE:
        return outside, len(outside)
    return patient.rng.sample(outside, SAMPLE), len(outside)


def _ask_all(patient: Patient, chosen: Sequence[SourceDescription]) -> dict[str, Text | None]:
    """What came of each that was asked; None for an answer."""
    hosts: dict[str, deque[SourceDescription]] = defaultdict(deque)
    for each in chosen:
        hosts[each.location if each.protocol is Protocol.FOLDER else urlsplit(each.location).netloc].append(
            each
        )
    survey = _Survey(patient, deque(hosts.values()))
    end = patient.monotonic() + min(ALL_SECONDS, patient.left())
    threads = [
        threading.Thread(target=survey.run, name=f"mulu-survey-{number}", daemon=True)
        for number in range(min(THREADS, len(hosts)))
    ]
    for thread in threads:
        thread.start()
    ended: dict[str, Text | None] = {}
    while any(thread.is_alive() for thread in threads) or not survey.ended.empty():
        try:
            code, told = survey.ended.get(timeout=_TICK)
            ended[code] = told
        except Empty:
            pass
        now = patient.monotonic()
        survey.over = survey.over or now >= end
        survey.hurry(now)
        if now >= end + SECONDS:
            break  # a thread that does not come back is left behind
    return ended
