"""The office, made once a module on each database for tests that only read, and for each test that acts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from registry.store.engine import Engines, open_engines
from tests.console.office import Office
from tests.databases import PostgresDatabase, SqliteTemplate, create_tables
from tests.factories import Clock, Installation


def _founded(engines: Engines, home: Path) -> Office:
    office = Office(Installation(engines), home)
    office.found()
    return office


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office that is only looked at, once on each database."""
    folder = tmp_path_factory.mktemp("office")
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = request.getfixturevalue("sqlite_template").copy_to(folder)
        else:
            server, worker = request.getfixturevalue("postgres_url"), request.getfixturevalue("worker_id")
            database = PostgresDatabase(server, f"office_{worker}")
            stack.callback(database.drop)
            create_tables(database.url)
            url = database.url
        engines = open_engines(url)
        stack.callback(engines.dispose)
        yield _founded(engines, folder)


@pytest.fixture(scope="session")
def founded(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office on SQLite, to be copied: founding one takes a second."""
    folder = tmp_path_factory.mktemp("founded")
    engines = open_engines(sqlite_template.copy_to(folder))
    office = _founded(engines, folder)
    engines.dispose()
    return office


@pytest.fixture(scope="session")
def founded_on_postgres(
    postgres_database: PostgresDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Office:
    """An office on PostgreSQL, whose rows are kept under the name ``founded``."""
    postgres_database.empty()
    engines = open_engines(postgres_database.url)
    office = _founded(engines, tmp_path_factory.mktemp("founded"))
    engines.dispose()
    postgres_database.keep("founded")
    return office


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An office to act in, once on each database."""
    if request.param == "sqlite":
        model: Office = request.getfixturevalue("founded")
        url = _copied(model.home / "mulu.sqlite3", tmp_path / "mulu.sqlite3")
    else:
        model = request.getfixturevalue("founded_on_postgres")
        database: PostgresDatabase = request.getfixturevalue("postgres_database")
        database.bring_back("founded")
        url = database.url
    engines = open_engines(url)
    installation = Installation(engines, Clock(model.installation.clock.now))
    yield Office(installation, tmp_path, model.run_id, model.key_id, model.order_id)
    engines.dispose()


def _copied(store: Path, to: Path) -> str:
    """The URL of a copy of an embedded store."""
    with closing(sqlite3.connect(store)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)
    return f"sqlite:///{to}"


class Statements:
    """Counts what is asked of the store."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements that were executed while the block lasted."""
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        both = (self._engines.read, self._engines.write)
        for engine in both:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            for engine in both:
                event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def statements(office: Office) -> Statements:
    """Counts the statements of a page: ``with statements.counted() as seen: client.get(…)``."""
    return Statements(office.installation.engines)
