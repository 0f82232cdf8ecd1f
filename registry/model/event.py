"""Events: the acts of people, one per act, written in the same transaction as what they change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from registry.model.account import Limits


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; ``address`` where it came from.

    ``account``: the id of the account whose grants decide what it may do (``limits``: narrowed by the API key
    that it came with). None: the installation itself, which may do everything: its own command line
    (``cli:<user>``), its clocks, its importer.
    """

    name: str
    address: str = ""
    account: int | None = None
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One act: ``action`` on ``subject`` (``source:hangzhou``), with what was before and after.

    ``register_id``: the register whose auditors may read of it; None: those of the whole installation only.
    """

    actor: Actor
    action: str
    subject: str
    reason: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    register_id: int | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """An event as it stands in the book: under its number, at its moment."""

    id: int
    happened_at: datetime
    event: Event
