"""Finding and masking in text: invisible characters, citizen numbers, contact data.

:func:`is_suspicious` is a cheap necessary condition for all of them over the bytes of a whole record, so
that a clean record never meets the exact expressions. The amending functions return their text unchanged
(the same object) where nothing is to be done.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import Final

from harvester.rules.citizens import citizen_numbers, is_citizen_number, numbers_of_old
from harvester.rules.contacts import addresses, labelled_telephones, telephones
from harvester.rules.folding import cover, fold
from harvester.rules.persons import mask_contact_persons

MASK: Final = "***"

_CONTROL: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"
_FORMAT: Final = (
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_CONTROLS: Final = re.compile(f"[{_CONTROL}]")
_FORMATS: Final = re.compile(f"[{_FORMAT}]")

# Bytes with every digit as 0, every ASCII gap as -, and letters in lower case: what a search for shapes needs.
_FLATTEN: Final = bytes.maketrans(
    b"123456789 ()./_\t\n\rABCDEFGHIJKLMNOPQRSTUVWXYZ", b"000000000---------abcdefghijklmnopqrstuvwxyz"
)
_RUN: Final = b"0" * 11
_NUMBER: Final = b"0" * 15
_GROUPED: Final = re.compile(
    rb"000(?<!0000)(?:"
    rb"0?-{1,3}0{3,4}-{0,3}0{4}(?!0)"  # a telephone number, with or without area code
    rb"|0000-0000(?!0)|-000-00000(?!0)|00-?0{6}(?!0)|0-0000-000(?!0)"  # a mobile number
    rb")"
)
# The same beyond ASCII, in UTF-8: full-width digits and signs, and what may part digits.
_WIDE: Final = re.compile(rb"\xef\xbc[\x8b\x8d-\x99\xa0\xbf]")
_BOLD_DIGIT: Final = b"\xf0\x9d\x9f"
_DASHES: Final = re.compile(rb"\xe2(?:\x80[\x90-\x95\xa2]|\x88\x92)")
_BRACKET: Final = "）".encode()
_POINT: Final = "·".encode()
_WIDE_SPACES: Final = re.compile("[\u3000\xa0\u2002\u2003\u2007\u2009\u202f]")
_LABELS: Final = (
    ("联", "联系"), ("话", "电话"), ("话", "固话"), ("机", "手机"), ("机", "座机"), ("真", "传真"),
)  # fmt: skip


def is_suspicious(content: bytes) -> bool:
    """Whether ``content`` (UTF-8 XML of one record) may hold anything that a function below would change.

    May say yes in vain; where it says no, there is nothing. Single characters are looked for first, in the
    decoded text: that costs next to nothing.
    """
    text = content.decode()
    if "@" in text or "\ufffd" in text or ("+" in text and "+86" in text):
        return True
    has_wide_space = False
    if not text.isprintable():
        if _FORMATS.search(text) or _CONTROLS.search(text):
            return True
        has_wide_space = _WIDE_SPACES.search(text) is not None
    for character, label in _LABELS:
        if character in text and label in text:
            return True
    if _WIDE.search(content) or _BOLD_DIGIT in content:
        return True
    flat = content.translate(_FLATTEN)  # byte for byte: a place in it is a place in ``content``
    if b"tel" in flat or b"phone" in flat or b"mobile" in flat or b"fax" in flat:
        return True
    if _has_telling_run(content, flat):
        return True
    if has_wide_space:
        flat = _WIDE_SPACES.sub(" ", text).encode().translate(_FLATTEN)
    return _has_telling_groups(_without_wide_gaps(flat))


def _without_wide_gaps(flat: bytes) -> bytes:
    """``flat`` with every gap beyond ASCII as -."""
    if _BRACKET in flat:
        flat = flat.replace(_BRACKET, b"-")
    if _POINT in flat:
        flat = flat.replace(_POINT, b"-")
    return _DASHES.sub(b"-", flat) if b"\xe2" in flat else flat


def _has_telling_run(content: bytes, flat: bytes) -> bool:
    """Whether ``content`` has a run of digits as long as a telephone number, or one that is a citizen number
    (``flat``: the same with every digit as 0). Longer ones are codes of projects."""
    at = flat.find(_RUN)
    while at >= 0:
        ahead = flat[at : at + 64]
        length = len(ahead) - len(ahead.lstrip(b"0"))
        if length <= 17 or (length == 18 and is_citizen_number(content[at : at + 18].decode("latin-1"))):
            return True
        at = flat.find(_RUN, at + length)
    return False


def _has_telling_groups(flat: bytes) -> bool:
    """Whether groups of digits make up as many as a citizen number has, or a telephone number."""
    if flat.translate(None, b"-").count(_NUMBER) > flat.count(_NUMBER):
        return True
    if b"-000" not in flat or (b"0-000" not in flat and b"--000" not in flat):
        return False
    return _GROUPED.search(flat) is not None


def mask_citizen_numbers(text: str) -> str:
    """``text`` with every citizen number replaced by as many asterisks, those of 15 digits only where they stand
    alone."""
    folded = fold(text)
    return cover(text, chain(citizen_numbers(folded), numbers_of_old(folded)))


def mask_contact_data(text: str) -> str:
    """``text`` without e-mail addresses, telephone numbers and names of contact persons (these only where a
    label announces them)."""
    folded = fold(text)
    spans = chain(addresses(folded), telephones(folded), labelled_telephones(folded))
    return mask_contact_persons(cover(text, spans, MASK), MASK)


def mask_labelled_contact_data(text: str) -> str:
    """The same of a code or number: only where a label announces contact data, or an address gives it away. What has
    the shape of a telephone number is mostly none there."""
    folded = fold(text)
    spans = chain(addresses(folded), labelled_telephones(folded))
    is_labelled = mask_contact_persons(cover(text, spans, MASK), MASK) != text
    return mask_contact_data(text) if is_labelled else text


def show_invisible(text: str) -> str:
    """``text`` with control characters made visible (U+FFFD), and without characters that only steer its
    display: bidirectional overrides, zero-width spaces, tags. Joiners and variation selectors, which some
    scripts need, stay."""
    return _FORMATS.sub("", _CONTROLS.sub("\ufffd", text))
