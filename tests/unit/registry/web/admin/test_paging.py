"""Pages of a list: where one ends and the next begins."""

from __future__ import annotations

import pytest
from flask import Flask

from registry.web.admin.paging import after, after_number, cut


@pytest.mark.parametrize(("found", "rows", "onward"), [(0, 0, ""), (2, 2, ""), (3, 3, ""), (4, 3, "3")])
def test_a_page_ends_where_more_follows(found: int, rows: int, onward: str) -> None:
    with Flask(__name__).test_request_context():
        page = cut(list(range(1, found + 1)), lambda each: each, size=3)
    assert (len(page.rows), page.next, page.first) == (rows, onward, True)


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("", None),
        ("17", 17),
        ("-1", None),
        ("x", None),
        ("٣", None),
        ("1e3", None),
        ("9" * 18, int("9" * 18)),
        ("9" * 19, None),
    ],
)
def test_a_place_in_a_list_of_numbers(given: str, number: int | None) -> None:
    with Flask(__name__).test_request_context(query_string={"after": given}):
        assert after() == given
        assert after_number() == number
        assert cut([1], lambda each: each).first is (given == "")
