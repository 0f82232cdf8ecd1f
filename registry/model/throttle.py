"""How often a sign-in may fail, for one account and from one address, before the next attempt has to wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Failures:
    """Attempts that have failed (or not yet succeeded) since ``since``."""

    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ThrottleLimits:
    """``failures`` may go wrong within ``window``, counted from the first one."""

    failures: int
    window: timedelta


def waits_until(failures: Failures, limits: ThrottleLimits, now: datetime) -> datetime | None:
    """When the next attempt is allowed; None where it is now."""
    if failures.since is None or failures.count < limits.failures:
        return None
    end = failures.since + limits.window
    return end if now < end else None


def counted(failures: Failures, limits: ThrottleLimits, now: datetime) -> Failures:
    """With one attempt more. A window that has run out begins anew."""
    if failures.since is None or now >= failures.since + limits.window:
        return Failures(1, now)
    return Failures(failures.count + 1, failures.since)
