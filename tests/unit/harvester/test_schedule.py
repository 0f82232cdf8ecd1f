"""When a source is due: cron lines in a time zone, intervals, and back-off while it fails."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from harvester.schedule import BadSchedule, check_schedule, interval_of, next_due

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def due(schedule: str, failures: int = 0, now: datetime = NOW) -> datetime | None:
    return next_due(schedule, now=now, time_zone="Asia/Shanghai", failures=failures, longest=DAY)


def test_a_cron_line_is_read_in_the_time_zone() -> None:
    assert due("30 2 * * *") == datetime(2026, 3, 1, 18, 30, tzinfo=UTC)


def test_an_interval_counts_from_now() -> None:
    assert due("every 6h") == NOW + timedelta(hours=6)
    assert due("Every 15 m") == NOW + timedelta(minutes=15)


def test_no_schedule_is_only_on_demand_however_often_it_fails() -> None:
    assert due("") is None
    assert due("", failures=2) is None


def test_a_passing_trouble_is_tried_again_soon() -> None:
    waits = [due("30 2 * * *", failures=count) for count in (1, 2, 3)]
    assert waits == [NOW + timedelta(minutes=minutes) for minutes in (5, 10, 20)]


def test_a_lasting_failure_is_asked_more_and_more_rarely_up_to_a_day() -> None:
    waits = [due("every 10m", failures=count) for count in range(4, 30)]
    assert all(earlier <= later for earlier, later in pairwise(waits) if earlier and later)
    assert waits[0] == NOW + timedelta(minutes=40)
    assert waits[-1] == NOW + DAY


@pytest.mark.parametrize("text", ["every 0h", "every", "61 * * * *", "* * *", "soon"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(BadSchedule):
        check_schedule(text, "Asia/Shanghai")


@pytest.mark.parametrize("text", ["", "every 2d", "0 */4 * * 1-5"])
def test_what_is_a_schedule_passes(text: str) -> None:
    check_schedule(text, "Asia/Shanghai")


@pytest.mark.parametrize(("minutes", "after"), [(1, 5), (90, 90), (600, 360)])
def test_a_source_that_asks_for_time_gets_it_until_it_is_due_anyway(minutes: int, after: int) -> None:
    asked = timedelta(minutes=minutes)
    due_at = next_due("every 6h", now=NOW, time_zone="UTC", failures=1, longest=DAY, asked=asked)
    assert due_at == NOW + timedelta(minutes=after)


def test_intervals_are_read() -> None:
    assert interval_of("every 2d") == timedelta(days=2)
    assert interval_of("0 0 * * *") is None
