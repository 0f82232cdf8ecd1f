"""Fixtures for all tests: the two databases, the broker, a seed that is printed, and loud absences.

What a machine does not have is skipped and counted in the summary; with ``CI=true`` it fails instead.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Never

import pytest
from hypothesis import HealthCheck, settings

from registry.store.engine import Engines, open_engines
from tests.databases import PostgresDatabase, SqliteTemplate, create_tables
from tests.servers import (
    IN_CI,
    POSTGRES_VARIABLE,
    PrivateCluster,
    private_cluster,
    running_postgres,
    running_rabbitmq,
)
from tests.shared import SHARED, needs_shared

for _profile, _examples in (("dev", 50), ("ci", 100), ("full", 1000)):
    settings.register_profile(
        _profile,
        max_examples=_examples,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("ci" if IN_CI else "dev")

_CLUSTER = pytest.StashKey[PrivateCluster]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Once a run: choose the seed, and find or start PostgreSQL. The xdist workers are told both."""
    if hasattr(config, "workerinput"):
        config.option.hypothesis_seed = config.workerinput["seed"]
        return
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(random.SystemRandom().randrange(2**32))
    if IN_CI and not (SHARED / "data").is_dir():
        raise pytest.UsageError(str(needs_shared.kwargs["reason"]))
    url = running_postgres()
    cluster = None if url else private_cluster()
    if cluster is not None:
        cluster.start()
        config.stash[_CLUSTER] = cluster
        url = cluster.url
    os.environ[POSTGRES_VARIABLE] = url


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker the seed of the run."""
    node.workerinput["seed"] = node.config.option.hypothesis_seed


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the PostgreSQL that this run started."""
    if _CLUSTER in config.stash:
        config.stash[_CLUSTER].stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what tests have measured, and the seed: the same examples and the same chances again with the option
    that it names."""
    reports = [each for group in terminalreporter.stats.values() for each in group]
    calls = [each for each in reports if getattr(each, "when", "") == "call"]
    for name, line in sorted(pair for call in calls for pair in call.user_properties):
        terminalreporter.write_line(f"{name}: {line}")
    terminalreporter.write_line(f"repeat with --hypothesis-seed={config.option.hypothesis_seed}")


def absent(what: str, way_out: str) -> Never:
    """Skip the test, counted in plain sight; where everything must be there, fail it."""
    message = f"{what} does not answer: {way_out}"
    if IN_CI:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


Tell = Callable[[str], None]


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Takes a line about what a test has measured, which is printed at the end of the run."""
    return lambda line: request.node.user_properties.append(("measured", line))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> str:
    """A seed for chances that are not Hypothesis's: this run's, and this test's own."""
    return f"{request.config.option.hypothesis_seed}:{request.node.nodeid}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """An empty embedded store."""
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL server whose user may create databases."""
    url = os.environ.get(POSTGRES_VARIABLE, "")
    return url or absent("PostgreSQL", f"set {POSTGRES_VARIABLE}, or install the server's programs")


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str, worker_id: str) -> Iterator[PostgresDatabase]:
    """This worker's database, with tables."""
    database = PostgresDatabase(postgres_url, worker_id)
    try:
        create_tables(database.url)
        yield database
    finally:
        database.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, once on each database."""
    if request.param == "sqlite":
        template: SqliteTemplate = request.getfixturevalue("sqlite_template")
        return template.copy_to(tmp_path)
    database: PostgresDatabase = request.getfixturevalue("postgres_database")
    database.empty()
    return database.url


@pytest.fixture
def engines(database_url: str) -> Iterator[Engines]:
    """The engines of an empty store, once on each database."""
    opened = open_engines(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def amqp_url() -> str:
    """A RabbitMQ broker. Tests name their own queues and delete them."""
    return running_rabbitmq() or absent("RabbitMQ", "set MULU_TEST_AMQP_URL, or start it on 127.0.0.1:5672")
