"""A city with one endpoint; and a town whose past is only read, made once a module on each database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask import Flask

from registry.model.source import Protocol
from registry.store.engine import Engines, open_engines
from tests.databases import PostgresDatabase, create_tables
from tests.factories import Installation, live
from tests.integration.queueing import employ
from tests.integration.repository import Reader, Town, application


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def old_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A town whose past is only read, once on each database."""
    folder = tmp_path_factory.mktemp("town")
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = request.getfixturevalue("sqlite_template").copy_to(folder)
        else:
            server, worker = request.getfixturevalue("postgres_url"), request.getfixturevalue("worker_id")
            database = PostgresDatabase(server, f"town_{worker}")
            stack.callback(database.drop)
            create_tables(database.url)
            url = database.url
        engines = open_engines(url)
        stack.callback(engines.dispose)
        town = Town(Installation(engines))
        town.found()
        town.grow()
        town.installation.register_with_source("420100")
        town.installation.register("420200")
        source = town.installation.source("wuhan", "420200", prefixes=("oai:wuhan.gov.cn:",))
        town.installation.deliver(source, [live("1", namespace="wuhan.gov.cn")])
        yield application(town.installation, folder)


@pytest.fixture
def old(old_app: Flask) -> Reader:
    """Reads a past that stands."""
    return Reader(old_app)


@pytest.fixture
def city(engines: Engines) -> Installation:
    """A municipal register, 330100, with an OAI-PMH source: ``hz``."""
    installation = Installation(engines)
    installation.register("330100")
    installation.source("hz", "330100", protocol=Protocol.OAI_PMH)
    return installation


@pytest.fixture
def town(engines: Engines) -> Installation:
    """Eight workers, and two registers without sources."""
    installation = Installation(engines)
    for code in ("330100", "330200"):
        installation.register(code)
    employ(installation, 8)
    return installation
