"""Numbers in cells of spreadsheets, written as people see them; those that a spreadsheet has cut short are none."""

from __future__ import annotations

import re
from decimal import Decimal
from math import ulp
from typing import Final

_DIGITS: Final = 15
_BEYOND: Final = 10**_DIGITS
_NOISE: Final = 2  # units in the last place: what a computation adds to the number that is shown
_LEADING_ZEROS: Final = re.compile("0{2,}")


def numeral(value: float, number_format: str) -> str:
    """``value`` without an exponent, behind zeros where its format asks for them (``0000``).

    Raises ``ValueError`` where it has more than 15 significant digits: cells are doubles (ECMA-376 part 1, 18.3.1.96),
    and spreadsheets replace the digits behind the 15th by zeros as they are typed, so that a code is another one.
    """
    if not abs(value) < _BEYOND:
        raise ValueError(value)
    shown = Decimal(f"{value + 0.0:.{_DIGITS}g}")
    if abs(float(shown) - value) > _NOISE * ulp(value):
        raise ValueError(value)
    is_code = _LEADING_ZEROS.fullmatch(number_format) and shown >= 0 and shown == int(shown)
    return f"{shown:f}".zfill(len(number_format) if is_code else 0)
