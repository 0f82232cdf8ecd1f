"""UTC datestamps as OAI-PMH 2.0 (section 3.3) writes them. Granularity: day or second."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum

_FORM = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)


class Granularity(StrEnum):
    DAY = "YYYY-MM-DD"
    SECOND = "YYYY-MM-DDThh:mm:ssZ"


def format_datestamp(moment: datetime, granularity: Granularity = Granularity.SECOND) -> str:
    """``moment`` (aware) in UTC, cut (not rounded) to the granularity."""
    text = moment.astimezone(UTC).isoformat(timespec="seconds")
    return text[:10] if granularity is Granularity.DAY else text.replace("+00:00", "Z")


def parse_datestamp(text: str) -> tuple[datetime, Granularity]:
    """The moment (aware, UTC; a day means its first second) and the granularity of ``text``.

    Raises ``ValueError`` for anything but the two forms of OAI-PMH, impossible days included.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(f"not a UTC datestamp: {text!r}")
    if form[1] is None:
        return datetime.fromisoformat(f"{text}T00:00:00Z"), Granularity.DAY
    return datetime.fromisoformat(text), Granularity.SECOND


def is_datestamp(text: str) -> bool:
    """Whether :func:`parse_datestamp` understands ``text``."""
    try:
        parse_datestamp(text)
    except ValueError:
        return False
    return True
