"""Citizen numbers: by their check character, however they are grouped; those of old by place and day."""

from __future__ import annotations

import pytest

from harvester.rules.citizens import has_citizen_number, is_citizen_number, is_citizen_number_of_old
from harvester.rules.masking import mask_citizen_numbers


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "440524188001010014",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002x",
        "1101 0519 4912 3100 2X",
        "110 105.1949·1231_002X",
        "110105－19491231－002X",
        "110105 - 19491231 - 002X",
        "110105/19491231/002X",
        "𝟏𝟏𝟎𝟏𝟎𝟓𝟏𝟗𝟒𝟗𝟏𝟐𝟑𝟏𝟎𝟎𝟐X",
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
        "110105,19491231,002X",
    ],
)
def test_what_is_none(number: str) -> None:
    assert not is_citizen_number(number)
    assert not has_citizen_number(number)


@pytest.mark.parametrize(
    "text",
    ["110105    19491231002X", "990105 19491231 0023"],
    ids=["four gaps", "grouped, and of no province"],
)
def test_what_is_none_within_a_text(text: str) -> None:
    assert is_citizen_number(text) and not has_citizen_number(text)


@pytest.mark.parametrize(
    "text", ["2021 330106 11010519491231002X", "11010519491231002X 110105 19491231 002X"]
)
def test_a_number_is_found_behind_other_groups_of_digits(text: str) -> None:
    assert "1949" not in mask_citizen_numbers(text)


CHILD = "110105201112310024"
PERMIT = "110105202201310020"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("110105201012310027", "*" * 18),  # born on the last day of 2010
        (CHILD, CHILD),
        (f"施工许可证{PERMIT}", f"施工许可证{PERMIT}"),
        (f"身份证号码：{CHILD}", f"身份证号码：{'*' * 18}"),
        (f"监护人为其登记的{CHILD}", f"监护人为其登记的{'*' * 18}"),
        (f"身份证遗失声明见下，编号另为：{PERMIT}", f"身份证遗失声明见下，编号另为：{'*' * 18}"),
        (f"身份证遗失之后的声明见下，编号另为：{PERMIT}", f"身份证遗失之后的声明见下，编号另为：{PERMIT}"),
    ],
)
def test_numbers_of_children_are_those_that_are_called_so(text: str, masked: str) -> None:
    """A label counts within sixteen characters."""
    assert mask_citizen_numbers(text) == masked
    assert has_citizen_number(text) is (masked != text)


@pytest.mark.parametrize(
    "text",
    [
        "330106491231002",
        "330106 491231 002",
        "330106-491231-002",
        "３３０１０６４９１２３１００２",
        "330106301231002",
    ],
)
def test_numbers_of_the_first_generation(text: str) -> None:
    assert mask_citizen_numbers(f"号{text}。") == f"号{'*' * len(text)}。"


@pytest.mark.parametrize(
    "text",
    [
        "330106291231002",  # born in 1929, or numbered in 2029
        "330106 491231-002",
        "330106.491231.002",
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
