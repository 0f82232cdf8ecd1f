"""Whose an identifier is: the longest approved prefix, whatever the order of sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.model import ownership
from registry.model.ownership import (
    Approved,
    Owner,
    barred,
    beneath,
    owned,
    owned_by_another,
    owned_elsewhere,
    owning,
)
from registry.model.source import OwnedPrefix, SourceScope

TEXTS = st.text("ab:", max_size=6)
PREFIXES = st.lists(st.builds(OwnedPrefix.of, st.text("ab:", min_size=1, max_size=5), st.sampled_from("xyz")))


def longest(identifier: str, elsewhere: Sequence[OwnedPrefix]) -> str:
    """The longest prefix, found by looking at all of them."""
    return max((each.prefix for each in elsewhere if identifier.startswith(each.prefix)), key=len, default="")


@example("a:c", (), [OwnedPrefix.of("a:", "x"), OwnedPrefix.of("a:b:", "y")])
@given(TEXTS, st.lists(TEXTS).map(tuple), PREFIXES)
def test_the_longest_prefix_owns(identifier: str, own: tuple[str, ...], elsewhere: list[OwnedPrefix]) -> None:
    ours_all = sorted(OwnedPrefix.of(each, "own") for each in own)
    found = owned_by_another(identifier, ours_all, sorted(elsewhere))
    theirs, ours = longest(identifier, elsewhere), longest(identifier, ours_all)
    assert (found.prefix if found else "") == (theirs if len(theirs) > len(ours) else "")
    assert found is None or found in elsewhere


def test_a_look_at_the_neighbour_alone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect of the property: a longer prefix lies between the one sought and the identifier."""

    def neighbour(identifier: str, sought: Sequence[OwnedPrefix]) -> OwnedPrefix | None:
        before = [each for each in sought if each.form <= identifier]
        return before[-1] if before and identifier.startswith(before[-1].form) else None

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


def approved(code: str, *prefixes: str, reads: str = "") -> Approved:
    return Approved(0, code, SourceScope(prefixes), reads)


BENEATH = {
    "city": [approved("office", "oai:a:"), approved("plain"), approved("c", reads="county")],
    "county": [approved("desk", "oai:d:"), approved("back", reads="city"), approved("up", reads="province")],
    "other": [approved("o", "oai:o:", reads="county")],
    "province": [approved("p", "oai:p:"), approved("p-c", reads="city"), approved("p-o", reads="other")],
}


@pytest.mark.parametrize(
    ("register", "home", "found"),
    [
        ("city", "province", ("oai:a:", "oai:d:")),
        ("county", "city", ("oai:d:", "oai:o:", "oai:p:")),
        ("other", "province", ("oai:o:",)),
        ("province", "nation", ("oai:a:", "oai:d:", "oai:o:", "oai:p:")),
        ("nowhere", "nation", ()),
    ],
)
def test_what_lies_beneath_is_inherited(register: str, home: str, found: tuple[str, ...]) -> None:
    """Through any number of levels, once around a loop, and not from home; who states prefixes passes on those only."""
    assert beneath(register, BENEATH, home=home) == found


def owner(
    code: str, *prefixes: str, together: tuple[str, ...] = (), inherited: tuple[str, ...] = ()
) -> Owner:
    return Owner(code, SourceScope(prefixes, co_reports_with=together), inherited)


@pytest.mark.parametrize(
    ("holders", "found"),
    [
        ([owner("x"), owner("y")], ""),
        ([owner("x", "oai:a:"), owner("y")], "x"),
        ([owner("x", "oai:a:"), owner("y", inherited=("oai:a:",))], "xy"),
        ([owner("x", "oai:a:"), owner("y", inherited=("oai:a:1",))], "y"),
        (
            [
                owner("x", "oai:a:", together=("y",)),
                owner("y", "oai:a:1", together=("x",)),
                owner("z", "oai:a"),
            ],
            "xy",
        ),
        ([owner("x", "OAI:A:%31"), owner("y", "oai:a:")], "x"),
        ([owner("x", "oai:b:", inherited=("oai:a:",)), owner("y")], ""),
    ],
)
def test_who_owns_among_those_who_hold(holders: list[Owner], found: str) -> None:
    told = [(each, owned(each)) for each in holders]
    assert owning("oai:a:12", told) == owning("oai:a:12", told[::-1]) == frozenset(found)
