"""How many attempts are borne, and for how long one has to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from registry.model.throttle import Failures, ThrottleLimits, counted, waits_until

BEGINNING = datetime(2026, 7, 1, tzinfo=UTC)
LIMITS = ThrottleLimits(5, timedelta(minutes=15))
END = BEGINNING + LIMITS.window
INSTANT = timedelta(microseconds=1)


def test_the_fifth_failure_is_borne_the_sixth_attempt_waits() -> None:
    assert waits_until(Failures(), LIMITS, BEGINNING) is None
    assert waits_until(Failures(4, BEGINNING), LIMITS, BEGINNING) is None
    assert waits_until(Failures(5, BEGINNING), LIMITS, BEGINNING) == END
    assert waits_until(Failures(6, BEGINNING), LIMITS, BEGINNING) == END


def test_the_window_ends_for_everybody() -> None:
    assert waits_until(Failures(5, BEGINNING), LIMITS, END - INSTANT) == END
    assert waits_until(Failures(5, BEGINNING), LIMITS, END) is None


def test_counting_begins_anew_behind_the_window() -> None:
    assert counted(Failures(), LIMITS, BEGINNING) == Failures(1, BEGINNING)
    assert counted(Failures(4, BEGINNING), LIMITS, END - INSTANT) == Failures(5, BEGINNING)
    assert counted(Failures(4, BEGINNING), LIMITS, END) == Failures(1, END)
