"""Pages of a list by key: a page names the last row before it, so that each page costs the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

ROWS = 50
PARAMETER = "after"

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """The rows of one page. ``next``: the key that the next page begins behind, empty where there is none;
    ``first``: whether this is the first page."""

    rows: Sequence[Row]
    next: str
    first: bool


def after() -> str:
    """The key that this page begins behind; empty for the first page."""
    return request.args.get(PARAMETER, "")


def after_number() -> int | None:
    """The same for lists that are ordered by a number, newest first; None for the first page and for nonsense."""
    key = after()
    return int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None


def cut(found: Sequence[Row], key: Callable[[Row], object], size: int = ROWS) -> Slice[Row]:
    """One page of what was found: ask the store for ``size + 1`` rows, so that the last one says that more follow."""
    rows = found[:size]
    return Slice(rows, str(key(rows[-1])) if len(found) > size else "", first=not after())
