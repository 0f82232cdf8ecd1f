"""On which databases a test runs, and when: everything runs on both, but for what one can tell alone."""

from __future__ import annotations

import pytest

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For defects planted above the store: one database tells as much of them as two."""

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""For what only a server can do."""

on_postgresql_in_full = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True
)
"""For what takes long, and hardly differs between the two."""
