"""Charts: what is drawn, within its frame, and with nothing in it that was not escaped."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.web.admin.charts import Bar, bars, line


def rectangles(drawn: str) -> list[tuple[float, float]]:
    """Where each bar begins and how high it is."""
    return [
        (float(y), float(high))
        for y, high in re.findall(r' y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', drawn)
    ]


def test_bars_stand_on_one_another_and_on_one_scale() -> None:
    drawn = bars(
        "批次", [Bar("一", (("good", 3), ("bad", 1))), Bar("二", (("good", 2), ("bad", 0)))], height=40
    )
    assert rectangles(drawn) == [(10.0, 30.0), (0.0, 10.0), (20.0, 20.0)]


def test_the_least_is_seen_and_nothing_is_marked() -> None:
    drawn = bars("批次", [Bar("", (("good", 1),)), Bar("", (("good", 100_000),)), Bar("", ())], height=40)
    assert rectangles(drawn)[0] == (39.0, 1.0)
    assert drawn.count('class="nothing"') == 1


@given(st.lists(st.lists(st.integers(0, 10**9), max_size=4), max_size=30))
def test_bars_stay_in_their_frame(counts: list[list[int]]) -> None:
    drawn = bars("x", [Bar("", tuple(("good", each) for each in some)) for some in counts], height=50)
    assert all(0 <= y <= 50.05 and 0 <= high <= 50.05 for y, high in rectangles(drawn))


@given(st.lists(st.floats(-1e9, 1e9), max_size=30))
def test_a_line_stays_in_its_frame(values: list[float]) -> None:
    drawn = line("x", values, width=100, height=30)
    for place in re.findall(r'points="([^"]*)"', drawn):
        for point in place.split():
            across, down = point.split(",")
            assert 0 <= float(across) <= 100.05
            assert 0 <= float(down) <= 30


@pytest.mark.parametrize("hostile", ['"><script>', "<title>", "&"])
def test_what_is_said_is_escaped(hostile: str) -> None:
    for drawn in (bars(hostile, [Bar(hostile, (("good", 1),))]), line(hostile, [1.0])):
        assert hostile not in drawn.replace("&amp;", "").replace("<title>", "", 1).replace(
            "<title></title>", ""
        )
        assert 'role="img"' in drawn
