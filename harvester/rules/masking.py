"""Finding and masking in text: invisible characters, citizen numbers, contact data.

:func:`is_suspicious` is a cheap necessary condition for all of them over the bytes of a whole record, so
that a clean record never meets the exact expressions. The amending functions return their text unchanged
(the same object) where nothing is to be done.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Final

from harvester.rules.persons import mask_contact_persons
from schemas.codes import divisions

MASK: Final = "***"

_DIGIT: Final = "[0-9０-９]"
_GAP: Final = "[\\s\N{FULLWIDTH HYPHEN-MINUS}\N{EM DASH}\N{EN DASH}-]"

_CONTROL: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_FORMAT: Final = (
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_CONTROLS: Final = re.compile(f"[{_CONTROL}]")
_FORMATS: Final = re.compile(f"[{_FORMAT}]")

_CITIZEN: Final = re.compile(
    f"(?<!{_DIGIT})(?:"
    f"{_DIGIT}{{6}}{_GAP}?{_DIGIT}{{4}}{_GAP}?{_DIGIT}{{4}}{_GAP}?{_DIGIT}{{3}}"
    f"|{_DIGIT}{{4}}(?:{_GAP}{_DIGIT}{{4}}){{3}}{_GAP}{_DIGIT}"
    f")[0-9０-９XxＸｘ](?!{_DIGIT})"
)
_CITIZEN_OF_OLD: Final = re.compile(f"(?<![0-9０-９A-Za-z.]){_DIGIT}{{15}}(?![0-9０-９A-Za-z]|\\.[0-9])")
_YEARS_OF_OLD: Final = range(1980, 2000)  # GB 11643-1999 brought 18 digits
_OLDEST_OF_OLD: Final = 10  # companies are numbered from <division>00000001 on
_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]++\s?[@＠]\s?[A-Za-z0-9-]+(?:\s?[.．。]\s?[A-Za-z0-9-]+)+"
)
_TELEPHONE: Final = re.compile(
    f"(?<![0-9０-９A-Za-z.])(?:\\+86{_GAP}?)?(?:"
    f"[1１][3-9３-９]{_DIGIT}{_GAP}?{_DIGIT}{{4}}{_GAP}?{_DIGIT}{{4}}"
    f"|[(（]?[0０]{_DIGIT}{{2,3}}(?:[)）]{_GAP}?|{_GAP}){_DIGIT}{{3,4}}{_GAP}?{_DIGIT}{{4}}(?:[-转]{_DIGIT}{{1,6}})?"
    f")(?![0-9０-９A-Za-z])"
)
_LABELLED: Final = re.compile(
    r"((?:电话|手机号?|传真|联系方式|\b[Tt][Ee][Ll](?:ephone)?)(?:号码)?[\s:：.]{0,3})"
    r"([0-9０-９+(（][0-9０-９\s()（）－—–-]{5,24}[0-9０-９])"
)
# Bytes with every digit as 0, every ASCII gap as -, and letters in lower case: what a search for shapes needs.
_FLATTEN: Final = bytes.maketrans(
    b"123456789 ()\t\n\rABCDEFGHIJKLMNOPQRSTUVWXYZ", b"000000000------abcdefghijklmnopqrstuvwxyz"
)
_RUN: Final = b"0" * 11
_GROUPED: Final = re.compile(
    rb"000(?<!0000)(?:"
    rb"0?-{1,3}0{3,4}-?0{4}(?!0)"  # a telephone number, with or without area code
    rb"|0000-0000(?!0)"  # a mobile number
    rb"|000-?0{4}-?0{4}-?000"  # a citizen number
    rb")"
)
_FULL_WIDTH: Final = re.compile("[＠０-９－]")  # in UTF-8 they all begin with EF
_WIDE_GAPS: Final = ("）", "—", "–")
_LABELS: Final = (("联", "联系"), ("话", "电话"), ("机", "手机"), ("真", "传真"))


def is_suspicious(content: bytes) -> bool:
    """Whether ``content`` (UTF-8 XML of one record) may hold anything that a function below would change.

    May say yes in vain; where it says no, there is nothing. Single characters are looked for first, in the
    decoded text: that costs next to nothing.
    """
    text = content.decode()
    if "@" in text or ("+" in text and "+86" in text):
        return True
    if not text.isprintable() and (_FORMATS.search(text) or _CONTROLS.search(text)):
        return True
    for character, label in _LABELS:
        if character in text and label in text:
            return True
    flat = content.translate(_FLATTEN)  # byte for byte: a place in it is a place in ``content``
    if 0xEF in content and _FULL_WIDTH.search(text):
        return True
    if _has_telling_run(content, flat):
        return True
    for gap in _WIDE_GAPS:
        if gap in text:
            flat = flat.replace(gap.encode(), b"-")
    if b"tel" in flat:
        return True
    if b"-000" not in flat or (b"0-000" not in flat and b"--000" not in flat):
        return False
    return _GROUPED.search(flat) is not None


def _has_telling_run(content: bytes, flat: bytes) -> bool:
    """Whether ``content`` has a run of digits as long as a telephone number, or one that is a citizen number
    (``flat``: the same with every digit as 0). Longer ones are codes of projects."""
    at = flat.find(_RUN)
    while at >= 0:
        ahead = flat[at : at + 64]
        length = len(ahead) - len(ahead.lstrip(b"0"))
        if length <= 16 or (length <= 18 and is_citizen_number(content[at : at + 18].decode("latin-1"))):
            return True
        at = flat.find(_RUN, at + length)
    return False


def is_citizen_number(text: str) -> bool:
    """Whether ``text`` is a 公民身份号码 (GB 11643-1999): 17 digits and the check character of ISO 7064
    MOD 11-2, full-width forms included, with a day of birth that exists. Gaps are passed over.

    The region is not looked up: numbers keep codes that were abolished long ago.
    """
    number = unicodedata.normalize("NFKC", re.sub(_GAP, "", text)).upper()
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    remainder = (1 - 2 * int(number[:17], 13)) % 11
    if number[17] != ("X" if remainder == 10 else str(remainder)):
        return False
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    try:
        return 1850 <= year <= 2100 and date(year, month, day) is not None
    except ValueError:
        return False


def has_citizen_number(text: str) -> bool:
    """Whether a citizen number stands anywhere in ``text``.

    Those of 15 digits are not looked for: what is found here is refused or removed, and too many codes of places
    look like them (a division, a day, a serial number).
    """
    return any(is_citizen_number(found[0]) for found in _CITIZEN.finditer(text))


def is_citizen_number_of_old(text: str) -> bool:
    """Whether ``text`` looks like a citizen number of the first generation (GB 11643-1989): 15 digits, full-width
    forms included, that begin with a division of that time and a day of birth (YYMMDD, 19YY) that exists.

    They have no check character: a code that is made of a division, such a day and three digits looks the same.
    """
    number = unicodedata.normalize("NFKC", text)
    if len(number) != 15 or not (number.isascii() and number.isdigit()):
        return False
    year, month, day = int(number[6:8]), int(number[8:10]), int(number[10:12])
    try:
        date(1900 + year, month, day)
    except ValueError:
        return False
    return year >= _OLDEST_OF_OLD and _was_a_division(number[:6])


@lru_cache(maxsize=10_000)
def _was_a_division(code: str) -> bool:
    """Whether ``code`` was a division below a province before the numbers of 18 digits came."""
    return not code.endswith("0000") and any(
        divisions.is_valid(code, date(year, 7, 1)) for year in _YEARS_OF_OLD
    )


def mask_citizen_numbers(text: str) -> str:
    """``text`` with every citizen number replaced by as many asterisks, those of 15 digits only where they stand
    alone."""
    text = _CITIZEN.sub(lambda found: "*" * len(found[0]) if is_citizen_number(found[0]) else found[0], text)
    return _CITIZEN_OF_OLD.sub(
        lambda found: "*" * len(found[0]) if is_citizen_number_of_old(found[0]) else found[0], text
    )


def mask_contact_data(text: str) -> str:
    """``text`` without e-mail addresses, telephone numbers and names of contact persons.

    Telephones: mobile numbers, land lines with a separated area code, and whatever a label announces;
    persons: only where a label announces them.
    """
    text = _EMAIL.sub(MASK, text)
    text = _TELEPHONE.sub(MASK, text)
    text = _LABELLED.sub(rf"\1{MASK}", text)
    return mask_contact_persons(text, MASK)


def show_invisible(text: str) -> str:
    """``text`` with control characters made visible (U+FFFD), and without characters that only steer its
    display: bidirectional overrides, zero-width spaces, tags. Joiners and variation selectors, which some
    scripts need, stay."""
    return _FORMATS.sub("", _CONTROLS.sub("\ufffd", text))
