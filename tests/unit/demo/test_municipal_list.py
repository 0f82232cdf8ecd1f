"""The plain lists: their encodings, and what is wrong in them on purpose."""

from __future__ import annotations

from collections import Counter

import pytest
from lxml import etree

from demo.municipal_list import RARE, municipal_list, rows_of
from demo.places import place


def test_one_list_is_utf8_with_mark_and_line_ends_of_windows() -> None:
    content = municipal_list(place("420200"))
    assert content.startswith(b"\xef\xbb\xbf<?xml")
    assert content.count(b"\r\n") == content.count(b"\n") > 1000


def test_the_other_is_gb18030_with_a_character_of_four_bytes() -> None:
    content = municipal_list(place("429004"))
    assert b'encoding="GB18030"' in content
    assert len(RARE.encode("gb18030")) == 4
    assert RARE.encode("gb18030") in content
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


@pytest.mark.parametrize("code", ["420200", "429004"])
def test_lists_hold_the_rows_and_what_is_wrong_with_them(code: str) -> None:
    root = etree.fromstring(municipal_list(place(code)))
    rows = root.findall("MetaViewData/PROPERTIES")
    assert len(rows) == place(code).size + 2
    counted = Counter(row.findtext("项目编号") for row in rows)
    assert sorted(counted.values())[-3:] == [1, 2, 2]
    assert [row.findtext("行政区划代码") for row in rows].count("429999") == 1
    assert [dict(each) for each in rows_of(place(code))] == [
        {child.tag: child.text or "" for child in row} for row in rows
    ]
