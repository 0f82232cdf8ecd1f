"""Lines of CSV for spreadsheets: what came from strangers is never taken for a formula, and hides nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec

from registry.formats.cells import disarmed
from registry.model.labels import visible_text

BEGINNING = "\ufeff"
"""What a file begins with, so that spreadsheets take it for UTF-8."""


def csv_line(values: Iterable[Any]) -> str:
    """One line for people: texts as they are, but with control characters made visible and formulas disarmed by an
    apostrophe; nothing for None; anything else as JSON."""
    return _line(disarmed(visible_text(_text(each))) for each in values)


def record_line(texts: Iterable[str]) -> str:
    """One line of a table that can be read again: texts of documents, in which nothing hides any more, as they are, but
    with formulas disarmed (``formats.cells`` says how to arm them again)."""
    return _line(map(disarmed, texts))


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
