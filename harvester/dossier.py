"""A trial for whoever decides about a source: everything that it lists, within a budget, held against the register.

Nothing is written. What a harvest would do is told by the sink of a trial; besides, it is told which other sources hold
the same identifiers, which entries may be the same thing under another one, and how much the level above could see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from harvester.errors import GaveWay
from harvester.meter import Meter
from harvester.pipeline import Road
from harvester.rules import SCOPE_CODES
from harvester.trial import bounded, ending_told, shown, walk_over
from registry.formats.marks import Mark, marks_of
from registry.model.harvesting import ChangeReader
from registry.model.inspection import Budget, Overlap, SameAs, Tried
from registry.model.record import CheckedRecord, Condition, Page
from registry.model.run import Ending, Scope, Walk, Window
from registry.model.visibility import Audience, day_of, visible
from registry.services.ingest.sampling import SampleSink
from registry.store import documents, holdings, registers, search, sources
from registry.store.engine import Connection, Engines

_MARKS = 200
"""So many numbers and codes are looked up."""
_HITS, _SAME = 10, 50
"""So many entries are looked at for each, and so many pairs are told."""


@dataclass(slots=True)
class _Held:
    """How many records another source holds too, with the first of them."""

    count: int = 0
    identifier: str = ""


@dataclass(slots=True)
class _Noticed:
    """What is counted of every record besides."""

    overlaps: dict[str, _Held] = field(default_factory=dict)
    overlapping: int = 0
    marks: dict[Mark, tuple[str, str]] = field(default_factory=dict)
    upward: int = 0
    public: int = 0


class DossierSink(SampleSink):
    """The sink of such a trial. ``noticed``: what it has counted besides."""

    def __init__(self, engines: Engines, source: sources.Source, *arguments: Any, **options: Any) -> None:
        super().__init__(engines, source, *arguments, **options)
        self.noticed = _Noticed()
        self._today = day_of(options["now"])

    def begin_anew(self) -> None:
        """Forget what was counted."""
        super().begin_anew()
        self.noticed = _Noticed()

    def take(self, pages: Sequence[Page]) -> list[int]:
        """Compare some pages."""
        stated = self._source.description
        names = [record.identifier for page in pages for record in page.records if record.identifier]
        with self._engines.read.connect() as connection:
            held = holdings.others_with(connection, stated.register_id, stated.id, names)
        self.noticed.overlapping += len({identifier for identifier, _ in held})
        for identifier, code in held:
            found = self.noticed.overlaps.setdefault(code, _Held(0, identifier))
            found.count += 1
        return super().take(pages)

    def notice(self, record: CheckedRecord) -> None:
        """Count one record."""
        super().notice(record)
        document = record.document
        if document is None:  # a hop within the installation brings what peers may see, and digests only
            self.noticed.upward += record.condition is Condition.LIVE
            return
        self.noticed.upward += visible(document.facts, Audience.PEER, self._today)
        self.noticed.public += visible(document.facts, Audience.PUBLIC, self._today)
        if len(self.noticed.marks) < _MARKS:
            for mark in marks_of(document.content):
                self.noticed.marks.setdefault(mark, (record.identifier, document.facts.title))


def try_for_approval(
    source: sources.Source, road: Road, changes: ChangeReader, engines: Engines, budget: Budget
) -> Tried:
    """Walk over the whole source within ``budget``, and compare. Raises ``GaveWay`` where that was told."""
    window, began = Window(Scope.FULL), road.clock()
    sink = DossierSink(engines, source, window, rules_version=None, now=began)
    meter = Meter(road)

    def stop() -> bool:
        late = road.clock() - began >= timedelta(seconds=budget.seconds)
        return late or road.stop() or sink.tally.received >= budget.records

    walk = walk_over(source, window, sink, bounded(road, meter, stop), changes, engines)
    if walk.pause is not None:
        raise GaveWay(walk.message)
    with engines.read.connect() as connection:
        same = _same(connection, source, sink.noticed.marks)
    return _told(walk, sink, meter, same, budget)


def _told(walk: Walk, sink: DossierSink, meter: Meter, same: tuple[SameAs, ...], budget: Budget) -> Tried:
    rules, tally, noticed = sink.rules.told(), sink.tally, sink.noticed
    return Tried(
        ending=ending_told(walk),
        message=walk.message,
        whole=walk.ending is Ending.FINISHED,
        budget=budget,
        verdict=sink.verdict,
        tally=tally,
        holds=tuple(each.text for each in sink.reasons),
        overlaps=tuple(
            Overlap(code, held.count, held.identifier)
            for code, held in sorted(noticed.overlaps.items(), key=lambda each: -each[1].count)
        ),
        overlapping=noticed.overlapping,
        same=same,
        out_of_scope=sum(each.count for each in rules if each.code in SCOPE_CODES),
        issues=rules,
        upward=noticed.upward,
        public=noticed.public,
        records=shown(sink),
        endpoint=meter.told(),
    )


def _same(
    connection: Connection, source: sources.Source, marks: dict[Mark, tuple[str, str]]
) -> tuple[SameAs, ...]:
    """Entries of the register that bear one of these marks under another identifier."""
    register = registers.get(connection, source.description.register_code)
    found: list[SameAs] = []
    for mark, (identifier, title) in marks.items():
        hits = search.query(connection, register, mark.number, limit=_HITS)
        names = search.identifiers(connection, register.id, [each.sequence for each in hits])
        for hit in hits:
            other = names.get(hit.sequence, identifier)
            if other != identifier and mark in marks_of(documents.content(connection, hit.document_id)):
                found.append(SameAs(str(mark.kind), mark.number, mark.authority, identifier, title, other))
        if len(found) >= _SAME:
            break
    return tuple(found[:_SAME])
