"""The items of the two guidance catalogues.

Source: 工程建设领域项目信息和信用信息公开共享规范(试行), which numbers the credit items of companies and of
persons separately: those of persons carry a P here, so that a code names one item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from schemas.codes import rows
from schemas.issue import Text


@dataclass(frozen=True, slots=True)
class Category:
    """One item: ``catalogue`` (``project`` or ``credit``), ``code`` (``6.2``), ``parent`` (``6`` or empty),
    ``subject`` (``project``, ``company`` or ``person``) and its label."""

    catalogue: str
    code: str
    parent: str
    subject: str
    label: Text


@cache
def categories() -> Mapping[tuple[str, str], Category]:
    """(catalogue, code) → item, in the order of the catalogues."""
    return MappingProxyType(
        {
            (row["catalogue"], row["code"]): Category(
                row["catalogue"], row["code"], row["parent"], row["subject"], Text(row["zh"], row["en"])
            )
            for row in rows("categories")
        }
    )


def category(catalogue: str, code: str) -> Category | None:
    """The item ``code`` of ``catalogue``; None where there is none."""
    return categories().get((catalogue, code))


def is_known(scope: str) -> bool:
    """Whether ``scope`` names a catalogue (``credit``) or an item of one (``credit:6.2``)."""
    catalogue, colon, code = scope.partition(":")
    if colon:
        return category(catalogue, code) is not None
    return any(catalogue == known for known, _ in categories())


def is_within(catalogue: str, code: str, scope: str) -> bool:
    """Whether the item lies in ``scope``: a catalogue (``credit``) or an item with all below it
    (``credit:6`` holds 6.2)."""
    named, _, ancestor = scope.partition(":")
    if named != catalogue or not ancestor:
        return named == catalogue
    while code and code != ancestor:
        found = category(catalogue, code)
        code = found.parent if found else ""
    return code == ancestor
