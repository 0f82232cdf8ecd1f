"""Codes with check characters, judged by python-stdnum and by examples of the standards."""

from __future__ import annotations

from random import Random

import pytest
from stdnum.cn import uscc

from demo.identifiers import citizen_number, credit_code, drawn_enterprise, organisation_code, spoiled


@pytest.mark.parametrize(
    ("body", "whole"), [("M000100Y", "M000100Y4"), ("00175530", "001755309"), ("40000062", "400000624")]
)
def test_check_character_of_organisations(body: str, whole: str) -> None:
    assert organisation_code(body) == whole


def test_check_character_of_credit_codes() -> None:
    assert credit_code("12", "100000", "400000624") == "12100000400000624D"
    assert credit_code("91", "350100", "M000100Y4") == "91350100M000100Y43"


def test_check_character_of_citizens() -> None:
    assert citizen_number("110105", "19491231", 2) == "11010519491231002X"
    assert citizen_number("440524", "18800101", 1) == "440524188001010014"


def test_drawn_credit_codes_are_valid_until_they_are_spoiled(seed: str) -> None:
    random = Random(seed)
    for _ in range(200):
        code = drawn_enterprise(random, "330106")
        assert uscc.is_valid(code)
        assert not uscc.is_valid(spoiled(code))
