"""Registers: the merged catalogue of one level and division."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from registry.model.brake import BrakeLimits
from registry.model.merge import AuthorityPolicy


class Level(StrEnum):
    NATIONAL = "national"
    REGIONAL = "regional"  # several provinces, such as the Yangtze delta
    PROVINCIAL = "provincial"
    MUNICIPAL = "municipal"
    COUNTY = "county"
    DEPARTMENTAL = "departmental"


@dataclass(frozen=True, slots=True)
class AuthorityChange:
    """What the standing entries have to follow: a source whose authority was changed, or (``identifier``) one entry
    that somebody decided about; ``act`` is the action of the event (``event_id``) that tells of it."""

    source_code: str
    event_id: int
    identifier: str = ""
    act: str = "authority"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a register decides for itself. ``gate``: every run that changes something is held for an approver
    (发布审核), also where the brake would not. ``to_follow``: changes of authority that the standing entries have
    not followed yet, the oldest first."""

    authority: AuthorityPolicy = field(default_factory=AuthorityPolicy)
    brake: BrakeLimits = field(default_factory=BrakeLimits)
    gate: bool = False
    to_follow: tuple[AuthorityChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """A register and how far it has come.

    ``mark`` is the last published sequence: readers see nothing above it. ``head`` is the last sequence
    given out (above the mark while a run is being settled). ``published_at`` is the datestamp of the last
    publication. ``entries`` counts live entries as of the mark.
    """

    id: int
    code: str
    name: str
    level: Level
    division: str
    policy: Policy
    mark: int
    head: int
    entries: int
    published_at: datetime | None
    owner: str = ""
    manager: str = ""
