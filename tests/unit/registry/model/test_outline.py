"""Registers as an outline: each beneath those that read it, unfolded once, nobody left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from registry.model.hierarchy import Place, Reading, outline
from registry.model.register import Level

N, P, M, C = Level.NATIONAL, Level.PROVINCIAL, Level.MUNICIPAL, Level.COUNTY


def test_each_stands_beneath_its_parents_in_the_order_given() -> None:
    readings = [
        Reading(1, N, 2, P), Reading(2, P, 4, M), Reading(2, P, 3, M), Reading(1, N, 5, P),
        Reading(5, P, 3, M), Reading(3, M, 6, C),
    ]  # fmt: skip
    assert outline([1, 2, 5, 3, 4, 6], readings) == [
        Place(1, None, 0, again=False), Place(2, 1, 1, again=False), Place(3, 2, 2, again=False),
        Place(6, 3, 3, again=False), Place(4, 2, 2, again=False), Place(5, 1, 1, again=False),
        Place(3, 5, 2, again=True),
    ]  # fmt: skip


def test_who_is_not_listed_leaves_its_children_on_top() -> None:
    readings = [Reading(1, N, 2, P), Reading(2, P, 3, M)]
    assert outline([1, 3], readings) == [Place(1, None, 0, again=False), Place(3, None, 0, again=False)]


LEVELS = st.sampled_from(list(Level))


@given(
    st.lists(LEVELS, min_size=1, max_size=8),
    st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20),
)
def test_everybody_stands_somewhere_and_is_unfolded_once(
    levels: list[Level], pairs: set[tuple[int, int]]
) -> None:
    ids = range(len(levels))
    readings = [Reading(a, levels[a], b, levels[b]) for a, b in sorted(pairs) if a in ids and b in ids]
    places = outline(list(ids), readings)
    assert sorted(each.register_id for each in places if not each.again) == list(ids)
    keys = [(each.parent_id, each.register_id) for each in places]
    assert len(set(keys)) == len(keys)
