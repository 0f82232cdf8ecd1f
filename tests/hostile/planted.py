"""Personal data as people write them, and what only looks like them: made from a seed, with the answer at hand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple

FULL_WIDTH = str.maketrans("0123456789X-+() ", "０１２３４５６７８９Ｘ－＋（）　")
_BOLD = str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")
_REGIONS = ("110105", "330106", "420111", "310103", "653226", "330802", "360402")
_SURNAMES, _GIVEN = (
    "王李张刘陈杨黄赵周吴徐孙朱高林何郭马罗梁",
    "伟芳娜敏静秀丽强磊军洋勇艳杰涛明超霞平刚桂英建华",
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Planted(NamedTuple):
    """A text, and the secrets in it: digits that may not stand there any more, or a name."""

    text: str
    secrets: tuple[str, ...]
    kind: str


def citizen_number(rng: Random, born: date | None = None) -> str:
    """A number as GB 11643 says: region, day of birth, sequence, check character."""
    born = born or date(1930, 1, 1) + timedelta(days=rng.randrange(28_000))
    body = f"{rng.choice(_REGIONS)}{born:%Y%m%d}{rng.randrange(1000):03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def number_of_old(rng: Random) -> str:
    """One of the first generation: region, day of birth without its century, sequence."""
    born = date(1930, 1, 1) + timedelta(days=rng.randrange(25_000))
    return f"{rng.choice(_REGIONS)}{born:%y%m%d}{rng.randrange(1000):03}"


def name(rng: Random) -> str:
    """A surname and a given name."""
    return rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice((1, 2))))


def _grouped(text: str, sizes: Sequence[int], gap: str) -> str:
    edges = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
    return gap.join(text[begin:end] for begin, end in pairwise(edges))


_GAPS = (" ", "-", "－", "—", "　", "  ", " - ", "\u00a0", "·", ".", "\n", "\u200b", "_", "–", "/")
_DRESSES: tuple[Callable[[str], str], ...] = (
    str, str, str.lower, lambda text: text.translate(FULL_WIDTH), lambda text: text.translate(_BOLD),
    lambda text: text[:7].translate(FULL_WIDTH) + text[7:],
)  # fmt: skip


def written_citizen_number(rng: Random) -> Planted:
    number = citizen_number(rng)
    sizes = rng.choice(
        ((18,), (18,), (6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4), (4, 4, 4, 4, 2), (6, 12), (14, 4))
    )
    shown = rng.choice(_DRESSES)(_grouped(number, sizes, rng.choice(_GAPS)))
    return Planted(_said(rng, shown, "身份证号码"), (number,), f"citizen {shown!r}")


def written_number_of_old(rng: Random) -> Planted:
    number = number_of_old(rng)
    sizes = rng.choice(((15,), (15,), (6, 6, 3)))
    shown = rng.choice((str, str, lambda text: text.translate(FULL_WIDTH)))(
        _grouped(number, sizes, rng.choice(" -"))
    )
    return Planted(_said(rng, shown, "身份证", glued=False), (number,), f"citizen of old {shown!r}")


def written_telephone(rng: Random) -> Planted:
    """A mobile number or a land line with its area code."""
    rest = "".join(rng.choice("0123456789") for _ in range(9))
    if rng.random() < 0.6:
        number = f"1{rng.choice('3456789')}{rest}"
        shown = _grouped(
            number, rng.choice(((11,), (11,), (3, 4, 4), (3, 3, 5), (4, 4, 3), (5, 6))), rng.choice(" -")
        )
        shown = rng.choice(("", "", "+86", "+86 ", "0086-", "86-", "(+86)")) + shown
    else:
        number, area = f"{rng.randrange(2, 9)}{rest[:7]}", rng.choice(("010", "0571", "021", "0570", "0379"))
        pattern = rng.choice(
            ("{0}-{1}", "{0} {1}", "({0}){1}", "（{0}）{1}", "{0}—{1}", "{0}-{2} {3}", "+86-{4}-{1}")
        )
        shown = pattern.format(area, number, number[:4], number[4:], area[1:])
        shown += rng.choice(("", "", "转802", "-802"))
    shown = rng.choice((str, str, lambda text: text.translate(FULL_WIDTH)))(shown)
    return Planted(_said(rng, shown, "电话", glued=False), (number,), f"telephone {shown!r}")


_CONTACTS = (
    "联系人：{0}，电话：{1}",
    "联系人{0} {1}",
    "请与联系人{0}联系，手机{1}。",
    "项目联系人：{0}（{1}）",
    "联系人姓名 {0} 联系方式 {1}",
    "经办人手机{1}，联系人为{0}",
    "联系电话：{1}（联系人{0}）",
)


def named_contact(rng: Random) -> Planted:
    """A name behind a label, and a telephone number."""
    called, number = name(rng), f"13{rng.randrange(10**9):09}"
    pattern = rng.choice(_CONTACTS)
    return Planted(pattern.format(called, number), (called, number), "named contact")


def labelled_extension(rng: Random) -> Planted:
    """A number without an area code, or with one that nothing parts from it, behind its label."""
    number = f"{rng.choice(('', '', '0571', '021'))}{rng.randrange(2, 9)}{rng.randrange(10**7):07}"
    label = rng.choice(
        ("电话：", "联系电话:", "传真 ", "办公电话：", "固定电话", "咨询电话：", "Tel: ", "TEL:", "监督电话 ")
    )
    return Planted(
        f"{label}{rng.choice((number, f'{number[:4]}-{number[4:]}'))}", (number,), "labelled telephone"
    )


_SENTENCES = (
    "经查，{label}{0}的当事人于2021年5月施工。",
    "{label}：{0}",
    "负责人{name}（{label}{0}）",
    "{0}",
    "当事人{name}，男，{0}，住杭州市。",
    "〔{0}〕",
    "“{0}”",
    "{label} {0};",
    "见附件（{0}）第3页",
    "{name} {0}",
    "{name}、{0}、一级建造师",
)


def _said(rng: Random, shown: str, label: str, *, glued: bool = True) -> str:
    sentences = _SENTENCES if glued else _SENTENCES[:8]
    return rng.choice(sentences).format(shown, label=label, name=name(rng))


PLANTING = (
    written_citizen_number, written_citizen_number, written_number_of_old, written_telephone, written_telephone,
    named_contact, labelled_extension,
)  # fmt: skip


def planted(rng: Random, count: int) -> list[Planted]:
    """``count`` texts with personal data of every kind."""
    return [rng.choice(PLANTING)(rng) for _ in range(count)]


def normal(text: str) -> tuple[str, str]:
    """``text`` without its dress, and the same without what may part digits."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return plain, re.sub(r"[\s\-_.·/—–\u200b()]", "", plain)


