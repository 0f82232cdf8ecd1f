"""The table of canaries."""

from __future__ import annotations

import pytest

from harvester.canaries import CANARIES, Canary, Fate
from harvester.protocols.faults import FAULTS
from harvester.rules import RULES
from registry.model.run import Ending
from schemas.refusal import REFUSALS

CODES = {each.code for each in (*FAULTS, *REFUSALS)} | set(RULES) | {str(each) for each in Ending}


def test_codes_are_unique_and_fit_an_address() -> None:
    codes = [each.code for each in CANARIES]
    assert len(set(codes)) == len(codes)
    assert all(code.replace("-", "").isalnum() and code.isascii() for code in codes)


def test_there_are_good_answers_among_the_wrong_ones() -> None:
    assert sum(each.fate is Fate.TAKEN for each in CANARIES) >= 2


@pytest.mark.parametrize("canary", CANARIES, ids=lambda each: each.code)
def test_a_wrong_answer_names_a_guard_that_there_is(canary: Canary) -> None:
    assert (canary.refused_by == ()) is (canary.fate is Fate.TAKEN)
    assert {str(each) for each in canary.refused_by} <= CODES


@pytest.mark.parametrize("canary", CANARIES, ids=lambda each: each.code)
def test_it_is_told_in_both_languages(canary: Canary) -> None:
    assert canary.text.en.isascii()
    assert not canary.text.zh.isascii()
