"""The book of acts as a file: CSV for spreadsheets, or one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from registry.model.event import Entered
from registry.outlets.csv_lines import csv_line

FIELDS = ("id", "happened_at", "actor", "action", "subject", "reason", "address", "before", "after")


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
    yield csv_line(FIELDS)
    for entered in acts:
        yield csv_line(row_of(entered).values())


def json_lines(acts: Iterable[Entered]) -> Iterator[str]:
    """The book as one JSON object a line."""
    for entered in acts:
        yield msgspec.json.encode(row_of(entered)).decode() + "\n"
