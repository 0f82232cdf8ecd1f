"""The life of an issue: whether it is new in a run, was there before, or has gone since."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from registry.model.issue import Severity


class IssueState(StrEnum):
    """Where an issue (one code on one record) stands in a run, compared with what was known before it: the last
    complete list of the source, and what came since."""

    NEW = "new"  # not found before
    KNOWN = "known"  # found before, and found again
    FIXED = (
        "fixed"  # found before; the run brought the record without it, or a complete list without the fault
    )


@dataclass(frozen=True, slots=True)
class IssueCounts:
    """How many issues of one code a run found: new ones and known ones, and how many more that are only counted
    (``beyond`` what a run keeps); and how many, of those that are kept, were ``fixed`` in it."""

    code: str
    severity: Severity
    new: int = 0
    known: int = 0
    fixed: int = 0
    beyond: int = 0

    @property
    def found(self) -> int:
        """What the run itself found."""
        return self.new + self.known + self.beyond
