"""Texts in cells of spreadsheets: what came from strangers is never taken for a formula, and comes back as it was."""

from __future__ import annotations

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MARK: Final = "'"


def disarmed(text: str) -> str:
    """``text`` behind an apostrophe where a spreadsheet would compute rather than show it, and where it reads like such
    a text already: so that :func:`as_written` knows them apart."""
    return f"{_MARK}{text}" if text.lstrip(_MARK).startswith(_FORMULA) else text


def as_written(text: str) -> str:
    """The text that :func:`disarmed` was given."""
    return text[len(_MARK) :] if text.startswith(_MARK) and disarmed(text) != text else text


__all__ = ["as_written", "disarmed"]
