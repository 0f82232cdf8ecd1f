"""The book of acts in a store: append-only, sealed in order, and whatever is done to it behind its back is found."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from registry.errors import Refused
from registry.model.event import Actor, Event
from registry.model.seal import Breach, Examination, Head
from registry.services import sealing
from registry.services.signing import SigningKey, TrustedKeys
from registry.store import append_only, events, outbox, seals
from registry.store.engine import Engines, is_sqlite
from registry.store.outbox import Topic
from tests.factories import BEGINNING, Clock

KEY = SigningKey(bytes(range(32)))
MANY = 10_000


def record(engines: Engines, *subjects: str) -> None:
    """One act on each subject."""
    with engines.write.begin() as connection:
        for subject in subjects:
            events.record(connection, Event(Actor("li"), "approve", subject, "因为", {"a": 1}), BEGINNING)


def seal(engines: Engines, *, holder: str = "here", at: float = 0, limit: int = 1000) -> int:
    now = BEGINNING + timedelta(seconds=at)
    return sealing.seal(engines.write, KEY, holder=holder, now=now, limit=limit)


def examine(engines: Engines, *heads: Head, key: SigningKey = KEY) -> Examination:
    with engines.read.connect() as connection:
        return sealing.examine(connection, TrustedKeys([key.key]), heads)


def head(engines: Engines) -> Head:
    with engines.read.connect() as connection:
        return seals.head(connection)


@contextmanager
def behind_its_back(engines: Engines) -> Iterator[Connection]:
    """As whoever owns the database: without the triggers, and without foreign keys."""
    engine = create_engine(engines.write.url)  # on SQLite, foreign keys are not minded unless asked for
    with engine.begin() as connection:
        if is_sqlite(connection):
            append_only.permit_changes(connection)
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        if is_sqlite(connection):
            append_only.forbid_changes(connection)
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET reason = 'other' WHERE id = 1",
        "DELETE FROM events WHERE id = 1",
        "UPDATE seals SET number = 2 WHERE number = 1",
        "DELETE FROM seals WHERE number = 1",
    ],
)
def test_the_store_refuses_to_change_the_book(engines: Engines, statement: str) -> None:
    record(engines, "source:a")
    seal(engines)
    with pytest.raises(DBAPIError, match="append-only"), engines.write.begin() as connection:
        connection.execute(text(statement))
    assert examine(engines).findings == ()


def test_sealing_takes_what_waits_in_order_and_goes_on(engines: Engines) -> None:
    assert seal(engines) == 0
    assert head(engines).number == 0
    record(engines, *(f"source:{number}" for number in range(5)))
    assert examine(engines).unsealed == 5
    assert [seal(engines, limit=3), seal(engines, limit=3), seal(engines)] == [3, 2, 0]
    record(engines, "source:x")
    assert seal(engines) == 1
    found = examine(engines, head(engines))
    assert (found.sealed, found.unsealed, found.findings) == (6, 0, ())


def test_an_act_that_is_rolled_back_leaves_a_gap_in_ids_and_none_in_seals(engines: Engines) -> None:
    record(engines, "source:a")
    with pytest.raises(ZeroDivisionError), engines.write.begin() as connection:
        events.record(connection, Event(Actor("li"), "approve", "source:lost"), BEGINNING)
        _ = 1 / 0
    record(engines, "source:b")
    assert seal(engines) == 2
    assert (head(engines).number, examine(engines).findings) == (2, ())


def test_an_act_that_is_committed_late_is_sealed_late_and_is_not_missed(engines: Engines) -> None:
    """On PostgreSQL a slow transaction has a lower id than acts that were committed, and sealed, before it."""
    with engines.write.connect() as slow:
        if is_sqlite(slow):
            pytest.skip("SQLite has one writer at a time")
        with slow.begin():
            events.record(slow, Event(Actor("li"), "approve", "source:slow"), BEGINNING)
            record(engines, "source:fast")
            assert seal(engines) == 1
    assert seal(engines) == 1
    with engines.read.connect() as connection:
        told = [event.event.subject for _, event in seals.book(connection) if event]
    assert told == ["source:fast", "source:slow"]
    assert examine(engines, head(engines)).findings == ()


def test_one_process_seals_until_its_lease_runs_out(engines: Engines) -> None:
    record(engines, "source:a")
    assert seal(engines, holder="here", at=0) == 1
    record(engines, "source:b")
    assert seal(engines, holder="there", at=9.999) == 0
    assert seal(engines, holder="there", at=10) == 1
    record(engines, "source:c")
    sealing.rest(engines.write, holder="there", now=BEGINNING + timedelta(seconds=11))
    assert seal(engines, holder="here", at=11) == 1
    assert examine(engines).findings == ()


def test_many_who_seal_at_once_leave_one_chain(engines: Engines) -> None:
    record(engines, *(f"source:{number}" for number in range(60)))
    ready = threading.Barrier(4)

    def work(name: str) -> None:
        ready.wait()
        for turn in range(20):
            seal(engines, holder=name, at=turn * 20, limit=5)

    threads = [threading.Thread(target=work, args=(f"p{number}",)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    found = examine(engines)
    assert (found.sealed, found.unsealed, found.findings) == (60, 0, ())


@pytest.fixture
def long_book(engines: Engines) -> Engines:
    """Ten thousand acts, sealed."""
    with engines.write.begin() as connection:
        for number in range(MANY):
            events.record(connection, Event(Actor("li"), "approve", f"source:{number}"), BEGINNING)
    clock = Clock()
    assert sealing.seal_all(engines.write, KEY, holder="here", clock=clock) == MANY
    return engines


def test_in_ten_thousand_acts_whatever_is_done_to_one_is_found(long_book: Engines, seed: str) -> None:
    kept = head(long_book)
    assert examine(long_book, kept).findings == ()
    place = random.Random(seed).randrange(2, MANY)
    with behind_its_back(long_book) as connection:
        connection.execute(text("UPDATE events SET actor = 'wang' WHERE id = :id"), {"id": place})
    assert [(each.breach, each.event_id) for each in examine(long_book, kept).findings] == [
        (Breach.ALTERED, place)
    ]
    with behind_its_back(long_book) as connection:
        connection.execute(text("DELETE FROM events WHERE id = :id"), {"id": place})
    assert [each.breach for each in examine(long_book, kept).findings] == [Breach.MISSING_EVENT]
    with behind_its_back(long_book) as connection:
        connection.execute(text("DELETE FROM seals WHERE event_id = :id"), {"id": place})
    assert [(each.breach, each.number) for each in examine(long_book, kept).findings] == [
        (Breach.MISSING_SEAL, place)
    ]


SWAP = (
    "UPDATE events SET id = -1 WHERE id = 7",
    "UPDATE events SET id = 7 WHERE id = 8",
    "UPDATE events SET id = 8 WHERE id = -1",
)
CUT = ("DELETE FROM seals WHERE number > 18", "DELETE FROM events WHERE id > 18")


@pytest.fixture
def book(engines: Engines) -> Engines:
    """Twenty acts, sealed."""
    record(engines, *(f"source:{number}" for number in range(20)))
    seal(engines)
    return engines


def test_two_acts_that_change_places_are_found(book: Engines) -> None:
    with behind_its_back(book) as connection:
        for statement in SWAP:
            connection.execute(text(statement))
    assert [(each.breach, each.number) for each in examine(book).findings] == [
        (Breach.ALTERED, 7), (Breach.ALTERED, 8),
    ]  # fmt: skip


def test_a_tail_that_was_cut_is_found_by_the_head_that_was_kept(book: Engines, tmp_path: Path) -> None:
    path = tmp_path / "head.txt"
    with book.read.connect() as connection:
        sealing.write_head(path, sealing.exported_head(connection, KEY.key, BEGINNING))
    kept = sealing.read_head(path)
    assert (kept.head, kept.key) == (head(book), KEY.key)
    with behind_its_back(book) as connection:
        for statement in CUT:
            connection.execute(text(statement))
    assert examine(book).findings == (), "what is left is a whole book"
    assert [each.breach for each in examine(book, kept.head).findings] == [Breach.CUT]
    record(book, "source:again", "source:and again")
    seal(book)
    assert [each.breach for each in examine(book, kept.head).findings] == [Breach.CUT]


@pytest.mark.parametrize(
    "content", ["", "number 1\n", "mulu-audit-head 1\nnumber x\ndigest 00\nkey 00\nat now\n"]
)
def test_what_is_no_head_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "head.txt"
    path.write_text(content)
    with pytest.raises(Refused):
        sealing.read_head(path)


def test_a_book_that_was_written_anew_without_the_key_is_found(book: Engines) -> None:
    """Whoever owns the database, but not the key, cannot make another book that holds."""
    kept = head(book)
    forger = SigningKey(bytes(32))
    with behind_its_back(book) as connection:
        connection.execute(text("DELETE FROM seals"))
        connection.execute(text("UPDATE events SET actor = 'wang' WHERE id = 3"))
        for number in range(1, 21):
            outbox.put(connection, Topic.SEAL, str(number))
    sealing.seal(book.write, forger, holder="here", now=BEGINNING)
    assert {each.breach for each in examine(book).findings} == {Breach.FORGED}
    assert examine(book, key=forger).findings == (), "whoever trusts the forger's key needs the head"
    assert [each.breach for each in examine(book, kept, key=forger).findings] == [Breach.CUT]


def test_a_signature_is_of_one_key_over_one_message() -> None:
    other = SigningKey(bytes(32))
    signature = KEY.sign(b"message")
    assert TrustedKeys([KEY.key, other.key]).proves(KEY.key, b"message", signature)
    assert not TrustedKeys([KEY.key]).proves(KEY.key, b"massage", signature)
    assert not TrustedKeys([KEY.key]).proves(KEY.key, b"message", signature[:-1] + b"\0")
    assert not TrustedKeys([KEY.key, other.key]).proves(other.key, b"message", signature)
    assert not TrustedKeys([other.key]).proves(KEY.key, b"message", signature)
    for junk in ("", "00", "zz" * 32):
        with pytest.raises(ValueError, match=r".*"):
            TrustedKeys([junk])
