"""Column types that read the same on SQLite and PostgreSQL, and cost little per row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 (UTC) of an aware moment."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The aware moment (UTC), ``count`` microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=count)


def to_json(value: Any) -> str:
    """Compact JSON of dataclasses, dictionaries, lists, dates and the like."""
    return msgspec.json.encode(value).decode()


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored as microseconds since 1970 UTC (SQLite has no type for one)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_microseconds(value)


class _Days(dict[str | None, date | None]):
    """Days by their text: catalogues hold the same few thousand again and again."""

    _MOST = 100_000

    def __missing__(self, text: str | None) -> date | None:
        if len(self) >= self._MOST:
            self.clear()
        day = self[text] = None if text is None else date.fromisoformat(text)
        return day


_day_of: Callable[[str | None], date | None] = _Days().__getitem__


class Day(TypeDecorator[date]):
    """A calendar day, stored as ``YYYY-MM-DD`` (sorts as text)."""

    impl = String(10)
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], date | None]:
        return _day_of

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()


class Json(TypeDecorator[Any]):
    """Builtins (or dataclasses on the way in) as compact JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value)
