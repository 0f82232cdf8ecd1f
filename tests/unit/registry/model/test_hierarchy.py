"""Who lies above whom."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.model.hierarchy import Reading, ancestry, is_above
from registry.model.register import Level

L = Level
NATION, REGION, PROVINCE, OTHER, CITY, COUNTY = range(1, 7)
READINGS = [
    Reading(NATION, L.NATIONAL, PROVINCE, L.PROVINCIAL),
    Reading(NATION, L.NATIONAL, OTHER, L.PROVINCIAL),
    Reading(REGION, L.REGIONAL, PROVINCE, L.PROVINCIAL),
    Reading(PROVINCE, L.PROVINCIAL, CITY, L.MUNICIPAL),
    Reading(CITY, L.MUNICIPAL, COUNTY, L.COUNTY),
]


def test_a_register_has_several_parents_and_theirs() -> None:
    assert ancestry(COUNTY, READINGS) == {CITY, PROVINCE, REGION, NATION}
    assert ancestry(PROVINCE, READINGS) == {REGION, NATION}
    assert ancestry(NATION, READINGS) == set()
    assert OTHER not in ancestry(CITY, READINGS)


@pytest.mark.parametrize(
    "reading",
    [
        Reading(COUNTY, L.COUNTY, NATION, L.NATIONAL),  # upward
        Reading(OTHER, L.PROVINCIAL, PROVINCE, L.PROVINCIAL),  # sideways
        Reading(99, L.DEPARTMENTAL, NATION, L.NATIONAL),
        Reading(99, L.DEPARTMENTAL, COUNTY, L.COUNTY),
    ],
)
def test_reading_from_below_or_beside_puts_nobody_above(reading: Reading) -> None:
    assert ancestry(reading.child, [*READINGS, reading]) == ancestry(reading.child, READINGS)


def test_departmental_registers_lie_beneath_and_above_none() -> None:
    for parent, child in product(L, L):
        assert is_above(parent, child) is (
            parent is not L.DEPARTMENTAL and list(L).index(parent) < list(L).index(child)
        )


levels = st.dictionaries(st.integers(0, 6), st.sampled_from(list(L)), min_size=7, max_size=7)


@given(levels, st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_whatever_is_read_nobody_comes_above_oneself(
    level: dict[int, Level], pairs: list[tuple[int, int]]
) -> None:
    readings = [Reading(above, level[above], below, level[below]) for above, below in pairs]
    for register in range(7):
        assert register not in ancestry(register, readings)
