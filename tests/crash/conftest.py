"""A household on each database; its processes are ended with the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.store.engine import Engines
from tests.crash.household import Household

pytest.register_assert_rewrite("tests.crash.survival")


@pytest.fixture
def household(engines: Engines, database_url: str, tmp_path: Path) -> Iterator[Household]:
    """A city, its sources and its province, with nothing harvested yet."""
    found = Household.found(engines, database_url, tmp_path)
    try:
        yield found
    finally:
        found.close()
