"""Text as numbers are looked for in it: one spelling for every digit, gap and sign, character for character.

A place in the folded text is the same place in the text, so that what is found can be covered there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_BOLD: Final = 0x1D7CE  # mathematical digits: five alphabets of ten

_FOLDS: Final = {
    **{0xFF10 + value: str(value) for value in range(10)},
    **{_BOLD + place: str(place % 10) for place in range(50)},
    **dict.fromkeys(map(ord, "－‐‑‒–—―−"), "-"),
    **dict.fromkeys(map(ord, "\u3000\xa0\u2002\u2003\u2007\u2009\u202f\t\r\n\ufffd"), " "),
    **dict.fromkeys(map(ord, "·•"), "·"),
    **{ord(wide): narrow for wide, narrow in zip("（）＋：．／＿＠Ｘｘ", "()+:./_@Xx", strict=True)},
}
Spans = Iterable[tuple[int, int]]


def fold(text: str) -> str:
    """``text`` in as many characters."""
    return text.translate(_FOLDS)


def cover(text: str, spans: Spans, mask: str = "") -> str:
    """``text`` with ``mask`` in place of each span (overlapping ones are one), or with as many asterisks; the
    same object where there are none."""
    parts, reached = [], 0
    for begin, end in _joined(spans):
        parts += [text[reached:begin], mask or "*" * (end - begin)]
        reached = end
    return "".join([*parts, text[reached:]]) if parts else text


def _joined(spans: Spans) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and begin < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
