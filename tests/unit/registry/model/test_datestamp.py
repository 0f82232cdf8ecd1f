"""Datestamps as OAI-PMH writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.model.datestamp import Granularity, format_datestamp, parse_datestamp

DAY, SECOND = Granularity.DAY, Granularity.SECOND


@pytest.mark.parametrize(
    ("moment", "granularity", "text"),
    [
        (datetime(2024, 5, 6, 7, 8, 9, 999_999, tzinfo=UTC), SECOND, "2024-05-06T07:08:09Z"),
        (datetime(2024, 5, 6, 23, 59, 59, tzinfo=UTC), DAY, "2024-05-06"),
        (datetime(2024, 5, 7, 1, tzinfo=timezone(timedelta(hours=8))), SECOND, "2024-05-06T17:00:00Z"),
        (datetime(2024, 5, 7, 1, tzinfo=timezone(timedelta(hours=8))), DAY, "2024-05-06"),
        (datetime(1, 1, 1, tzinfo=UTC), SECOND, "0001-01-01T00:00:00Z"),
    ],
)
def test_written_in_utc_and_cut(moment: datetime, granularity: Granularity, text: str) -> None:
    assert format_datestamp(moment, granularity) == text


@pytest.mark.parametrize(
    ("text", "moment", "granularity"),
    [
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC), DAY),
        ("2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), SECOND),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC), DAY),
    ],
)
def test_read_with_its_granularity(text: str, moment: datetime, granularity: Granularity) -> None:
    assert parse_datestamp(text) == (moment, granularity)


@pytest.mark.parametrize(
    "text",
    [
        "", "2024", "2024-05", "2023-02-29", "2024-02-30", "2024-13-01", "2024-00-10", "20240506",
        "2024-W19-1", "2024-127", "2024-05-06T07:08Z", "2024-05-06T07:08:09", "2024-05-06T07:08:09.5Z",
        "2024-05-06T07:08:09+08:00", "2024-05-06 07:08:09Z", "2024-05-06t07:08:09z", "2024-05-06T25:00:00Z",
        "2024-05-06T07:08:60Z", " 2024-05-06", "2024-05-06\n", "２０２４-05-06", "0000-01-01", "10000-01-01",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_datestamp(text)


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(Granularity))
def test_what_is_written_is_read_back(moment: datetime, granularity: Granularity) -> None:
    read, found = parse_datestamp(format_datestamp(moment, granularity))
    kept = (
        {"microsecond": 0}
        if granularity is SECOND
        else {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    )
    assert (read, found) == (moment.replace(**kept), granularity)  # type: ignore[arg-type]
