"""The invariants hold in a healthy store, and each of them notices what is broken on purpose."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from registry.store.engine import Engines, open_engines
from tests.crash.household import ROADS, Household
from tests.crash.survival import Life
from tests.databases import SqliteTemplate
from tests.invariants import Snapshot, check


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, sqlite_template: SqliteTemplate) -> Path:
    """A store with a little history, full and incremental."""
    folder = tmp_path_factory.mktemp("healthy")
    database = sqlite_template.copy_to(folder)
    engines = open_engines(database)
    household = Household.found(engines, database, folder, size=12)
    life = Life(household, Random("healthy")).begin()
    for full in (False, True, True):
        life.prepare(full=full)
        household.start().run()
    household.close()
    engines.dispose()
    return folder / "mulu.sqlite3"


@pytest.fixture
def store(healthy: Path, tmp_path: Path) -> Iterator[tuple[Path, Engines]]:
    """A copy to break."""
    path = tmp_path / "copy.sqlite3"
    shutil.copyfile(healthy, path)
    engines = open_engines(f"sqlite:///{path}")
    yield path, engines
    engines.dispose()


def test_a_healthy_store_has_nothing_to_say(store: tuple[Path, Engines]) -> None:
    """Nothing is broken, and nothing differs from itself."""
    _, engines = store
    now = Snapshot.take(engines)
    assert check(engines, since=now) == []
    assert list(now.untouched(Snapshot.take(engines), ROADS)) == []


BROKEN = [
    ("I1", "a document's bytes", "UPDATE documents SET content = x'00' WHERE id = 1"),
    ("I1", "a record is lost", "DELETE FROM records WHERE id = 1"),
    ("I1", "a record holds another document", "UPDATE records SET document_id = 2 WHERE id = 1"),
    ("I1", "a record was deleted", "UPDATE records SET deleted = NOT deleted WHERE id = 1"),
    ("I1", "a change is lost", "DELETE FROM changes WHERE id = 1"),
    ("I1", "a run counts one record more",
     "UPDATE runs SET tally = json_set(tally, '$.received', json_extract(tally, '$.received') + 1) WHERE id = 1"),
    ("I2", "a change was applied twice", "UPDATE changes SET base_version = base_version + 1 WHERE id = 1"),
    ("I2", "a version is missing", "DELETE FROM versions WHERE register_id = 1 AND sequence = 3"),
    ("I2", "a chain is broken", "UPDATE versions SET superseded_by = 0 WHERE superseded_by > 0"),
    ("I2", "a chain leads elsewhere", "UPDATE versions SET previous = previous + 1 WHERE previous > 0"),
    ("I2", "an entry is not its head", "UPDATE entries SET head_sequence = head_sequence + 1 WHERE id = 1"),
    ("I2", "an entry is live without a reason", "UPDATE entries SET deleted = NOT deleted WHERE id = 1"),
    ("I2", "an entry is lost", "DELETE FROM entries WHERE id = 1"),
    ("I2", "a register miscounts", "UPDATE registers SET entries = entries + 1"),
    ("I2", "a source miscounts", "UPDATE sources SET live = live - 1"),
    ("I2", "a version is filed under one set less", "DELETE FROM version_sets WHERE sequence = 2"),
    ("I2", "a set was forgotten", "UPDATE memberships SET \"left\" = '[]'"),
    ("I2", "publications leave a gap", "UPDATE publications SET first_sequence = first_sequence + 1 WHERE id = 1"),
    ("I3", "the mark is ahead", "UPDATE registers SET mark = mark - 1, indexed_through = 0"),
    ("I3", "a run was published before its end", "UPDATE runs SET settled_through = 1"),
    ("I3", "a part of a run is published", "UPDATE runs SET status = 'settling' WHERE id = 1"),
    ("I3", "a held run wrote versions", "UPDATE runs SET status = 'held', hold_reasons = '[1]' WHERE id = 1"),
    ("I3", "a publication mixes runs", "UPDATE versions SET cause = 'run:1' WHERE register_id = 1"),
    ("I5", "datestamps go back", "UPDATE publications SET datestamp = datestamp + 10000000 * (10 - id)"),
    ("I5", "a publication was not verified", "UPDATE publications SET verified = 0"),
    ("I5", "a datestamp has fractions", "UPDATE publications SET datestamp = datestamp + 1"),
    ("I5", "who has seen it was forgotten", "UPDATE versions SET was_public = 0 WHERE previous > 0"),
    ("I5", "the index is ahead", "UPDATE registers SET indexed_through = mark + 1"),
    ("I6", "raw bytes are gone", "DELETE FROM raw_records"),
    ("I6", "a version has no cause", "UPDATE versions SET cause = 'chance' WHERE sequence = 1"),
    ("I6", "a version was caused by a run that changed nothing", "UPDATE changes SET identifier = identifier || 'x'"),
    ("I7", "an act left no event", "DELETE FROM events WHERE action = 'add' AND id > 3"),
    ("I7", "an act left two events", ("INSERT INTO events (happened_at, actor, address, action, subject, reason, "
     "before, after) SELECT happened_at, actor, address, action, subject, reason, before, after FROM events")),
    ("I9", "a version says what the one before it said", "UPDATE versions SET document_id = 1, deleted = 0"),
    ("I11", "a failure without a reason", "UPDATE runs SET status = 'failed', ending = '' WHERE id = 1"),
    ("I11", "a hold without a reason", "UPDATE runs SET status = 'held' WHERE id = 1"),
]  # fmt: skip


@pytest.mark.parametrize(("invariant", "what", "statement"), BROKEN, ids=[row[1] for row in BROKEN])
def test_what_is_broken_is_noticed(
    store: tuple[Path, Engines], invariant: str, what: str, statement: str
) -> None:
    """Under its own number, whatever else it breaks."""
    path, engines = store
    _execute(path, statement)
    assert invariant in {violation.invariant for violation in check(engines)}, what


GONE_BACK = [
    ("I5", "UPDATE registers SET mark = mark - 1"),
    ("I5", "UPDATE versions SET document_id = 1 WHERE sequence = 2"),
    ("I5", "UPDATE publications SET datestamp = datestamp - 1000000"),
    ("I5", "UPDATE publications SET datestamp = datestamp + 1000000"),
]


@pytest.mark.parametrize(("invariant", "statement"), GONE_BACK)
def test_what_goes_back_is_noticed(store: tuple[Path, Engines], invariant: str, statement: str) -> None:
    """Nothing that was published changes, datestamps of verified publications least of all."""
    path, engines = store
    before = Snapshot.take(engines)
    _execute(path, statement)
    found = before.violations_in(Snapshot.take(engines))
    assert invariant in {violation.invariant for violation in found}


def test_a_source_that_nobody_touched_stays_as_it_was(store: tuple[Path, Engines]) -> None:
    """One byte in one of its records is enough."""
    path, engines = store
    before = Snapshot.take(engines)
    _execute(path, "UPDATE records SET raw_digest = x'00' WHERE identifier = 'oai:roads:000'")
    assert [each.invariant for each in before.untouched(Snapshot.take(engines), ROADS)] == ["I4"]


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(statement).rowcount != 0
        connection.commit()
