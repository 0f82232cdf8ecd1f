"""Clients walk while processes are stopped, killed and begun again, and the clock runs on: each walk comes to the
register at its mark, and so does each walk plus the next one from its date."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.crash.choice import on_sqlite
from tests.crash.client import LogProvider
from tests.crash.faulty_readers import PROVIDERS, DatesByTheLastAnswer
from tests.crash.household import Household
from tests.crash.interleaving import ProviderOf, interleave
from tests.crash.web_provider import WebProvider
from tests.invariants import check


def test_clients_walk_through_stops_and_deaths(household: Household, seed: str) -> None:
    """What the queries of the store give, as a provider asks them."""
    _find_nothing(household, seed, 6)


@pytest.mark.full
@pytest.mark.parametrize("part", range(4))
def test_clients_walk_through_many_stops_and_deaths(household: Household, seed: str, part: int) -> None:
    """A hundred and forty on each database, beside those of the web."""
    _find_nothing(household, seed, 35)


def _find_nothing(household: Household, seed: str, count: int, provider: ProviderOf = LogProvider) -> None:
    done = interleave(household, seed, count, provider)
    assert done.faults == []
    assert done.walks >= count
    assert check(household.engines) == []


@pytest.mark.parametrize("set_spec", ["", "catalogue:project:2.1"], ids=["all", "one set"])
def test_clients_of_the_web_walk_too(household: Household, seed: str, tmp_path: Path, set_spec: str) -> None:
    """The same with the real provider, whose process is begun anew every few answers."""
    _find_nothing(household, seed, 2, partial(WebProvider, home=tmp_path, set_spec=set_spec))


@pytest.mark.full
@pytest.mark.parametrize("set_spec", ["", "catalogue:project:2.1"], ids=["all", "one set"])
def test_clients_of_the_web_walk_through_many(
    household: Household, seed: str, tmp_path: Path, set_spec: str
) -> None:
    """Thirty for everything and thirty for a set, on each database."""
    _find_nothing(household, seed, 30, partial(WebProvider, home=tmp_path, set_spec=set_spec))


ENOUGH = 40
"""Interleavings for a planted defect; the first few find most of them."""


@on_sqlite
@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_a_faulty_provider_is_found(household: Household, name: str) -> None:
    """Each of them misses, doubles or mixes something sooner or later."""
    assert interleave(household, name, ENOUGH, PROVIDERS[name]).faults


@on_sqlite
def test_a_client_that_dates_by_its_last_answer_is_found(household: Household) -> None:
    """What was published during its walk is older than its last answer."""
    assert interleave(household, "a", ENOUGH, client=DatesByTheLastAnswer).faults


@on_sqlite
def test_half_of_a_harvest_is_found(household: Household) -> None:
    """Slices that are published as they come are shown before the rest has come."""
    assert interleave(household, "slices", ENOUGH, defect="publish slice by slice").faults
