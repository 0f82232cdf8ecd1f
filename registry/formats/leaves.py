"""The texts of a record, cut from its canonical bytes in one pass of a regular expression.

Whatever is asked about a record (facts, rules, what may be searched) is asked of its leaves: their form is
guaranteed (:mod:`schemas.canonical`), and cutting them costs a third of a walk through the tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

TEXT: Final = rb"([^< \t\r\n][^<]*+)(?<![ \t\r\n])"
"""A text in canonical form, as an expression: it neither begins nor ends with white space."""

LEAF: Final = re.compile(rb"<([A-Za-z]++)>%b</\1>" % TEXT)
"""An element that holds nothing but a text."""

_ESCAPES: Final = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&#13;", b"\r"), (b"&amp;", b"&"))


class Leaves(NamedTuple):
    """The elements without children of a record, in document order: their names, and their texts as they
    stand in canonical bytes (escaped). ``first`` holds the first text of each name, ``frame`` what is left of
    the bytes without these elements."""

    names: Sequence[bytes]
    texts: Sequence[bytes]
    first: dict[bytes, bytes]
    frame: bytes


def leaves(content: bytes) -> Leaves:
    """The leaves of canonical bytes."""
    return of_pieces(LEAF.split(content))


def of_pieces(pieces: Sequence[bytes]) -> Leaves:
    """The leaves, from what :data:`LEAF` splits bytes into: what stands between them, name, text, and so on."""
    names, texts = pieces[1::3], pieces[2::3]
    first = dict(zip(reversed(names), reversed(texts), strict=True))
    return Leaves(names, texts, first, b"".join(pieces[::3]))


def plain(text: bytes) -> str:
    """The text of a leaf without escapes."""
    if b"&" in text:
        for escape, character in _ESCAPES:
            text = text.replace(escape, character)
    return text.decode()
