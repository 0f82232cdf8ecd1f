"""Erasures: what is known under an identifier is removed everywhere, because two persons decided so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ErasureStatus(StrEnum):
    ASKED = "asked"  # one person asked for it; nothing has happened
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure: where it was asked for, of what, by whom and why; who decided (``decided_by``: erased it, or took
    the request back)."""

    id: int
    register_id: int
    identifier: str
    status: ErasureStatus
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Extent:
    """What an erasure concerns: registers (their ids), and how many of each kind of thing."""

    registers: tuple[int, ...]
    versions: int
    records: int
    documents: int
    raw: int
