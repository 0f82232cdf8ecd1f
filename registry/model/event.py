"""Events: the acts of people, one per act, written in the same transaction as what they change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, or on the command line ``cli:<user>``; ``address`` where it came from."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One act: ``action`` on ``subject`` (``source:hangzhou``), with what was before and after."""

    actor: Actor
    action: str
    subject: str
    reason: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
