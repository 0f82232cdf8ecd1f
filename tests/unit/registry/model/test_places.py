"""Places in words."""

from __future__ import annotations

import pytest

from registry.model.places import place_told


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("page 2", "第 2 页"),
        ("record 4, line 5", "第 4 条记录，第 5 行"),
        ("page 1.xml: record 4, line 5", "page 1.xml：第 4 条记录，第 5 行"),
        ("记录: record 4, line 5", "记录：第 4 条记录，第 5 行"),
        ("a\nb: record 4, line 5", "a\nb：第 4 条记录，第 5 行"),
        ("page", "page"),
        ("Sheet1!A4", "Sheet1!A4"),
        ("", ""),
    ],
)
def test_a_place_is_told_in_chinese_where_it_is_known(place: str, told: str) -> None:
    text = place_told(place)
    assert (text.zh, text.en) == (told, place)
