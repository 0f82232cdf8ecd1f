"""Databases without any table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from registry.store.engine import open_engines
from tests.databases import PostgresDatabase


@pytest.fixture(scope="session")
def bare_postgres(postgres_url: str, worker_id: str) -> Iterator[PostgresDatabase]:
    """A PostgreSQL database for tests that make their own tables."""
    database = PostgresDatabase(postgres_url, f"bare_{worker_id}")
    yield database
    database.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables, once on each."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'bare.sqlite3'}"
    else:
        database: PostgresDatabase = request.getfixturevalue("bare_postgres")
        database.clear()
        url = database.url
    engines = open_engines(url)
    yield engines.write
    engines.dispose()
