"""The migrations end where the tables begin, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from registry.errors import Conflict
from registry.store.tables import metadata
from registry.store.upgrade import check, migration_config, missing, upgrade
from tests.migration.description import described

SPOILINGS = {
    "an index is missing": ("DROP INDEX ix_events_subject",),
    "an index covers other columns": (
        "DROP INDEX ix_events_subject",
        "CREATE INDEX ix_events_subject ON events (actor)",
    ),
    "a partial index covers other rows": (
        "DROP INDEX uq_runs_under_way",
        "CREATE UNIQUE INDEX uq_runs_under_way ON runs (source_id) WHERE status IN ('collecting')",
    ),
    "a column is missing": ("ALTER TABLE events DROP COLUMN reason",),
    "a column is superfluous": ("ALTER TABLE runs ADD COLUMN remark TEXT",),
    "a table is missing": ("DROP TABLE issues",),
}
SEEN_BY_CHECK = SPOILINGS.keys() - {"a partial index covers other rows"}


def spoil(engine: Engine, what: str) -> None:
    with engine.begin() as connection:
        for statement in SPOILINGS[what]:
            connection.execute(text(statement))


def description(engine: Engine) -> set[str]:
    with engine.begin() as connection:
        return described(connection)


def downgrade(engine: Engine) -> None:
    config = migration_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")


def test_a_migrated_store_is_the_declared_one(bare: Engine) -> None:
    upgrade(bare)
    migrated = description(bare)
    downgrade(bare)
    with bare.begin() as connection:
        metadata.create_all(connection)
    assert migrated == description(bare)


def test_check_finds_nothing_in_a_migrated_store(bare: Engine) -> None:
    upgrade(bare)
    assert check(bare) == []


def test_check_names_the_migrations_that_are_missing(bare: Engine) -> None:
    assert check(bare)[0] == "migration 0001 has not been applied"


def test_a_store_that_a_newer_program_has_upgraded_is_left_alone(bare: Engine) -> None:
    applied = upgrade(bare)
    assert missing(bare) == ()
    with bare.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for look in (upgrade, check, missing):
        with pytest.raises(Conflict, match="9999"):
            look(bare)
    with bare.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert missing(bare) == applied[1:]


@pytest.mark.parametrize("what", sorted(SEEN_BY_CHECK))
def test_check_finds_what_differs(bare: Engine, what: str) -> None:
    upgrade(bare)
    spoil(bare, what)
    assert check(bare)


@pytest.mark.parametrize("what", sorted(SPOILINGS))
def test_the_comparison_of_these_tests_finds_what_differs(bare: Engine, what: str) -> None:
    upgrade(bare)
    before = description(bare)
    spoil(bare, what)
    assert description(bare) != before


def test_upgrading_again_changes_nothing(bare: Engine) -> None:
    assert upgrade(bare)
    before = description(bare)
    assert upgrade(bare) == ()
    assert description(bare) == before


def test_two_who_upgrade_at_once_do_so_once(bare: Engine) -> None:
    with ThreadPoolExecutor(2) as pool:
        applied = list(pool.map(upgrade, (bare, bare)))
    assert sorted(map(bool, applied)) == [False, True]
    assert check(bare) == []


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(bare: Engine) -> None:
    with bare.begin() as connection:
        connection.execute(text("CREATE TABLE runs (id INTEGER)"))
    before = description(bare)
    with pytest.raises(DBAPIError):
        upgrade(bare)
    assert description(bare) == before


def test_the_way_back_leaves_nothing_and_leads_forward_again(bare: Engine) -> None:
    upgrade(bare)
    before = description(bare)
    downgrade(bare)
    assert inspect(bare).get_table_names() == ["alembic_version"]
    upgrade(bare)
    assert description(bare) == before


def test_tables_of_others_are_left_alone(bare: Engine) -> None:
    with bare.begin() as connection:
        connection.execute(text("CREATE TABLE of_others (id INTEGER)"))
    upgrade(bare)
    assert check(bare) == []
    assert "of_others" in inspect(bare).get_table_names()
