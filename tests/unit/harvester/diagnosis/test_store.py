"""The doctor looks at the database, its shape, and the clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace as change
from sqlalchemy import text

from config.settings import Database
from harvester.diagnosis import Check, State
from harvester.diagnosis import store as diagnosis
from registry.model.issue import Text
from registry.model.stop import Stop
from registry.services import stopping
from registry.store import condition
from registry.store.condition import Condition
from registry.store.engine import Engines, open_engines, transaction
from tests.factories import Clock, Installation, live
from tests.unit.harvester.diagnosis.patients import bad, look, patient, states

BEHIND = "UPDATE alembic_version SET version_num = '0001'"
AHEAD = "UPDATE alembic_version SET version_num = '9999'"


def spoil(engines: Engines, statement: str) -> None:
    with transaction(engines.write) as connection:
        connection.execute(text(statement))


@pytest.fixture
def mended(engines: Engines) -> object:
    """Puts the store's revision right behind the test: the tables are as they were."""
    with engines.read.connect() as connection:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    yield
    spoil(engines, f"UPDATE alembic_version SET version_num = '{revision}'")


def test_what_is_well(tmp_path: Path, engines: Engines) -> None:
    well = patient(tmp_path, engines, clock=lambda: datetime.now(UTC))
    checks = (Check.DATABASE, Check.MIGRATIONS, Check.CLOCK, Check.PUBLICATION)
    assert [states(look(each, well)) for each in checks] == [[State.WELL]] * 4


def test_there_is_no_store(tmp_path: Path) -> None:
    (found,) = look(Check.DATABASE, patient(tmp_path))
    assert (found.state, found.blocks, "mulu init" in found.way_out.en) == (State.FAILED, True, True)


def test_a_database_without_tables_is_no_store(tmp_path: Path) -> None:
    engines = open_engines(f"sqlite:///{tmp_path}/empty.sqlite3")
    (found,) = look(Check.DATABASE, patient(tmp_path, engines))
    assert (found.blocks, "there is no store" in found.text.en) == (True, True)
    engines.dispose()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql+psycopg://u:geheim@127.0.0.1:9/mulu", "refused"),
        ("sqlite:////nowhere/at/all.sqlite3", "unable to open"),
    ],
)
def test_a_database_that_does_not_answer(tmp_path: Path, url: str, told: str) -> None:
    engines = open_engines(url)
    ill = patient(tmp_path, engines)
    ill = replace(ill, settings=change(ill.settings, database=Database(url=url)))
    (found,) = look(Check.DATABASE, ill)
    assert (found.state, found.blocks) == (State.FAILED, True)
    assert told in found.text.en.lower()
    assert "geheim" not in str(found)
    assert "127.0.0.1:9" in found.way_out.en or url.startswith("sqlite")
    engines.dispose()


@pytest.mark.parametrize(
    ("found", "told", "blocks"),
    [
        (Condition("PostgreSQL", (12, 9), "0001"), "PostgreSQL 12.9 is too old", False),
        (Condition("SQLite", (3, 34, 1), "0001"), "SQLite 3.34.1 is too old", False),
        (Condition("PostgreSQL", (15, 2), "0001", "transaction_read_only = on"), "cannot be written", True),
    ],
)
def test_a_database_that_will_not_do(
    tmp_path: Path,
    engines: Engines,
    monkeypatch: pytest.MonkeyPatch,
    found: Condition,
    told: str,
    blocks: bool,
) -> None:
    monkeypatch.setattr(diagnosis, "condition_of", lambda _: found)
    (finding,) = bad(look(Check.DATABASE, patient(tmp_path, engines)))
    assert told in finding.text.en
    assert finding.blocks is blocks


@pytest.mark.parametrize("version", [(3, 35, 0), (3, 45, 1)])
def test_versions_that_will_do(version: tuple[int, ...]) -> None:
    assert not Condition("SQLite", version).is_old
    assert not Condition("PostgreSQL", (13, 0)).is_old


def test_a_store_that_another_is_writing_to_is_waited_for_shortly_only(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(condition, "_BUSY_MS", 50)
    with transaction(engines.write):
        found = condition.condition_of(engines)
    assert ("locked" in found.not_writable) is (found.product == "SQLite")
    assert condition.condition_of(engines).not_writable == ""


@pytest.mark.parametrize(
    ("statement", "told"),
    [(BEHIND, "migrations that have not been applied"), (AHEAD, "newer than this program")],
)
@pytest.mark.usefixtures("mended")
def test_a_store_of_another_version(tmp_path: Path, engines: Engines, statement: str, told: str) -> None:
    spoil(engines, statement)
    (found,) = look(Check.MIGRATIONS, patient(tmp_path, engines))
    assert (found.state, found.blocks, told in found.text.en) == (State.FAILED, True, True)


def test_a_store_of_another_shape(tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.store.upgrade.check", lambda _: ["remove_index ix_a"])
    (found,) = look(Check.MIGRATIONS, patient(tmp_path, engines))
    assert (found.state, found.blocks, "remove_index ix_a" in found.text.en) == (State.FAILED, False, True)


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(0, State.WELL), (1, State.WELL), (-1, State.WELL), (1.01, State.FAILED), (-1.01, State.FAILED)],
)
def test_the_clock_of_the_server(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch, seconds: float, state: State
) -> None:
    told = NOW + timedelta(seconds=seconds)
    monkeypatch.setattr(diagnosis, "condition_of", lambda _: Condition("PostgreSQL", (15, 0), "1", now=told))
    (found,) = look(Check.CLOCK, patient(tmp_path, engines, clock=Clock(NOW)))
    assert found.state is state
    if state is State.FAILED:
        assert ("behind" if seconds > 0 else "ahead of") in found.text.en


@pytest.mark.parametrize("seconds", [3, 3.1])
def test_a_clock_that_went_back(tmp_path: Path, engines: Engines, seconds: float) -> None:
    """A publication may be dated three seconds ahead, no more."""
    installation = Installation(engines)
    installation.deliver(installation.register_with_source("330100"), [live("1")])
    published_at = installation.read("330100").published_at
    assert published_at is not None
    ill = patient(tmp_path, engines, clock=Clock(published_at - timedelta(seconds=seconds)))
    found = [each.state for each in look(Check.CLOCK, ill) if "went back" in each.text.en]
    assert found == ([State.FAILED] if seconds > 3 else [])


def test_a_stop(tmp_path: Path, engines: Engines) -> None:
    stopping.stop_publication(engines.write, Stop(NOW, "host-a:1", Text("试。", "tried."), ("entity",)))
    (found,) = bad(look(Check.PUBLICATION, patient(tmp_path, engines)))
    assert (found.state, found.subject) == (State.FAILED, "host-a:1")
    assert "tried." in found.text.en
    assert "--resume-publication" in found.way_out.en
