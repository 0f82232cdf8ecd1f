"""Telephone numbers and e-mail addresses in text.

Telephones: mobile numbers, land lines with a separated area code, and whatever a label announces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]++\s?@\s?[A-Za-z0-9-]+(?:\s?[.。]\s?[A-Za-z0-9-]+)+"
)
_GAP: Final = "[- ]"
_COUNTRY: Final = rf"\(?(?:\+|00)?86\)?{_GAP}{{0,2}}"
_MOBILE: Final = (
    "1[3-9](?:"
    f"[0-9]{_GAP}?[0-9]{{4}}{_GAP}?[0-9]{{4}}"
    f"|[0-9]{_GAP}{{2,3}}[0-9]{{4}}{_GAP}{{2,3}}[0-9]{{4}}"
    f"|[0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}}"
    f"|[0-9]\\.[0-9]{{4}}\\.[0-9]{{4}}"
    f"|[0-9]{{3}}{_GAP}(?!19|20)[0-9]{{6}}"  # no months
    f"|(?!(?<=19)[0-9]{{2}}{_GAP}(?:19|20))[0-9]{{2}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}"  # no years
    ")"
)
_LAND_LINE: Final = (
    rf"(?:\(?0[0-9]{{2,3}}(?:\){_GAP}?|{_GAP}{{1,3}})|\+86{_GAP}?[1-9][0-9]{{1,2}}{_GAP})"
    rf"[0-9]{{3,4}}{_GAP}?[0-9]{{4}}(?:(?:-|转|{_GAP}转){_GAP}?[0-9]{{1,6}})?"
)
_TELEPHONE: Final = re.compile(
    rf"(?<![0-9A-Za-z.￥¥$])(?:{_COUNTRY}1[3-9](?:{_GAP}?[0-9]){{9}}|(?:{_COUNTRY})?{_MOBILE}|{_LAND_LINE})(?![0-9A-Za-z]|\.[0-9]|[万亿]?元|平方)"
)
_LABEL: Final = (
    r"(?:电话|手机号?|座机|固话|传真|联系方式|\b(?:[Tt][Ee][Ll](?:ephone)?|[Mm]obile|[Pp]hone|[Ff]ax))(?:号码)?"
    r"(?:\([^()]{1,6}\))?[ :.为是]{0,3}"
)
_NUMBER: Final = r"[+(]{0,2}[0-9](?:[- ()]{0,2}[0-9]){6,19}(?:转[0-9]{1,6})?"
_LABELLED: Final = re.compile(rf"{_LABEL}({_NUMBER}(?:[ 、,，;；/或和]{{1,2}}{_NUMBER})*)(?![0-9])")


def telephones(folded: str) -> Iterator[tuple[int, int]]:
    """Where telephone numbers stand in a folded text, known by their shape."""
    yield from (found.span() for found in _TELEPHONE.finditer(folded))


def labelled_telephones(folded: str) -> Iterator[tuple[int, int]]:
    """Where what a label calls a telephone number stands in a folded text."""
    yield from (found.span(1) for found in _LABELLED.finditer(folded))


def addresses(folded: str) -> Iterator[tuple[int, int]]:
    """Where e-mail addresses stand in a folded text."""
    yield from (found.span() for found in _EMAIL.finditer(folded))
