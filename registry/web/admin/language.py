"""What people see of a value: in their language, in the time of the installation, with nothing hidden in it.

Everything that a template shows passes :func:`shown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g, request
from markupsafe import Markup

from registry.model.issue import Text
from registry.model.labels import label_of, visible_text

LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
COOKIE = "mulu_language"
COOKIE_SECONDS = 365 * 24 * 3600

_TIMES = {"zh": "%Y-%m-%d %H:%M", "en": "%Y-%m-%d %H:%M"}
_TICKS = Text("是", "yes"), Text("否", "no")


def language() -> str:
    """The language of this answer: what was chosen (account or switch), else Chinese."""
    chosen = g.get("language") or request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else "zh"


def say(zh: str, en: str, **facts: object) -> str:
    """The sentence in the language of this answer; ``{name}`` places are filled with ``facts`` as shown."""
    chosen = en if language() == "en" else zh
    return chosen.format(**{name: shown(each) for name, each in facts.items()}) if facts else chosen


def shown(value: Any) -> Any:
    """What people see of a value. Markup is left as it is: whoever made it has escaped what it is made of.

    A text is picked in its language, a member of an enumeration called by its label, a moment told in the time of the
    installation; control characters are made visible.
    """
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value
    if isinstance(value, Text):
        return visible_text(value.in_language(language()))
    if isinstance(value, StrEnum):
        return label_of(value).in_language(language())
    if isinstance(value, str):
        return visible_text(value)
    if isinstance(value, bool):
        return _TICKS[0 if value else 1].in_language(language())
    if isinstance(value, datetime):
        return local(value).strftime(_TIMES[language()])
    return value.isoformat() if isinstance(value, date) else value


def local(moment: datetime) -> datetime:
    """The moment in the time zone of the installation."""
    zone: ZoneInfo = current_app.extensions["console"].zone
    return moment.astimezone(zone)


def number(value: float | None) -> str:
    """A number with its thousands grouped; nothing for None."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago (or in how long), in one unit; never, where there is no moment."""
    if moment is None:
        return say("从未", "never")
    seconds = round((now - moment).total_seconds())
    past, size = seconds >= 0, abs(seconds)
    for length, zh, en in ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min")):
        if size >= length:
            count = size // length
            return (
                say(f"{count} {zh}前", f"{count} {en} ago")
                if past
                else say(f"{count} {zh}后", f"in {count} {en}")
            )
    return say("刚刚", "just now") if past else say("即将", "soon")
