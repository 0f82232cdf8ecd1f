"""Orders: what people or clocks want done, as rows that the harvester's worker carries out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from registry.model.run import Window
from registry.model.source import SourceDescription


class OrderKind(StrEnum):
    HARVEST = "harvest"  # fetch, check, stage, settle, publish
    PROBE = "probe"  # ask the endpoint who it is and check a sample; writes nothing to the register
    TRIAL = "trial"  # hold everything that a source lists against the register; writes nothing to it
    PREVIEW = "preview"  # hold what was handed in, and is not delivered yet, against the register; writes nothing to it
    PROVE = "prove"  # look for the word that proves who controls an endpoint
    EXPIRE = "expire"  # publish what the calendar changed (publication periods that began or ended)
    SETTLE = "settle"  # carry what people decided about a register's runs to its publication
    DELIVER = "deliver"  # send the mails that wait for those who work on a register


INSPECTIONS = frozenset({OrderKind.PROBE, OrderKind.TRIAL, OrderKind.PREVIEW, OrderKind.PROVE})
"""Orders that look at an endpoint and write nothing but what they found."""


class OrderStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Obstacle(StrEnum):
    """Why an order led to nothing (``ending`` in its outcome)."""

    HELD_RUN = "waiting for a held run"
    NOT_APPROVED = "the source is not approved as it was ordered"
    STOPPED = "publication is stopped"


@dataclass(frozen=True, slots=True)
class Order:
    """One order. ``source`` and ``window`` are frozen at placing (None for orders on a register).

    ``fence`` grows with every claim: a worker whose fence is no longer the row's has lost the order. ``slow``: in
    which lane it runs; ``attempts``: how many at the same answer have failed in a row.
    """

    id: int
    kind: OrderKind
    register_id: int
    source: SourceDescription | None
    full: bool
    requested_by: str
    requested_at: datetime
    fence: int = 0
    slow: bool = False
    attempts: int = 0
    window: Window | None = None
