"""Administrative divisions by their GB/T 2260 codes: dated, with their place in the tree.

The bulk is the table that python-stdnum carries (the years in which a code was valid); ``divisions.csv`` adds
what it lacks: 000000 for the central level, newer codes, parents that the digits do not tell, successors of
codes that were given up. A parent is looked up, never cut from the digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files

from schemas.codes import rows

CENTRAL = "000000"

_PROVINCE = re.compile(r'(\d{2}) province="(.*)"')
_COUNTY = re.compile(r'\s+(\d{4}) county="(.*)"')
_PERIOD = re.compile(r"(?:\[(\d*)-(\d*)\])?([^,\[]+)")
_FIRST, _LAST = 0, 9999

# Codes that only group others: those below them hang under the province itself.
_GROUPS = frozenset(
    ("市辖区", "县", "市", "林区", "省直辖行政单位", "省直辖县级行政单位", "自治区直辖县级行政单位")
)


@dataclass(slots=True)
class _Division:
    """A code: its names with first and last year, a parent where the digits mislead, a successor."""

    names: list[tuple[int, int, str]] = field(default_factory=list)
    parent: str = ""
    successor: str = ""

    def name_in(self, year: int) -> str:
        """The name in ``year``; empty while the code was not valid."""
        return next((name for first, last, name in self.names if first <= year <= last), "")

    def nearest_year(self, year: int) -> int:
        """``year`` itself while the code was valid, else the year of its validity that is nearest."""
        years = (min(max(year, first), last) for first, last, _ in self.names)
        return min(years, key=lambda valid: abs(valid - year))


def is_valid(code: str, on: date) -> bool:
    """Whether ``code`` (six digits) was in force on ``on``; the table knows years, not days."""
    division = _table().get(code)
    return division is not None and bool(division.name_in(on.year))


def is_known(code: str) -> bool:
    """Whether ``code`` was ever in force."""
    return code in _table()


def path(code: str, on: date) -> tuple[str, ...]:
    """The codes from the province down to ``code`` as of ``on``: ``("330000", "330100", "330106")``.

    A code given up by then stands where its successor does (512081 under 510100 as 510185), else where it
    stood last. Empty for a code that never was.
    """
    return _path(code, on.year)


def name(code: str, language: str = "zh", on: date | None = None) -> str:
    """The name of ``code`` as of ``on`` (None: its latest), in English where we have one (``en``), else in
    Chinese; the code itself where it is unknown."""
    if language.startswith("en") and code in _english():
        return _english()[code]
    division = _table().get(code)
    if division is None:
        return code
    return division.name_in(division.nearest_year(on.year if on else _LAST))


@lru_cache(maxsize=20_000)
def _path(code: str, year: int) -> tuple[str, ...]:
    division = _table().get(code)
    if division is None:
        return ()
    if division.successor and all(last < year for _, last, _ in division.names):
        return _path(division.successor, year)
    province, prefecture = f"{code[:2]}0000", f"{code[:4]}00"
    if code in (province, CENTRAL):
        return (code,)
    if division.parent:
        return (*_path(division.parent, year), code)
    middle = _table().get(prefecture)
    if code == prefecture or middle is None:
        return (province, code)
    group = middle.name_in(division.nearest_year(year))
    return (province, code) if not group or group in _GROUPS else (province, prefecture, code)


@cache
def _english() -> dict[str, str]:
    return {row["code"]: row["en"] for row in rows("division_names")}


@cache
def _table() -> dict[str, _Division]:
    table = _standard_table()
    for row in rows("divisions"):
        division = table.setdefault(row["code"], _Division())
        if row["name"]:
            division.names = [(int(row["from"] or _FIRST), int(row["until"] or _LAST), row["name"])]
        division.parent, division.successor = row["parent"], row["successor"]
    return table


def _standard_table() -> dict[str, _Division]:
    table: dict[str, _Division] = {}
    province = ""
    for line in (files("stdnum") / "cn" / "loc.dat").read_text(encoding="utf-8").splitlines():
        if found := _PROVINCE.fullmatch(line):
            province = found[1]
            table[f"{province}0000"] = _Division([(_FIRST, _LAST, found[2])])
        elif found := _COUNTY.fullmatch(line):
            periods = _PERIOD.findall(found[2])
            table[province + found[1]] = _Division(
                [(int(first or _FIRST), int(last or _LAST), named) for first, last, named in periods]
            )
    return table
