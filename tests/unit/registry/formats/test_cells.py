"""Cells of spreadsheets: nothing in them is computed, and every text comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.formats.cells import as_written, disarmed

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
TEXTS = st.text(st.sampled_from("'=+-@\t\ra1 "), max_size=6) | st.text(max_size=6)


@given(TEXTS)
def test_no_cell_is_a_formula_and_every_text_comes_back(text: str) -> None:
    cell = disarmed(text)
    assert not cell.startswith(FORMULAS)
    assert as_written(cell) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("-5", "'-5"),
        ("'=1+1", "''=1+1"),
        ("'tis", "'tis"),
        ("a=1", "a=1"),
        ("", ""),
        ("'", "'"),
    ],
)
def test_only_what_would_be_computed_is_marked(text: str, cell: str) -> None:
    assert disarmed(text) == cell
    assert as_written(cell) == text
