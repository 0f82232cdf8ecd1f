"""Well-known clients walk the registers over HTTP, whole and incrementally."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from oaipmh_scythe import Scythe

from registry.store.engine import open_engines
from tests.databases import PostgresDatabase, SqliteTemplate
from tests.factories import Installation, live
from tests.integration.repository import CITY, PREFIXES, REGISTERS, Town, application, listening
from tests.shared import needs_shared

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Sickle's own source warns when it is compiled
    from sickle import Sickle
    from sickle.oaiexceptions import NoRecordsMatch

pytestmark = needs_shared


class Served(NamedTuple):
    """A town with a past, and where it is served."""

    town: Town
    url: str


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with ExitStack() as stack:
        engines = open_engines(_empty_store(request, folder))
        stack.callback(engines.dispose)
        town = Town(Installation(engines))
        town.found()
        town.grow()
        url = stack.enter_context(listening(application(town.installation, folder)))
        yield Served(town, url)


def _empty_store(request: pytest.FixtureRequest, folder: Path) -> str:
    """The URL of an empty store on the database that ``request`` names, for all tests of this module."""
    if request.param == "sqlite":
        template: SqliteTemplate = request.getfixturevalue("sqlite_template")
        return template.copy_to(folder)
    database: PostgresDatabase = request.getfixturevalue("postgres_database")
    database.empty()
    return database.url


def by_sickle(url: str, **arguments: str) -> dict[str, bool]:
    """Identifier → whether it is deleted, of everything that Sickle is given."""

    found = list(Sickle(url).ListRecords(**arguments))
    return {each.header.identifier: each.header.deleted for each in found}


def by_scythe(url: str, **arguments: Any) -> dict[str, bool]:
    """The same for Scythe."""
    with Scythe(url) as scythe:
        found: list[Any] = list(scythe.list_records(**arguments))
    return {each.header.identifier: each.header.deleted for each in found}


def test_both_walk_every_register_in_every_format(served: Served) -> None:
    for register, prefix in product(REGISTERS, PREFIXES):
        url = f"{served.url}/oai/{register}"
        found = by_sickle(url, metadataPrefix=prefix)
        assert len(found) == 11
        assert found == by_scythe(url, metadata_prefix=prefix)


def test_both_understand_the_other_verbs(served: Served) -> None:
    url = f"{served.url}/oai/{CITY}"
    sickle = Sickle(url)
    assert sickle.Identify().repositoryName == "杭州市目录"
    assert {each.metadataPrefix for each in sickle.ListMetadataFormats()} == set(PREFIXES)
    specs = {each.setSpec for each in sickle.ListSets()}
    with Scythe(url) as scythe:
        assert scythe.identify().repositoryName == "杭州市目录"
        sets: list[Any] = list(scythe.list_sets())
        headers: list[Any] = list(scythe.list_identifiers(metadata_prefix="oai_dc"))
    assert {each.setSpec for each in sets} == specs
    assert [each.identifier for each in headers] == [
        each.identifier for each in sickle.ListIdentifiers(metadataPrefix="oai_dc")
    ]


def test_both_go_on_from_where_they_were(served: Served) -> None:
    url = f"{served.url}/oai/{CITY}"
    since = served.town.installation.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(NoRecordsMatch):
        by_sickle(url, metadataPrefix="catalogue", **{"from": since})
    served.town.publish(live("later"))
    assert by_sickle(url, metadataPrefix="catalogue", **{"from": since}) == {
        "oai:hangzhou.gov.cn:later": False
    }
    assert by_scythe(url, metadata_prefix="catalogue", from_=since) == {"oai:hangzhou.gov.cn:later": False}
