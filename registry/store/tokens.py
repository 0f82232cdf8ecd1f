"""Text as tokens for the search index, and a person's query as phrases of such tokens.

Chinese is not written in words, so runs of it become overlapping pairs of characters plus the last one alone
(浙江省 → 浙江 江省 省): a phrase of pairs then finds any substring of two characters or more, and a prefix
finds single ones. Runs of other letters and digits are tokens as they stand. Everything is folded first
(NFKC, small letters), for searching only: ① finds 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

MAX_TOKENS = 16_383
"""How many tokens of one text are indexed: PostgreSQL counts positions no further."""

MAX_TOKEN_CHARACTERS = 64

_UNSPACED = (
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Han, kana, bopomofo and hangul: what is written without spaces, as the inside of a character class."""

_RUN = re.compile(f"([{_UNSPACED}]+)|[^\\W_{_UNSPACED}]+")


class Phrase(NamedTuple):
    """Tokens that must follow one another; with ``prefix`` the last one may go on."""

    tokens: tuple[str, ...]
    prefix: bool


def tokens_of(text: str) -> list[str]:
    """The tokens under which ``text`` is found, in order; at most :data:`MAX_TOKENS`."""
    tokens: list[str] = []
    for run, unspaced in _runs(text):
        if unspaced:
            tokens.extend(map(str.__add__, run, run[1:]))
            tokens.append(run[-1])
        else:
            tokens.append(run[:MAX_TOKEN_CHARACTERS])
        if len(tokens) >= MAX_TOKENS:
            return tokens[:MAX_TOKENS]
    return tokens


def phrases_of(query: str) -> tuple[Phrase, ...]:
    """The phrases of a query, all of which a text must hold: one for each part between spaces.

    Punctuation only separates (〔2010〕12号 finds (2010)12号). Empty where nothing can be searched for.
    """
    phrases = (_phrase(list(_runs(part))) for part in query.split())
    return tuple(phrase for phrase in phrases if phrase.tokens)


def _phrase(runs: list[tuple[str, bool]]) -> Phrase:
    tokens: list[str] = []
    for place, (run, unspaced) in enumerate(runs, 1):
        if not unspaced:
            tokens.append(run[:MAX_TOKEN_CHARACTERS])
            continue
        tokens.extend(map(str.__add__, run, run[1:]))
        if place < len(runs) or len(run) == 1:
            tokens.append(run[-1])
    return Phrase(tuple(tokens), bool(runs) and len(runs[-1][0]) == 1)


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """The runs of letters and digits in ``text``, folded, and whether they are written without spaces."""
    for found in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        yield found[0], found[1] is not None
