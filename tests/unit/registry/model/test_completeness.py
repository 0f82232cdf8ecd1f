"""The verdict over an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.model.completeness import verdict
from registry.model.run import Ending, Verdict, Walk

BROKEN_OFF = [Ending.TRANSPORT, Ending.PROTOCOL, Ending.FATAL, Ending.INTERRUPTED]


@pytest.mark.parametrize(
    ("walk", "received", "moved", "expected"),
    [
        (Walk(Ending.FINISHED), 20, 0, Verdict.COMPLETE),
        (Walk(Ending.FINISHED), 0, 0, Verdict.COMPLETE),
        (Walk(Ending.FINISHED, declared_total=20), 19, 0, Verdict.PARTIAL),
        (Walk(Ending.FINISHED, declared_total=20), 20, 0, Verdict.COMPLETE),
        (Walk(Ending.FINISHED, declared_total=20), 21, 0, Verdict.UNKNOWN),
        (Walk(Ending.FINISHED, declared_total=0), 0, 0, Verdict.COMPLETE),
        (Walk(Ending.FINISHED, declared_total=0), 1, 0, Verdict.UNKNOWN),
        (Walk(Ending.FINISHED, declared_total=20, total_changed=True), 20, 0, Verdict.UNKNOWN),
        (Walk(Ending.FINISHED, declared_total=20), 20, 1, Verdict.UNKNOWN),
        (Walk(Ending.FINISHED), 20, 1, Verdict.UNKNOWN),
        (Walk(Ending.FINISHED, pages_lost=1), 20, 0, Verdict.PARTIAL),
        (Walk(Ending.FINISHED, pages_lost=1, total_changed=True), 20, 1, Verdict.PARTIAL),
        (Walk(Ending.NOT_MODIFIED), 0, 0, Verdict.UNKNOWN),
    ],
)
def test_verdicts(walk: Walk, received: int, moved: int, expected: Verdict) -> None:
    assert verdict(walk, received, moved) is expected


@pytest.mark.parametrize("ending", BROKEN_OFF)
def test_what_broke_off_is_partial_even_with_all_that_was_declared(ending: Ending) -> None:
    assert verdict(Walk(ending, declared_total=20), 20) is Verdict.PARTIAL


@given(
    st.builds(
        Walk,
        ending=st.sampled_from(Ending),
        declared_total=st.none() | st.integers(0, 5),
        total_changed=st.booleans(),
        pages_lost=st.integers(0, 1),
    ),
    st.integers(0, 5),
    st.integers(0, 1),
)
def test_complete_needs_every_reason_for_it(walk: Walk, received: int, moved: int) -> None:
    complete = (
        walk.ending is Ending.FINISHED
        and not walk.pages_lost
        and not walk.total_changed
        and not moved
        and walk.declared_total in (None, received)
    )
    assert (verdict(walk, received, moved) is Verdict.COMPLETE) is complete
