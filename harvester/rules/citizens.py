"""Citizen numbers in text: of 18 characters by check character and day of birth, of 15 digits by place and day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from harvester.rules.folding import fold
from schemas.codes import divisions

_GAP: Final = "[- ./_·]"
# Looked for at the beginning of every group of digits: what stands before a number may be grouped like one.
_GROUPED: Final = re.compile(
    rf"(?<![0-9])(?=([0-9](?:{_GAP}{{0,3}}[0-9]){{16}}{_GAP}{{0,3}}[0-9Xx])(?![0-9]))"
)
_OF_OLD: Final = re.compile(r"(?<![0-9A-Za-z.])[0-9]{6}([- ]?)[0-9]{6}\1[0-9]{3}(?![0-9A-Za-z]|\.[0-9])")
_PROVINCE: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")  # 91: of foreigners
_LABELS: Final = re.compile("身份|公民|居民|证件|监护|学生|儿童|未成年")
_LABEL_REACH: Final = 16

_LATEST_GROWN_UP: Final = 2010
"""Whoever was born later is a child, of whom catalogues do not speak: such a number is mostly that of a building
permit (a division, the day of issue, four digits more), of which one in eleven has a true check digit. Where a label
says so it is a citizen number all the same. To be moved as they grow up."""
_YEARS_OF_OLD: Final = range(1980, 2000)  # GB 11643-1999 brought 18 digits
_OLDEST_OF_OLD: Final = 30  # what begins with a division and 00 to 29 is numbered by days of this century


def is_citizen_number(text: str) -> bool:
    """Whether ``text`` is a 公民身份号码 (GB 11643-1999): 17 digits and the check character of ISO 7064
    MOD 11-2, full-width forms included, with a day of birth that exists. Gaps are passed over.

    The region is not looked up: numbers keep codes that were abolished long ago.
    """
    return _year_of_birth(re.sub(_GAP, "", fold(text))) > 0


def _year_of_birth(number: str) -> int:
    """The year of birth in a citizen number without gaps; 0 where it is none."""
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return 0
    remainder = (1 - 2 * int(number[:17], 13)) % 11
    if number[17].upper() != ("X" if remainder == 10 else str(remainder)):
        return 0
    year = int(number[6:10])
    return year if 1850 <= year <= 2100 and _is_day(year, number[10:14]) else 0


def _is_day(year: int, month_and_day: str) -> bool:
    try:
        return date(year, int(month_and_day[:2]), int(month_and_day[2:])) is not None
    except ValueError:
        return False


def citizen_numbers(folded: str) -> Iterator[tuple[int, int]]:
    """Where numbers of 18 characters stand in a folded text."""
    reached = 0
    for found in _GROUPED.finditer(folded):
        begin, end = found.span(1)
        number = re.sub(_GAP, "", found[1])
        year = _year_of_birth(number) if begin >= reached else 0
        if not year or (end - begin > 18 and _PROVINCE.match(number) is None):
            continue
        if year <= _LATEST_GROWN_UP or _LABELS.search(folded, max(0, begin - _LABEL_REACH), begin):
            reached = end
            yield begin, end


def has_citizen_number(text: str) -> bool:
    """Whether a citizen number stands anywhere in ``text``.

    Those of 15 digits are not looked for: what is found here is refused or removed, and too many codes of places
    look like them (a division, a day, a serial number).
    """
    return any(True for _ in citizen_numbers(fold(text)))


def numbers_of_old(folded: str) -> Iterator[tuple[int, int]]:
    """Where numbers of 15 digits stand alone in a folded text."""
    for found in _OF_OLD.finditer(folded):
        if is_citizen_number_of_old(found[0]):
            yield found.span()


def is_citizen_number_of_old(text: str) -> bool:
    """Whether ``text`` looks like a citizen number of the first generation (GB 11643-1989): 15 digits, full-width
    forms included, that begin with a division of that time and a day of birth (YYMMDD, 19YY) that exists.

    They have no check character: a code that is made of a division, such a day and three digits looks the same.
    """
    number = re.sub(_GAP, "", fold(text))
    if len(number) != 15 or not (number.isascii() and number.isdigit()):
        return False
    year = int(number[6:8])
    return year >= _OLDEST_OF_OLD and _is_day(1900 + year, number[8:12]) and _was_a_division(number[:6])


@lru_cache(maxsize=10_000)
def _was_a_division(code: str) -> bool:
    """Whether ``code`` was a division below a province before the numbers of 18 digits came."""
    return not code.endswith("0000") and any(
        divisions.is_valid(code, date(year, 7, 1)) for year in _YEARS_OF_OLD
    )
