"""Carrying out orders that only look: nothing is written but what was found, as the outcome of the order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from harvester import trial
from harvester.dossier import try_for_approval
from harvester.pipeline import Road
from harvester.previewing import preview
from harvester.proving import prove
from registry.model.harvesting import ChangeReader
from registry.model.inspection import Budget, Previewed, Probed, Proved, Tried
from registry.model.order import Order, OrderKind
from registry.store import sources
from registry.store.engine import Engines

PROBE_SAMPLE = 100
"""Records that a probe checks, or so: it stops behind the answer that holds the last of them."""
PROBE_SECONDS = 60.0
"""So long does a probe take, or so: it stops behind the answer that it is reading then."""


def inspect(order: Order, road: Road, changes: ChangeReader, engines: Engines) -> dict[str, Any]:
    """Look, as an order describes the source; returns what was found, in plain values. Raises ``GaveWay``."""
    source = source_of(order, engines)
    found: Probed | Tried | Proved | Previewed
    if order.kind is OrderKind.TRIAL:
        found = try_for_approval(source, road, changes, engines, Budget())
    elif order.kind is OrderKind.PREVIEW:
        found = preview(source, road, changes, engines)
    elif order.kind is OrderKind.PROVE:
        found = prove(source, road)
    else:
        sample, seconds = PROBE_SAMPLE, PROBE_SECONDS
        found = trial.probe(source, road, changes, engines, sample=sample, seconds=seconds).told()
    told: dict[str, Any] = msgspec.to_builtins(found)
    return told


def source_of(order: Order, engines: Engines) -> sources.Source:
    """The source of an order as it stands, under the description that the order carries."""
    description = order.source
    assert description is not None
    if not description.id:
        return sources.unregistered(description)
    with engines.read.connect() as connection:
        return replace(sources.by_id(connection, description.id), description=description)
