"""Tokens and phrases: what is found by which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.store.tokens import MAX_TOKEN_CHARACTERS, MAX_TOKENS, Phrase, phrases_of, tokens_of


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("  ,。 ", []),
        ("市", ["市"]),
        ("浙江省", ["浙江", "江省", "省"]),
        ("G25高速", ["g25", "高速", "速"]),
        ("杭州 Metro", ["杭州", "州", "metro"]),
        ("①号㎡", ["1", "号", "m2"]),
        ("〔2010〕12号", ["2010", "12", "号"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("𠮷野", ["𠮷野", "野"]),
        ("a_b", ["a", "b"]),
        ("x" * 100, ["x" * MAX_TOKEN_CHARACTERS]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert tokens_of(text) == tokens


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ("", ()),
        ("。 ()", ()),
        ("市", (Phrase(("市",), prefix=True),)),
        ("杭州", (Phrase(("杭州",), prefix=False),)),
        ("浙江省", (Phrase(("浙江", "江省"), prefix=False),)),
        ("杭州G25", (Phrase(("杭州", "州", "g25"), prefix=False),)),
        ("G25高", (Phrase(("g25", "高"), prefix=True),)),
        ("杭州 A", (Phrase(("杭州",), prefix=False), Phrase(("a",), prefix=True))),
        ("[2010]12号", (Phrase(("2010", "12", "号"), prefix=True),)),
    ],
)
def test_phrases(query: str, phrases: tuple[Phrase, ...]) -> None:
    assert phrases_of(query) == phrases


def test_only_the_beginning_of_a_very_long_text_is_indexed() -> None:
    assert len(tokens_of("浙江" * MAX_TOKENS)) == MAX_TOKENS
    assert len(tokens_of("a " * (MAX_TOKENS + 1))) == MAX_TOKENS


def matches(tokens: list[str], phrase: Phrase) -> bool:
    """Whether a full-text index finds a text of these tokens by this phrase."""
    *whole, last = phrase.tokens
    for start in range(len(tokens) - len(whole)):
        if tokens[start : start + len(whole)] == whole:
            candidate = tokens[start + len(whole)]
            if candidate == last or (phrase.prefix and candidate.startswith(last)):
                return True
    return False


@given(st.text("甲乙丙丁", min_size=1, max_size=12), st.data())
def test_every_part_of_a_chinese_text_finds_it_and_nothing_else_does(text: str, data: st.DataObject) -> None:
    part = data.draw(st.text("甲乙丙丁", min_size=1, max_size=5))
    (phrase,) = phrases_of(part)
    assert matches(tokens_of(text), phrase) == (part in text)
