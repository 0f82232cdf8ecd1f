"""The book of acts as a file: CSV for spreadsheets, or one JSON object a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from registry.model.event import Entered
from registry.model.labels import visible_text

FIELDS = ("id", "happened_at", "actor", "action", "subject", "reason", "address", "before", "after")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row_of(entered: Entered) -> dict[str, Any]:
    """An event under the names of its fields."""
    event = entered.event
    values = (
        entered.id, entered.happened_at, event.actor.name, event.action, event.subject, event.reason,
        event.actor.address, event.before, event.after,
    )  # fmt: skip
    return dict(zip(FIELDS, values, strict=True))


def csv_lines(acts: Iterable[Entered]) -> Iterator[str]:
    """The book as CSV, with a heading. No cell is one that a spreadsheet takes for a formula."""
    yield _line(FIELDS)
    for entered in acts:
        yield _line(_cell(value) for value in row_of(entered).values())


def json_lines(acts: Iterable[Entered]) -> Iterator[str]:
    """The book as one JSON object a line."""
    for entered in acts:
        yield msgspec.json.encode(row_of(entered)).decode() + "\n"


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
    text = visible_text(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
