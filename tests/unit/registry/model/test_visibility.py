"""What the public sees: the whole table, and days in Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest

from registry.model.document import Sharing
from registry.model.visibility import Audience, day_of, in_publication_period, visible

FIRST, LAST = date(2024, 2, 1), date(2024, 2, 29)


class Terms(NamedTuple):
    sharing: Sharing = Sharing.UNCONDITIONAL
    open: bool = True
    published_from: date | None = None
    published_until: date | None = None


@pytest.mark.parametrize(
    ("sharing", "is_open", "seen_by"),
    [
        (Sharing.UNCONDITIONAL, True, {Audience.PUBLIC, Audience.PEER}),
        (Sharing.UNCONDITIONAL, False, {Audience.PEER}),
        (Sharing.CONDITIONAL, True, {Audience.PEER}),
        (Sharing.CONDITIONAL, False, {Audience.PEER}),
        (Sharing.NOT_SHARED, True, set()),
        (Sharing.NOT_SHARED, False, set()),
    ],
)
def test_sharing_and_openness_say_who_sees(sharing: Sharing, is_open: bool, seen_by: set[Audience]) -> None:
    assert {each for each in Audience if visible(Terms(sharing, is_open), each, FIRST)} == seen_by


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(
    ("on", "inside"),
    [(date(2024, 1, 31), False), (FIRST, True), (LAST, True), (date(2024, 3, 1), False)],
)
def test_the_period_holds_both_its_days_and_binds_everybody(
    audience: Audience, on: date, inside: bool
) -> None:
    terms = Terms(published_from=FIRST, published_until=LAST)
    assert in_publication_period(terms, on) is inside
    assert visible(terms, audience, on) is (inside and audience is not Audience.NOBODY)


@pytest.mark.parametrize("on", [date.min, date.max])
def test_a_missing_bound_does_not_bind(on: date) -> None:
    assert in_publication_period(Terms(), on)
    assert in_publication_period(Terms(published_from=FIRST), on) is (on == date.max)
    assert in_publication_period(Terms(published_until=LAST), on) is (on == date.min)


@pytest.mark.parametrize("audience", Audience)
def test_a_tombstone_has_no_text(audience: Audience) -> None:
    assert not visible(None, audience, FIRST)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2024, 6, 30, 15, 59, 59, 999_999, tzinfo=UTC), date(2024, 6, 30)),
        (datetime(2024, 6, 30, 16, tzinfo=UTC), date(2024, 7, 1)),
        (datetime(2024, 2, 29, 16, tzinfo=UTC), date(2024, 3, 1)),
    ],
)
def test_days_begin_at_midnight_in_shanghai(moment: datetime, day: date) -> None:
    assert day_of(moment) == day
