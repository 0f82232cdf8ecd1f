"""How much of what was wrong a run keeps, and the count of all of it: what is beyond the limits is counted only.

A run's ledger moves with its pages, in the same transactions, so that a walk that goes on at its checkpoint goes on
counting where it stood.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.model.issue import Severity


@dataclass(frozen=True, slots=True)
class Keeping:
    """What one run keeps at most: so many issues of one code, and so many bytes of records that it refused."""

    issues: int = 1000
    refused_bytes: int = 64 << 20


KEEPING = Keeping()
"""As much as is kept unless an installation says otherwise."""


@dataclass(slots=True)
class Counted:
    """Issues of one code: how many are kept, and how many were found ``beyond`` those and only counted."""

    severity: Severity
    kept: int = 0
    beyond: int = 0

    @property
    def found(self) -> int:
        """All of them."""
        return self.kept + self.beyond


@dataclass(slots=True)
class IssueLedger:
    """What a run found, by code; the bytes of refused records that it keeps, and how many such records it left."""

    codes: dict[str, Counted] = field(default_factory=dict)
    refused_bytes: int = 0
    bytes_left: int = 0

    def admits(
        self, code: str, severity: Severity, limit: int, *, always: bool = False, most: int | None = None
    ) -> bool:
        """Count an issue; whether it is among the first ``limit`` of its code (or is to be kept ``always``) and so is
        kept. ``most``: no more than so many can there be; one that makes them more was counted before."""
        counted = self.codes.setdefault(code, Counted(severity))
        if always or counted.kept < limit:
            counted.kept += 1
            return True
        if most is None or counted.found < most:
            counted.beyond += 1
        return False

    def has_room(self, size: int, limit: int) -> bool:
        """Count the bytes of a refused record; whether there is room for them."""
        if self.refused_bytes + size > limit:
            self.bytes_left += 1
            return False
        self.refused_bytes += size
        return True

    def beyond(self, code: str = "") -> int:
        """How many issues (of this code, if one is given) are only counted."""
        return sum(each.beyond for name, each in self.codes.items() if code in ("", name))

    @property
    def only_counted(self) -> dict[str, Counted]:
        """The codes of which more was found than is kept, the most frequent first."""
        beyond = [(code, each) for code, each in self.codes.items() if each.beyond]
        return dict(sorted(beyond, key=lambda pair: (-pair[1].beyond, pair[0])))
