"""What would become of a delivery: read as a harvest would read it, held against the register, nothing written."""

from __future__ import annotations

from harvester.errors import GaveWay
from harvester.meter import Meter
from harvester.pipeline import Road
from harvester.trial import bounded, ending_told, shown, walk_over
from registry.model.harvesting import ChangeReader
from registry.model.inspection import Previewed, RowIssue
from registry.model.run import Ending, Scope, Window
from registry.services.ingest.sampling import SampleSink
from registry.store import sources
from registry.store.engine import Engines

ROWS = 200
"""So many issues are told one by one."""


def preview(source: sources.Source, road: Road, changes: ChangeReader, engines: Engines) -> Previewed:
    """Read the delivery that the description of ``source`` names, to its end, and compare. Every record is checked,
    known or not. Raises ``GaveWay`` where that was told, or the worker ends."""
    window = Window(Scope.DELTA)
    sink = SampleSink(engines, source, window, rules_version=None, now=road.clock(), issue_limit=ROWS)
    walk = walk_over(source, window, sink, bounded(road, Meter(road), road.stop), changes, engines)
    if walk.pause is not None or walk.ending is Ending.INTERRUPTED:
        raise GaveWay(walk.message)
    return Previewed(
        ending=ending_told(walk),
        message=walk.message,
        scope=walk.scope or window.scope,
        verdict=sink.verdict,
        tally=sink.tally,
        holds=tuple(each.text for each in sink.reasons),
        issues=sink.rules.told(),
        rows=tuple(
            RowIssue(
                each.place,
                each.identifier,
                each.issue.code,
                each.issue.severity,
                each.issue.message,
                each.issue.hint,
                each.issue.path,
            )
            for each in sink.issues[:ROWS]
        ),
        records=shown(sink),
    )
