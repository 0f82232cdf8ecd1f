"""Walks that change nothing: a trial compares a whole harvest with what is held, a probe looks at an endpoint
and checks a sample of its records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from harvester import pipeline
from harvester.errors import GaveWay, HarvestFailure
from harvester.pipeline import Road
from harvester.protocols.base import Identity, OfferedFormat, OfferedSet
from harvester.protocols.oaipmh_questions import ask_formats, ask_identify, ask_sets
from harvester.rules import RULES_VERSION
from harvester.sandbox import Reading
from registry.model.harvesting import ChangeReader
from registry.model.issue import Text
from registry.model.run import Ending, Scope, Walk, Window
from registry.model.source import Protocol, SourceDescription
from registry.model.visibility import day_of
from registry.services import ownership
from registry.services.ingest.opening import Windowing, next_window
from registry.services.ingest.trial import TrialSink
from registry.store import sources
from registry.store.engine import Engines


@dataclass(frozen=True, slots=True)
class Trial:
    """What a walk found: how it ended, and its sink (counts, issues, reasons to hold)."""

    walk: Walk
    sink: TrialSink


@dataclass(slots=True)
class Probe:
    """What an endpoint says of itself (OAI-PMH only), and a trial of its first records. ``failures``: what
    could not be asked."""

    trial: Trial
    identity: Identity | None = None
    formats: tuple[OfferedFormat, ...] = ()
    sets: tuple[OfferedSet, ...] = ()
    failures: list[Text] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The probe in plain values, as the outcome of its order and ``--json`` tell it."""
        walk, sink = self.trial.walk, self.trial.sink
        reached = walk.ending in (Ending.FINISHED, Ending.INTERRUPTED)
        codes = Counter((each.issue.code, each.issue.severity) for each in sink.issues)
        return {
            "ending": "answered" if reached else str(walk.ending),
            "message": walk.message,
            "identity": self.identity,
            "formats": [each._asdict() for each in self.formats],
            "sets": [each._asdict() for each in self.sets],
            "received": sink.tally.received,
            "accepted": sink.tally.accepted,
            "refused": sink.tally.refused,
            "issues": [
                {"code": code, "severity": severity, "count": count}
                for (code, severity), count in codes.most_common()
            ],
            "failures": self.failures,
        }


def try_out(
    source: sources.Source,
    road: Road,
    changes: ChangeReader,
    engines: Engines,
    *,
    full: bool,
    windowing: Windowing,
) -> Trial:
    """Walk over the whole source as a harvest would now, and compare."""
    now = road.clock()
    window = next_window(source, full=full, rules_version=RULES_VERSION, now=now, windowing=windowing)
    sink = TrialSink(engines, source, window, rules_version=RULES_VERSION, now=now)
    return _walk(_informed(engines, source), window, sink, road, changes)


def probe(
    source: sources.Source, road: Road, changes: ChangeReader, engines: Engines, *, sample: int
) -> Probe:
    """Ask an endpoint who it is and what it offers, and check the first ``sample`` records or so (whole
    answers). Every one is checked, known or not. Raises ``GaveWay`` where that was told."""
    window = Window(Scope.FULL)
    sink = TrialSink(engines, source, window, rules_version=None, now=road.clock())
    sampling = replace(
        road,
        stop=lambda: road.stop() or sink.tally.received >= sample,
        limits=replace(road.limits, singly=0),
    )
    found = Probe(_walk(_informed(engines, source), window, sink, sampling, changes))
    if found.trial.walk.pause is not None:
        raise GaveWay(found.trial.walk.message)
    unreachable = found.trial.walk.ending in (Ending.TRANSPORT, Ending.FATAL)
    if source.description.protocol is Protocol.OAI_PMH and not unreachable:
        _ask_about(found, source, road)
    return found


def _informed(engines: Engines, source: sources.Source) -> SourceDescription:
    with engines.read.connect() as connection:
        return ownership.for_walk(connection, source.description)


def _walk(
    source: SourceDescription, window: Window, sink: TrialSink, road: Road, changes: ChangeReader
) -> Trial:
    if source.is_internal:
        walk, _ = pipeline.walk_register(source, window, sink, changes, day_of(road.clock()), road.stop)
    else:
        walk, _ = pipeline.walk(source, window, sink, road)
    return Trial(walk, sink)


_QUESTIONS = {"identity": ask_identify, "formats": ask_formats, "sets": ask_sets}
"""A field of :class:`Probe` and of the envelope that answers, and the question to it."""


def _ask_about(found: Probe, source: sources.Source, road: Road) -> None:
    """Ask Identify, ListMetadataFormats and ListSets, each once; what fails is noted."""
    description = source.description
    reading = Reading(description, road.archive_key, day_of(road.clock()))
    for name, question in _QUESTIONS.items():
        try:
            with road.open_answer(question(description), description, road.pulse) as answer:
                batches = road.reader.read(reading, answer.chunks(), found.trial.sink.known)
                envelope = pipeline.drain(batches, lambda _: None)
        except GaveWay:
            raise
        except HarvestFailure as failure:
            found.failures.append(failure.text)
        else:
            setattr(found, name, getattr(envelope, name))
