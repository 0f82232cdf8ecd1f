"""Lines of CSV for spreadsheets: what came from strangers is never taken for a formula, and hides nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec

from registry.model.labels import visible_text

BEGINNING = "\ufeff"
"""What a file begins with, so that spreadsheets take it for UTF-8."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_line(values: Iterable[Any]) -> str:
    """One line: texts as they are, but with control characters made visible and formulas disarmed by an apostrophe;
    nothing for None; anything else as JSON."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(_cell(each) for each in values)
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
    text = visible_text(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
