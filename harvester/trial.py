"""Walks that change nothing: a trial compares a whole harvest with what is held, a probe looks at an endpoint
and checks a sample of its records.

What they found is told in the words of ``registry.model.inspection``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from harvester import pipeline
from harvester.errors import GaveWay, HarvestFailure
from harvester.meter import Meter
from harvester.overlooked import overlooked_of
from harvester.pipeline import Road
from harvester.protocols.base import Identity, OfferedFormat, OfferedSet
from harvester.protocols.oaipmh_questions import ask_formats, ask_identify, ask_sets
from harvester.rules import RULES_VERSION
from harvester.sandbox import Reading
from registry.formats.difference import fields
from registry.model import inspection
from registry.model.harvesting import ChangeReader
from registry.model.inspection import (
    ANSWERED,
    VALUE_LIMIT,
    Identified,
    Offered,
    Probed,
    ShownField,
    ShownRecord,
)
from registry.model.issue import Text
from registry.model.run import Ending, Scope, Walk, Window
from registry.model.source import Protocol
from registry.model.visibility import day_of
from registry.services import ownership
from registry.services.ingest.opening import Windowing, next_window
from registry.services.ingest.sampling import SampleSink
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

    walk: Walk
    sink: SampleSink
    meter: Meter
    identity: Identity | None = None
    formats: tuple[OfferedFormat, ...] = ()
    sets: tuple[OfferedSet, ...] = ()
    failures: list[Text] = field(default_factory=list)

    def told(self) -> Probed:
        """What was found."""
        said = self.identity
        return Probed(
            ending=ending_told(self.walk),
            message=self.walk.message,
            identity=None if said is None else _identified(said),
            formats=tuple(Offered(*each) for each in self.formats),
            sets=tuple(inspection.OfferedSet(*each) for each in self.sets),
            received=self.sink.tally.received,
            accepted=self.sink.tally.accepted,
            refused=self.sink.tally.refused,
            issues=self.sink.rules.told(),
            records=shown(self.sink),
            failures=tuple(self.failures),
            endpoint=self.meter.told(),
        )  # fmt: skip


def _identified(said: Identity) -> Identified:
    return Identified(said.name, said.base_url, str(said.granularity), said.deleted_record, said.earliest)


def ending_told(walk: Walk) -> str:
    """How a walk ended that was to see something only."""
    return ANSWERED if walk.ending in (Ending.FINISHED, Ending.INTERRUPTED) else str(walk.ending)


def shown(sink: SampleSink) -> tuple[ShownRecord, ...]:
    """The records that a sink has kept, as they would appear."""
    return tuple(
        ShownRecord(
            identifier,
            document.facts.title[:VALUE_LIMIT],
            tuple(
                ShownField(each.label, each.value[:VALUE_LIMIT], each.meaning)
                for each in fields(document.content)
            ),
        )
        for identifier, document in sink.samples
    )


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
    return Trial(walk_over(source, window, sink, road, changes, engines), sink)


def probe(
    source: sources.Source,
    road: Road,
    changes: ChangeReader,
    engines: Engines,
    *,
    sample: int,
    seconds: float,
) -> Probe:
    """Ask an endpoint who it is and what it offers, and check the first ``sample`` records or so (whole
    answers), for ``seconds`` or so. Every one is checked, known or not. Raises ``GaveWay`` where that was told."""
    window, began = Window(Scope.FULL), road.clock()
    sink = SampleSink(engines, source, window, rules_version=None, now=began)
    meter = Meter(road)

    def stop() -> bool:
        late = road.clock() - began >= timedelta(seconds=seconds)
        return late or road.stop() or sink.tally.received >= sample

    found = Probe(walk_over(source, window, sink, bounded(road, meter, stop), changes, engines), sink, meter)
    if found.walk.pause is not None:
        raise GaveWay(found.walk.message)
    unreachable = found.walk.ending in (Ending.TRANSPORT, Ending.FATAL)
    if source.description.protocol is Protocol.OAI_PMH and not unreachable:
        _ask_about(found, source, replace(road, open_answer=meter.open_answer))
    return found


def bounded(road: Road, meter: Meter, stop: Callable[[], bool]) -> Road:
    """The road for a walk that ends once it has seen enough: it is measured, its sink hears of each answer before the
    next one is asked for, and nothing is asked for one by one."""
    return replace(
        road,
        open_answer=meter.open_answer,
        stop=stop,
        patience=timedelta(0),
        limits=replace(road.limits, singly=0),
    )


def walk_over(
    source: sources.Source,
    window: Window,
    sink: TrialSink,
    road: Road,
    changes: ChangeReader,
    engines: Engines,
) -> Walk:
    """Walk over a source to a sink that compares, knowing what others own by now; how that ended."""
    with engines.read.connect() as connection:
        description = ownership.for_walk(connection, source.description)
    if description.is_internal:
        day = day_of(road.clock())
        return pipeline.walk_register(description, window, sink, changes, day, road.stop)[0]
    noted = overlooked_of(engines, description, window)
    return pipeline.walk(description, window, sink, road, noted=noted)[0]


_QUESTIONS = {"identity": ask_identify, "formats": ask_formats, "sets": ask_sets}
"""A field of :class:`Probe` and of the envelope that answers, and the question to it."""


def _ask_about(found: Probe, source: sources.Source, road: Road) -> None:
    """Ask Identify, ListMetadataFormats and ListSets, each once; what fails is noted."""
    description = source.description
    reading = Reading(description, road.archive_key, day_of(road.clock()))
    for name, question in _QUESTIONS.items():
        try:
            with road.open_answer(question(description), description, road.pulse) as answer:
                batches = road.reader.read(reading, answer.chunks(), found.sink.known)
                envelope = pipeline.drain(batches, lambda _: None)
        except GaveWay:
            raise
        except HarvestFailure as failure:
            found.failures.append(failure.text)
        else:
            setattr(found, name, getattr(envelope, name))
