"""When a source is due, as a pure function, and the one tick that looks for what is due.

A schedule is a cron line of five fields, or ``every 6h`` (``m``, ``h``, ``d``); empty: only on demand.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

_EVERY = re.compile(r"every\s+(\d+)\s*([mhd])", re.IGNORECASE)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_FIRST_BACKOFF = timedelta(minutes=5)


class BadSchedule(ValueError):
    """The text is neither a cron line nor an interval."""


def next_due(
    schedule: str,
    *,
    now: datetime,
    time_zone: str,
    failures: int,
    longest: timedelta,
    asked: timedelta = timedelta(0),
) -> datetime | None:
    """When a source with this schedule is due after ``now`` (aware); None: only on demand.

    After ``failures`` failures in a row it is tried again sooner than the schedule says, at first after five
    minutes, each time twice as late, at most after ``longest``; then the later of the two counts, so that a
    dead endpoint with a tight schedule is asked ever more rarely. A source that ``asked`` for more time gets it,
    until its next regular time at most. Raises ``BadSchedule``.
    """
    regular = _next_regular(schedule, now, time_zone)
    if not failures:
        return regular
    doublings: int = 2 ** min(failures - 1, 20)
    if regular is None:
        return None
    retry = max(now + min(longest, _FIRST_BACKOFF * doublings), min(now + asked, regular))
    return retry if failures <= _SOON else max(retry, min(regular, now + longest))


_SOON = 3
"""So many failures in a row are taken for a passing trouble."""


def _next_regular(schedule: str, now: datetime, time_zone: str) -> datetime | None:
    text = schedule.strip()
    if not text:
        return None
    interval = interval_of(text)
    if interval is not None:
        return now + interval
    fires_at: datetime | None = _cron(text, time_zone).get_next_fire_time(None, now)
    return fires_at


def interval_of(schedule: str) -> timedelta | None:
    """The interval of ``every 6h``; None for anything else."""
    match = _EVERY.fullmatch(schedule.strip())
    if match is None or not int(match[1]):
        return None
    return _UNITS[match[2].lower()] * int(match[1])


@lru_cache(maxsize=1000)
def _cron(text: str, time_zone: str) -> CronTrigger:
    try:
        return CronTrigger.from_crontab(text, timezone=ZoneInfo(time_zone))
    except ValueError as error:
        raise BadSchedule(f"neither a cron line nor `every 6h`: {text!r} ({error})") from error


def check_schedule(text: str, time_zone: str) -> None:
    """Raise ``BadSchedule`` unless ``text`` is a schedule."""
    if text.strip() and interval_of(text) is None:
        _cron(text.strip(), time_zone)
