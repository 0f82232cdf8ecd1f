"""Codes of organisations."""

from __future__ import annotations

import pytest

from harvester.rules.parties import is_credit_code, is_organisation_code


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
