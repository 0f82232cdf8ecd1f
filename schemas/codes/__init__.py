"""Code lists as dated data, and what reads them: divisions, categories of the guidance catalogue, labels."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of the list ``name`` of this package (UTF-8, comma-separated, with a head line)."""
    text = (files(__name__) / f"{name}.csv").read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
