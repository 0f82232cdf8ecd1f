"""Whose an identifier is: the longest approved prefix, whatever the order of sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.model import ownership
from registry.model.ownership import OwnedPrefix, Owner, barred, owned_by_another, owned_elsewhere
from registry.model.source import SourceScope

TEXTS = st.text("ab:", max_size=6)
PREFIXES = st.lists(st.builds(OwnedPrefix, st.text("ab:", min_size=1, max_size=5), st.sampled_from("xyz")))


def longest(identifier: str, elsewhere: Sequence[OwnedPrefix]) -> str:
    """The longest prefix, found by looking at all of them."""
    return max((each.prefix for each in elsewhere if identifier.startswith(each.prefix)), key=len, default="")


@example("a:c", (), [OwnedPrefix("a:", "x"), OwnedPrefix("a:b:", "y")])
@given(TEXTS, st.lists(TEXTS).map(tuple), PREFIXES)
def test_the_longest_prefix_owns(identifier: str, own: tuple[str, ...], elsewhere: list[OwnedPrefix]) -> None:
    found = owned_by_another(identifier, own, sorted(elsewhere))
    theirs = longest(identifier, elsewhere)
    ours = longest(identifier, [OwnedPrefix(each, "own") for each in own])
    assert (found.prefix if found else "") == (theirs if len(theirs) > len(ours) else "")
    assert found is None or found in elsewhere


def test_a_look_at_the_neighbour_alone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect of the property: a longer prefix lies between the one sought and the identifier."""

    def neighbour(identifier: str, owned: Sequence[OwnedPrefix]) -> OwnedPrefix | None:
        before = [each for each in owned if each.prefix <= identifier]
        return before[-1] if before and identifier.startswith(before[-1].prefix) else None

    monkeypatch.setattr(ownership, "_longest", neighbour)
    with pytest.raises(AssertionError):
        test_the_longest_prefix_owns()


FIRST = Owner("first", SourceScope(("oai:a:", "oai:b:1:")))


@pytest.mark.parametrize(
    ("own", "bars"),
    [
        (SourceScope(), ("oai:a:", "oai:b:1:")),
        (SourceScope(("oai:b:",)), ("oai:b:1:",)),
        (SourceScope(("oai:a:x:",)), ()),
        (SourceScope(("oai:c:",)), ()),
        (SourceScope(co_reports_with=("first",)), ("oai:a:", "oai:b:1:")),
    ],
)
def test_what_bars_a_source(own: SourceScope, bars: tuple[str, ...]) -> None:
    assert barred(Owner("second", own), FIRST) == bars
    assert barred(Owner("first", own), FIRST) == ()


def test_who_reports_together_bars_nobody_of_them() -> None:
    declared = Owner("first", SourceScope(FIRST.scope.identifier_prefixes, co_reports_with=("second",)))
    assert barred(Owner("second", SourceScope(co_reports_with=("first",))), declared) == ()
    assert barred(Owner("third", SourceScope(co_reports_with=("first",))), declared) != ()


def test_what_others_own_is_sorted_whatever_their_order() -> None:
    other = Owner("other", SourceScope(("oai:a:1:", "oai:0:")))
    orders: Sequence[Callable[[], list[Owner]]] = (lambda: [FIRST, other], lambda: [other, FIRST])
    found = {owned_elsewhere(Owner("me", SourceScope()), order()) for order in orders}
    assert len(found) == 1
    assert [each.prefix for each in found.pop()] == ["oai:0:", "oai:a:", "oai:a:1:", "oai:b:1:"]
