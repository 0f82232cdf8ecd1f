"""Tallies: each record counts once."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from registry.model.run import Tally

COUNTS = [each.name for each in fields(Tally)]
TALLIES = st.builds(Tally, **{name: st.integers(0, 9) for name in COUNTS})


@given(TALLIES, TALLIES)
def test_adding_adds_every_count(one: Tally, other: Tally) -> None:
    before = {name: getattr(one, name) for name in COUNTS}
    one.add(other)
    assert all(getattr(one, name) == before[name] + getattr(other, name) for name in COUNTS)


def test_accepted_is_what_stands() -> None:
    counted = {name: Tally(**{name: 1}).accepted for name in COUNTS}
    standing = {"created", "updated", "unchanged", "deleted", "restored", "declined"}
    assert {name for name, accepted in counted.items() if accepted} == standing
