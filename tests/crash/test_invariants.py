"""The invariants hold in a healthy store, and each of them notices what is broken on purpose."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from registry.services import sealing
from registry.services.signing import SigningKey
from registry.store import append_only, runs, sources
from registry.store.engine import Engines, open_engines
from tests.crash.household import ROADS, Household
from tests.crash.survival import Life
from tests.databases import SqliteTemplate
from tests.invariants import Circumstances, Limits, Lures, Snapshot, Usage, check


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
    sealing.seal_all(engines.write, SigningKey(bytes(32)), holder="test", clock=household.clock)
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
    ("I6", "a kept answer lacks its beginning",
     "INSERT INTO raw_pages (digest, number, content, received_at) VALUES (x'00', 1, x'00', 0)"),
    ("I6", "an answer that an issue names was not kept",
     ("INSERT INTO issues (run_id, identifier, code, severity, path, message_zh, message_en, hint_zh, hint_en, place, "
     "raw_digest) VALUES (1, '', 'x', 'error', '', '', '', '', '', '', x'00')")),
    ("I6", "a version has no cause", "UPDATE versions SET cause = 'chance' WHERE sequence = 1"),
    ("I6", "a version was caused by a run that changed nothing", "UPDATE changes SET identifier = identifier || 'x'"),
    ("I7", "an act left no event", "DELETE FROM events WHERE action = 'add' AND id > 3"),
    ("I7", "an act left two events", ("INSERT INTO events (happened_at, actor, address, action, subject, reason, "
     "before, after) SELECT happened_at, actor, address, action, subject, reason, before, after FROM events")),
    ("I7", "an act was rewritten", "UPDATE events SET actor = 'nobody' WHERE id = 2"),
    ("I7", "a seal is gone", "DELETE FROM seals WHERE number = 2"),
    ("I9", "a version says what the one before it said", "UPDATE versions SET document_id = 1, deleted = 0"),
    ("I11", "a failure without a reason", "UPDATE runs SET status = 'failed', ending = '' WHERE id = 1"),
    ("I11", "a walk broke off without a word", "UPDATE runs SET ending = 'transport' WHERE id = 1"),
    ("I11", "a record was refused without an issue",
     ("UPDATE runs SET tally = json_set(tally, '$.refused', 1, '$.created', json_extract(tally, '$.created') - 1) "
      "WHERE id = 1")),
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


def test_the_same_again_changes_nothing(store: tuple[Path, Engines]) -> None:
    """A version more, or a record that is another one, and it was not nothing (I9)."""
    path, engines = store
    before = Snapshot.take(engines)
    again = Circumstances(repeated=True)
    assert check(engines, since=before, circumstances=again) == []
    _execute(path, "UPDATE records SET stale = NOT stale WHERE identifier = 'oai:roads:000'")
    assert {each.invariant for each in check(engines, since=before, circumstances=again)} == {"I9"}
    fewer = replace(before, published={key: row for key, row in before.published.items() if key[1] != 3})
    assert {each.invariant for each in fewer.repeated(before)} == {"I9"}


RELAPSED = [
    ("never asked again", ""),
    ("published at the third time only", "UPDATE runs SET status = 'failed', ending = 'transport'"),
    ("still counted as failing", "UPDATE sources SET failures = 1"),
    ("not healthy", "UPDATE sources SET health = 'late'"),
    ("released by a person", "UPDATE runs SET decided_by = 'wang'"),
]


@pytest.mark.parametrize(("what", "statement"), RELAPSED, ids=[row[0] for row in RELAPSED])
def test_who_does_not_recover_is_noticed(store: tuple[Path, Engines], what: str, statement: str) -> None:
    """I10, of a source whose fault was gone before its first run."""
    path, engines = store
    now = Snapshot.take(engines)
    since = replace(now, last_run=0) if statement else now
    gone = Circumstances(recovered=(ROADS,))
    if statement:
        assert check(engines, since=since, circumstances=gone) == []
        _execute(path, statement)
    assert "I10" in {each.invariant for each in check(engines, since=since, circumstances=gone)}


OF_SOURCE = "SELECT id FROM runs WHERE source_id = {source}"
REASON = "json_array(json_object('code', 'vanished'))"
HELD = (
    f"UPDATE runs SET status = 'held', hold_reasons = {REASON} WHERE source_id = {{source}}",
    f"UPDATE changes SET action = 'deleted', run_id = {{run}} WHERE run_id IN ({OF_SOURCE})",
)
"""Every run of a source is held, and the one with this number would delete all that the source has."""


@pytest.mark.parametrize(
    ("more", "known_before", "is_right"),
    [
        ("", False, True),
        ("", True, False),
        ("UPDATE runs SET hold_reasons = json_array(json_object('code', 'rewritten'))", False, False),
        ("UPDATE changes SET action = 'updated'", False, False),
        ("UPDATE runs SET ending = 'transport' WHERE ending = 'finished'", False, False),
    ],
    ids=["of the fault", "of before", "held for more", "nothing goes", "broken off"],
)
def test_only_what_a_fault_had_told_may_be_held(
    store: tuple[Path, Engines], more: str, known_before: bool, is_right: bool
) -> None:
    """I10: the brake may hold what a source that is sound again no longer tells, where only the fault had told it."""
    path, engines = store
    now = Snapshot.take(engines)
    since = replace(now, last_run=0)
    sound = now if known_before else replace(now, held={code: [] for code in now.held})
    with engines.read.connect() as connection:
        source = sources.get(connection, ROADS).id
        newest = max(run.id for run in runs.listed(connection, limit=1000) if run.source_code == ROADS)
    for statement in (*HELD, more):
        _execute(path, statement.format(source=source, run=newest))

    def relapsed(sound: Snapshot | None) -> bool:
        told = Circumstances(recovered=(ROADS,), sound=sound)
        found = [
            each.text for each in check(engines, since=since, circumstances=told) if each.invariant == "I10"
        ]
        return any("not published" in text for text in found)

    assert relapsed(None), "whoever does not know what was told before may not take it for the fault's"
    assert relapsed(sound) is not is_right


@pytest.mark.parametrize("name", Usage.__slots__)
def test_what_exceeds_its_limit_is_noticed(store: tuple[Path, Engines], tmp_path: Path, name: str) -> None:
    """I8: memory, children, files, threads, disk; one more than allowed is too much."""
    _, engines = store
    used = Usage(*range(100, 106))
    limits = Limits(*(getattr(used, each) if each in Usage.__slots__ else 1000 for each in Limits.__slots__))
    assert check(engines, circumstances=Circumstances(used=used, limits=limits)) == []
    less = replace(limits, **{name: getattr(used, name) - 1})
    found = check(engines, circumstances=Circumstances(used=used, limits=less))
    assert [(each.invariant, each.text.split(":")[0]) for each in found] == [("I8", name)]


def test_growth_is_noticed_and_what_a_process_does_is_counted(tmp_path: Path) -> None:
    """I8: a file, a thread, a child and a megabyte more."""
    before = Usage.now(tmp_path)
    held = bytearray(b"x" * (64 << 20))
    woken = threading.Event()
    thread = threading.Thread(target=woken.wait)
    thread.start()
    with (tmp_path / "file").open("w+b") as stream, subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        stream.write(bytes(1000))
        stream.flush()
        after = Usage.now(tmp_path)
        assert child.stdin is not None
        child.stdin.close()
    woken.set()
    thread.join()
    assert (after.threads, after.children, after.disk_bytes) == (
        before.threads + 1, before.children + 1, before.disk_bytes + 1000,
    )  # fmt: skip
    assert after.files >= before.files + 2 and after.child_bytes > 0 and held
    assert {each.invariant for each in after.violations(Limits(growth_bytes=32 << 20), before)} == {"I8"}
    assert list(after.violations(Limits(growth_bytes=512 << 20), before)) == []


def test_a_lure_that_was_touched_is_noticed(store: tuple[Path, Engines], tmp_path: Path) -> None:
    """I12: a pipe that is read, an address that is connected to."""
    _, engines = store
    with Lures(tmp_path) as lures:
        assert check(engines, circumstances=Circumstances(lures=lures)) == []
        assert lures.pipe.read_bytes()
        assert [each.invariant for each in check(engines, circumstances=Circumstances(lures=lures))] == [
            "I12"
        ]
        with socket.create_connection(lures.place) as connection:
            assert connection.recv(10)
        assert len(check(engines, circumstances=Circumstances(lures=lures))) == 2


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for table in append_only.TABLES:
            for verb in ("update", "delete"):
                connection.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
        assert connection.execute(statement).rowcount != 0
        connection.commit()
