"""The items of the two guidance catalogues."""

from __future__ import annotations

import pytest

from schemas.codes.categories import categories, category, is_known, is_within


def test_every_parent_is_an_item_of_the_same_catalogue() -> None:
    assert len(categories()) == 35
    for item in categories().values():
        assert not item.parent or category(item.catalogue, item.parent) is not None, item
        assert item.label.zh, item
        assert item.label.en, item


def test_items_are_found_by_catalogue_and_code() -> None:
    basic, penalty = category("project", "2.1"), category("credit", "6.2")
    assert basic is not None
    assert penalty is not None
    assert (basic.label.zh, penalty.label.zh) == ("基本信息", "行政处罚")
    assert category("credit", "2.1") is None


@pytest.mark.parametrize(
    ("catalogue", "code", "scope", "within"),
    [
        ("credit", "6.2", "credit", True),
        ("credit", "6.2", "credit:6", True),
        ("credit", "6.2", "credit:6.2", True),
        ("credit", "6.2", "credit:6.1", False),
        ("credit", "6", "credit:6.2", False),
        ("credit", "6.2", "project", False),
        ("project", "6.2", "project:6", False),
        ("credit", "P4", "credit:P4", True),
    ],
)
def test_a_scope_holds_an_item_and_all_below_it(catalogue: str, code: str, scope: str, within: bool) -> None:
    assert is_within(catalogue, code, scope) is within


@pytest.mark.parametrize(
    ("scope", "known"),
    [
        ("credit", True),
        ("project", True),
        ("credit:6", True),
        ("credit:6.2", True),
        ("credit:9.9", False),
        ("credit:", False),
        ("6.2", False),
        ("person", False),
        ("", False),
    ],
)
def test_a_scope_is_a_catalogue_or_an_item_of_it(scope: str, known: bool) -> None:
    assert is_known(scope) is known
