"""The invariants of a store hold after everything that services do, and each planted defect is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from registry.store import verification
from registry.store.engine import Engines
from registry.store.tables import metadata
from registry.store.tables.declaration import NAMED
from tests.factories import Installation, catalogue_document, deleted, live

CODES = (
    "digests", "sequences", "publications", "heads", "chains", "entry-counts", "winners", "live-counts",
    "traces", "causes", "references",
)  # fmt: skip


@pytest.fixture
def filled(engines: Engines) -> Engines:
    """Two sources, changes, deletions, and an entry that both hold."""
    installation = Installation(engines)
    first = installation.register_with_source("330100")
    second = installation.source("second", "330100")
    installation.harvest(first, [live(str(number)) for number in range(10)])
    installation.harvest(
        first, [live("1", catalogue_document("1", title="新名称")), deleted("2")], full=False
    )
    installation.harvest(second, [live("3"), live("30")])
    return engines


def broken(engines: Engines) -> dict[str, int]:
    with engines.read.connect() as connection:
        return {each.code: each.broken for each in verification.verify(connection)}


def test_nothing_is_broken_and_something_was_checked(filled: Engines) -> None:
    with filled.read.connect() as connection:
        findings = list(verification.verify(connection))
    assert tuple(each.code for each in findings) == CODES
    assert all(each.checked and not each.broken and not each.examples for each in findings)


def test_an_empty_store_is_in_order(engines: Engines) -> None:
    assert set(broken(engines).values()) == {0}


DEFECTS = {
    "digests": "UPDATE documents SET title = title, content = search_text::bytea WHERE id = 1",
    "sequences": "UPDATE versions SET sequence = 99 WHERE sequence = 12",
    "publications": "UPDATE publications SET first_sequence = first_sequence + 1 WHERE first_sequence = 11",
    "heads": "UPDATE entries SET deleted = NOT deleted WHERE id = 5",
    "chains": "UPDATE versions SET previous = 9 WHERE sequence = 12",
    "entry-counts": "UPDATE registers SET entries = entries + 1",
    "winners": "UPDATE entries SET source_id = 2 WHERE identifier LIKE '%5'",
    "live-counts": "UPDATE sources SET live = live - 1 WHERE id = 1",
    "traces": "UPDATE records SET document_id = NULL WHERE identifier LIKE '%7'",
    "causes": "UPDATE versions SET cause = 'run:999' WHERE sequence = 4",
    "references": "UPDATE changes SET previous_document_id = 999 WHERE id = 1",
}
"""For each check, a change that nobody but a defect makes."""


@pytest.mark.parametrize("code", CODES)
def test_every_planted_defect_is_found(filled: Engines, code: str) -> None:
    statement = DEFECTS[code]
    with filled.write.begin() as connection:
        if connection.dialect.name == "sqlite":
            statement = statement.replace("search_text::bytea", "CAST(search_text AS BLOB)")
        elif "bytea" in statement:
            statement = statement.replace("search_text::bytea", "convert_to(search_text, 'UTF8')")
        assert connection.execute(text(statement)).rowcount
    assert broken(filled)[code] > 0


NAMING = [
    (table.name, column.name)
    for table in metadata.sorted_tables
    for column in table.c
    if NAMED in column.info
]


@pytest.mark.parametrize(("table", "column"), NAMING)
def test_every_name_of_a_row_that_is_not_there_is_found(filled: Engines, table: str, column: str) -> None:
    with filled.write.begin() as connection:
        last = f"SELECT max(identifier) FROM {table}"
        assert connection.execute(
            text(f"UPDATE {table} SET {column} = 999 WHERE identifier = ({last})")
        ).rowcount
    assert broken(filled)["references"] == 1


def test_only_the_tables_that_grow_with_the_catalogue_go_without_foreign_keys() -> None:
    assert {table for table, _ in NAMING} == {"records", "changes", "versions", "entries"}
    keyed = [name for name, _ in NAMING if metadata.tables[name].foreign_keys]
    assert not keyed
