"""The cheap test misses nothing, invisible characters are shown, and no text takes long. How much of what people
write is found, and how little else, is measured in ``tests/hostile/test_personal_data.py``."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.rules.base import masked
from harvester.rules.masking import is_suspicious, show_invisible
from harvester.rules.parties import is_credit_code
from tests.hostile.planted import DECOYS, PLANTING, Planted, credit_code, leaks

EACH = 200


@pytest.mark.parametrize("plant", dict.fromkeys(PLANTING), ids=lambda plant: plant.__name__)
def test_every_kind_is_found(plant: Callable[[Random], Planted], seed: str) -> None:
    rng = Random(seed)
    planted = [plant(rng) for _ in range(EACH)]
    missed = [each for each in planted if leaks(masked(each.text), each.secrets)]
    assert len(missed) <= 0.01 * EACH, missed[:5]
    assert all(leaks(each.text, each.secrets) for each in planted), "what is planted can be read"


@pytest.mark.parametrize("make", DECOYS, ids=lambda make: make.__name__)
def test_every_decoy_stays(make: Callable[[Random], str], seed: str) -> None:
    rng = Random(seed)
    decoys = [
        f"{rng.choice(('', '经查，', '〔', 'ID'))}{make(rng)}{rng.choice(('', '。', '，男', '号'))}"
        for _ in range(EACH)
    ]
    altered = [decoy for decoy in decoys if masked(decoy) != decoy]
    assert len(altered) <= 0.02 * EACH, altered[:5]


def test_the_credit_codes_among_them_are_real_ones(seed: str) -> None:
    rng = Random(seed)
    assert all(is_credit_code(credit_code(rng)) for _ in range(EACH))


def test_invisible_characters() -> None:
    assert show_invisible("道\u202e路\u200b\ufeff改\u0085造\x7f") == "道路改\ufffd造\ufffd"
    plain = "𠮷野家 葛󠄀飾区 \u2026“引号”\u3000"
    assert show_invisible(plain) is plain or show_invisible(plain) == plain


_WORDS = """
    0571 138 110105 19491231 002X 87654321 0013 8000 1949 1231 491231 002 13500 1990 2012 1 ０５７１ +86 0086 转 Tel
    电话 座机 联系人 张三 @ a.b 身份证 号 <t> </t> １３８００１３８０００ 𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎
"""
_PIECES = [*_WORDS.split(), *" -－—()（）：:.·/_\u3000\xa0\u2003\n−。\u200b\x85", "  "]


@given(st.lists(st.sampled_from(_PIECES), max_size=8).map("".join))
def test_what_is_not_suspicious_is_not_changed(text: str) -> None:
    assert masked(text) == text or is_suspicious(text.encode())


@given(st.integers(0, 10**9))
def test_nothing_that_is_planted_is_not_suspicious(number: int) -> None:
    rng = Random(number)
    text = rng.choice(PLANTING)(rng).text
    assert masked(text) == text or is_suspicious(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000 + "@", "a@" * 50_000, "1" * 200_000, "0571-" * 40_000, "联系人" * 60_000, "1 " * 100_000,
        "电话1-" * 40_000, "电话" + "(1) " * 40_000, "1.1" * 60_000, "+86" * 60_000,
    ],
)  # fmt: skip
def test_masking_is_not_led_into_long_walks(text: str) -> None:
    """Each would take minutes if an expression began anew at every character: then the time limit ends it."""
    assert masked(text) == text or is_suspicious(text.encode())
