"""Masking finds what is planted and leaves alone what only looks like it; the cheap test misses nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.rules.masking import (
    has_citizen_number,
    is_citizen_number,
    is_citizen_number_of_old,
    is_suspicious,
    mask_citizen_numbers,
    mask_contact_data,
    show_invisible,
)
from harvester.rules.parties import is_credit_code, is_organisation_code

PLANTED = 1000
_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_BEFORE = ("", "身份证", "公民身份号码：", "负责人张某(", "ID", "证件号码 ", "经查，", "〔", "No.", "a",
           "（三标段）道路改造，", "甲方——乙方–")  # fmt: skip
_AFTER = ("", "。", "，男", ")", " 的", "号", "；电话", "<", "A", "\n")


def citizen_number(rng: random.Random) -> str:
    """A number made as GB 11643 says: region, day of birth, sequence, check character."""
    region = rng.choice(("110105", "330106", "420111", "512081", "653226", "810000"))
    born = date(1930, 1, 1) + timedelta(days=rng.randrange(32_000))
    body = f"{region}{born:%Y%m%d}{rng.randrange(1000):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def written(number: str, rng: random.Random) -> str:
    """``number`` in one of the ways in which people write it."""
    ways = (
        lambda: number,
        number.lower,
        lambda: number.translate(_FULL_WIDTH),
        lambda: f"{number[:6]} {number[6:14]} {number[14:]}",
        lambda: f"{number[:6]}-{number[6:14]}-{number[14:]}",
    )
    return rng.choice(ways)()


def test_planted_citizen_numbers_are_masked(seed: str) -> None:
    rng = random.Random(seed)
    missed = []
    for _ in range(PLANTED):
        number = written(citizen_number(rng), rng)
        text = f"{rng.choice(_BEFORE)}{number}{rng.choice(_AFTER)}"
        if number in mask_citizen_numbers(text) or not is_suspicious(text.encode()):
            missed.append(text)
    assert len(missed) <= 0.005 * PLANTED, f"seed {seed}: {missed[:5]}"


_REGIONS_OF_OLD = ("110105", "330106", "420111", "310103", "653226", "330802", "360402")


def number_of_old(rng: random.Random) -> str:
    """A number of the first generation: region, day of birth without its century, sequence."""
    born = date(1915, 1, 1) + timedelta(days=rng.randrange(30_000))
    return f"{rng.choice(_REGIONS_OF_OLD)}{born:%y%m%d}{rng.randrange(1000):03}"


def test_planted_numbers_of_the_first_generation_are_masked(seed: str) -> None:
    rng = random.Random(seed)
    before = [each for each in _BEFORE if not each[-1:].isascii() or each[-1:] in ("", "(", " ")]
    for _ in range(PLANTED):
        number = number_of_old(rng)
        number = rng.choice((number, number.translate(_FULL_WIDTH)))
        text = f"{rng.choice(before)}{number}{rng.choice([each for each in _AFTER if each != 'A'])}"
        assert number not in mask_citizen_numbers(text) and is_suspicious(text.encode()), text


@pytest.mark.parametrize(
    "text",
    [
        "999999491231002",  # no such division
        "330000491231002",  # a province
        "330113491231002",  # a division of 2021
        "512081491231002",  # a division of 2000
        "330106000123644",  # a company: nobody was born in 1900
        "330106491331002",  # no such month
        "330106990229002",  # no such day
        "3301064912310020",
        "33010649123100",
        "A330106491231002",
        "330106491231002X",
        "0.330106491231002",
        "330106491231002.5",
    ],
)
def test_what_is_no_number_of_the_first_generation(text: str) -> None:
    assert mask_citizen_numbers(text) == text


def test_numbers_of_the_first_generation_refuse_nothing() -> None:
    assert is_citizen_number_of_old("330106491231002") and not has_citizen_number("330106491231002")


def credit_code(rng: random.Random) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = rng.choice(("91", "12", "11", "51", "A1", "N2")) + f"{rng.randrange(110000, 660000)}"
    body += "".join(rng.choice(alphabet[:10] if rng.random() < 0.5 else alphabet) for _ in range(9))
    total = sum(alphabet.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + alphabet[-total % 31]


def project_code(rng: random.Random) -> str:
    organisation = f"{rng.randrange(10**8):08}{rng.choice('0123456789X')}"
    return (
        f"{rng.randrange(110000, 660000)}{organisation}{rng.randrange(2000, 2030)}{rng.randrange(10**4):04}"
    )


def document_number(rng: random.Random) -> str:
    opened, closed = rng.choice(("〔〕", "[]", "（）", "﹝﹞"))
    return (
        f"杭建罚字{opened}{rng.randrange(2000, 2030)}{closed}第{rng.randrange(10 ** rng.randrange(1, 9))}号"
    )


def bank_account(rng: random.Random) -> str:
    return "".join(rng.choice("0123456789") for _ in range(rng.choice((12, 15, 16, 17, 19))))


def code_of_16_digits(rng: random.Random) -> str:
    """Made like an old citizen number and one digit more."""
    return f"{number_of_old(rng)}{rng.randrange(10)}"


def registration_number(rng: random.Random) -> str:
    """An old number of a company: office, eight digits in the order of registration, check digit."""
    return f"{rng.choice(_REGIONS_OF_OLD)}{rng.randrange(20_000):08}{rng.randrange(10)}"


@pytest.mark.parametrize(
    "make",
    [credit_code, project_code, document_number, bank_account, code_of_16_digits, registration_number],
)
def test_decoys_stay(make: Callable[[random.Random], str], seed: str) -> None:
    rng = random.Random(seed)
    decoys = [f"{rng.choice(_BEFORE[:4])}{make(rng)}{rng.choice(_AFTER[:4])}" for _ in range(PLANTED)]
    altered = [decoy for decoy in decoys if mask_contact_data(mask_citizen_numbers(decoy)) != decoy]
    assert len(altered) <= 0.01 * PLANTED, f"seed {seed}: {altered[:5]}"


def test_the_planted_credit_codes_are_real_ones(seed: str) -> None:
    rng = random.Random(seed)
    assert all(is_credit_code(credit_code(rng)) for _ in range(200))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("联系人：张三，电话：0571-87654321转12", "联系人：***，电话：***"),
        ("手机13800138000", "手机***"),
        ("请致 +86 138 0013 8000 询问", "请致 *** 询问"),
        ("（010）12345678", "***"),
        ("邮箱 wang.wu@hangzhou.gov.cn。", "邮箱 ***。"),
        ("wang＠hz.cn", "***"),
        ("电话 87654321", "电话 ***"),
        ("Tel: 8765-4321", "Tel: ***"),
        ("总投资12000万元，2024-05-01至2025-05-01", "总投资12000万元，2024-05-01至2025-05-01"),
        ("批文〔2010〕12号，代码36040312345678920120001", "批文〔2010〕12号，代码36040312345678920120001"),
        ("电话会议系统 3 套", "电话会议系统 3 套"),
        ("投资平台代码 2101-330100-04-01-123456", "投资平台代码 2101-330100-04-01-123456"),
        ("经度 120.153576 纬度 30.287459", "经度 120.153576 纬度 30.287459"),
    ],
)
def test_contact_data(text: str, masked: str) -> None:
    assert mask_contact_data(text) == masked


def test_invisible_characters() -> None:
    assert show_invisible("道\u202e路\u200b\ufeff改\u0085造\x7f") == "道路改\ufffd造\ufffd"
    plain = "𠮷野家 葛󠄀飾区 \u2026“引号”\u3000"
    assert show_invisible(plain) is plain or show_invisible(plain) == plain


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "440524188001010014",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002x",
    ],
)
def test_known_citizen_numbers(number: str) -> None:
    assert is_citizen_number(number) and has_citizen_number(f"号{number}号")


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",
        "11010519491331002X",
        "1101051949123100",
        "11010519491231002",
        "A1010519491231002X",
    ],
)
def test_what_is_none(number: str) -> None:
    assert not is_citizen_number(number)
    assert not has_citizen_number(number)


def _pieces() -> Iterator[str]:
    yield from ("0571", "138", "110105", "19491231", "002X", "87654321", "0013", "8000", "1949", "1231")
    yield from (
        "-",
        " ",
        "－",
        "—",
        "(",
        ")",
        "（",
        "）",
        "：",
        ":",
        "转",
        "Tel",
        "电话",
        "联系人",
        "张三",
        "@",
    )
    yield from (
        "a.b",
        "。",
        "０５７１",
        "\u200b",
        "\x85",
        "<t>",
        "</t>",
        "号",
        "1",
        "+86",
        "１３８００１３８０００",
    )


@given(st.lists(st.sampled_from(tuple(_pieces())), max_size=8).map("".join))
def test_what_is_not_suspicious_is_not_changed(text: str) -> None:
    amended = mask_contact_data(mask_citizen_numbers(show_invisible(text)))
    assert amended == text or is_suspicious(text.encode())


@pytest.mark.parametrize("code", ["91350100M000100Y43", "11230500001755309F", "9111000071093123XX"])
def test_credit_codes(code: str) -> None:
    assert is_credit_code(code)
    assert not is_credit_code(code[:-1] + ("4" if code[-1] != "4" else "5"))


def test_letter_led_and_wrong_codes() -> None:
    for code in ("91230500MA1B3N1N2M", "12100000400000624D"):
        assert is_credit_code(code)
    for code in ("91350100M000100Y44", "91330000142910311W", "91350100M000100I43", "", "9135"):
        assert not is_credit_code(code)
    for code in ("M000100Y4", "001755309", "00175530-9"):
        assert is_organisation_code(code)
    for code in ("123456789", "000000001", "00175530", "0017553099"):
        assert not is_organisation_code(code)


@pytest.mark.parametrize(
    "text", ["a" * 200_000 + "@", "a@" * 50_000, "1" * 200_000, "0571-" * 40_000, "联系人" * 60_000]
)
def test_masking_is_not_led_into_long_walks(text: str) -> None:
    """Each would take minutes if an expression began anew at every character: then the time limit ends it."""
    amended = mask_contact_data(mask_citizen_numbers(show_invisible(text)))
    assert amended == text or is_suspicious(text.encode())