def leaks(text: str, secrets: Sequence[str]) -> bool:
    """Whether a secret can be read in ``text``: its name, or its digits in a row, however they are dressed."""
    return any(secret.upper() in form for form in normal(text) for secret in secrets)


def credit_code(rng: Random) -> str:
    alphabet = _CREDIT[:10] if rng.random() < 0.5 else _CREDIT
    body = rng.choice(("91", "12", "11", "51", "A1", "N2")) + rng.choice(_REGIONS)
    body += "".join(rng.choice(alphabet) for _ in range(9))
    total = sum(_CREDIT.index(each) * pow(3, place, 31) for place, each in enumerate(body))
    return body + _CREDIT[-total % 31]


def project_code(rng: Random) -> str:
    organisation = f"{rng.randrange(10**8):08}{rng.choice('0123456789X')}"
    return f"{rng.choice(_REGIONS)}{organisation}{rng.randrange(2000, 2030)}{rng.randrange(10**4):04}"


def platform_code(rng: Random) -> str:
    """Of the investment approval platform."""
    year, kind = rng.randrange(2000, 2030), rng.randrange(1, 90)
    return f"{year}-{rng.choice(_REGIONS)}-{kind:02}-0{rng.randrange(1, 4)}-{rng.randrange(10**6):06}"


def document_number(rng: Random) -> str:
    opened, closed = rng.choice(("〔〕", "[]", "（）", "﹝﹞"))
    return (
        f"杭建罚字{opened}{rng.randrange(2000, 2030)}{closed}第{rng.randrange(10 ** rng.randrange(1, 9))}号"
    )


def day(rng: Random) -> str:
    at = date(1990, 1, 1) + timedelta(days=rng.randrange(15_000))
    until = at.replace(year=at.year + 3, day=1)
    return rng.choice(
        (
            f"{at:%Y-%m-%d}",
            f"{at:%Y/%m/%d}",
            f"{at:%Y.%m.%d}",
            f"{at:%Y%m%d}",
            f"{at.year}年{at.month}月{at.day}日",
            f"{at:%Y-%m-%d}T08:00:00",
            f"{at:%Y-%m-%d}至{until:%Y-%m-%d}",
            f"{at:%Y-%m-%d} - {until:%Y-%m-%d}",
            f"{at:%Y%m%d%H%M%S}",
        )
    )


def amount(rng: Random) -> str:
    value = rng.randrange(10 ** rng.randrange(3, 13)) / rng.choice((1, 100))
    return rng.choice(
        (f"{value:,.2f}元", f"{value}万元", f"￥{value:.0f}", f"{value:.6f}", f"面积{value:.2f}平方米")
    )


def permit(rng: Random) -> str:
    """A building permit: division, day of issue, and four digits more."""
    at = date(2012, 1, 1) + timedelta(days=rng.randrange(5_000))
    return f"{rng.choice(_REGIONS)}{at:%Y%m%d}{rng.randrange(1, 99):02}{rng.choice(('01', '02', '03', '99'))}"


def serial(rng: Random) -> str:
    """A bank account, the number of a certificate, a place on the map, the old number of a company."""
    digits = "".join(rng.choice("0123456789") for _ in range(rng.choice((12, 15, 16, 17, 19, 20))))
    if rng.random() < 0.2:
        return f"{rng.choice(_REGIONS)}{rng.randrange(20_000):08}{rng.randrange(10)}"  # of a company, of old
    return rng.choice(
        (
            digits,
            f"{number_of_old(rng)}{digits[:1]}",
            f"浙1{digits[:12]}",
            f"浙AQB{digits[:10]}",
            f"120.{digits[:6]},30.{digits[6:12]}",
            f"(2021)浙0106民初{digits[:4]}号",
        )
    )


DECOYS = (credit_code, project_code, platform_code, document_number, day, amount, permit, serial)


def decoys(rng: Random, count: int) -> list[str]:
    """``count`` texts without personal data, of which every kind could be taken for some."""
    frames = ("{}", "编号{}。", "，{}号", "（{}）", "证书 {}", "项目代码{}，总投资", "{};{}")
    return [rng.choice(frames).format(*(rng.choice(DECOYS)(rng) for _ in range(2))) for _ in range(count)]
