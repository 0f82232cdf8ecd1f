"""UTC datestamps as OAI-PMH 2.0 (section 3.3) writes them. Granularity: day or second."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum


class Granularity(StrEnum):
    DAY = "YYYY-MM-DD"
    SECOND = "YYYY-MM-DDThh:mm:ssZ"


def format_datestamp(moment: datetime, granularity: Granularity = Granularity.SECOND) -> str:
    """``moment`` (aware) in UTC, cut (not rounded) to the granularity."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return text[:10] if granularity is Granularity.DAY else text


def parse_datestamp(text: str) -> tuple[datetime, Granularity]:
    """The moment (aware, UTC; a day means its first second) and the granularity of ``text``.

    Raises ``ValueError`` for anything but the two forms of OAI-PMH, impossible days included.
    """
    if len(text) == 10:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC), Granularity.DAY
    if len(text) == 20 and text.endswith("Z") and text[10] == "T":
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC), Granularity.SECOND
    raise ValueError(f"not a UTC datestamp: {text!r}")
