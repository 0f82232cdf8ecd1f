"""Erasure: two persons, and what is known under an identifier is gone from every register; the rest stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import LargeBinary, Text, select, text

from registry.errors import Conflict, Forbidden, NotFound, PublicationStopped, Refused
from registry.model.event import Actor
from registry.model.issue import Issue, Severity
from registry.model.issue import Text as Sentence
from registry.model.record import CheckedRecord, Condition
from registry.model.register import Level
from registry.model.role import Role
from registry.model.run import RunStatus
from registry.model.source import Protocol
from registry.model.visibility import Audience, day_of
from registry.outlets import selection
from registry.services import erasing, policies, reviewing
from registry.services.ingest import publish
from registry.store import erasures, events, registers, search, verification
from registry.store.engine import Engines
from registry.store.tables import metadata
from tests.factories import Installation, catalogue_document, identifier_of, live
from tests.integration.people import ROOT, account, everything
from tests.integration.standing import live_entries

PROVINCE, CITY = "330000", "330100"
ENTRY = identifier_of("0")
SECRET = "王小明住址西湖路壹号"
FIRST, SECOND = Actor("cli:first"), Actor("cli:second")


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A city whose entry was said twice, with a name in it both times, and the province above that has read both."""
    on = Installation(engines, index=True)
    on.register(PROVINCE, "省", Level.PROVINCIAL)
    on.register(CITY)
    on.source("city", CITY)
    on.source("up", PROVINCE, "", CITY, Protocol.REGISTER)
    for number in range(2):
        on.harvest("city", [saying(f"{SECRET} {number}"), live("1"), live("2"), live("3")])
        on.clock.advance(hours=1)
        on.read_upward("up")
    return on


def saying(title: str, key: str = "0") -> CheckedRecord:
    return live(key, catalogue_document(key, title=title))


def ask(on: Installation, actor: Actor = FIRST, reason: str = "本人要求") -> int:
    return erasing.ask(on.engines.write, CITY, ENTRY, actor=actor, now=on.clock(), reason=reason)


def confirm(on: Installation, actor: Actor = SECOND) -> tuple[int, ...]:
    return erasing.confirm(on.engines.write, ENTRY, actor=actor, now=on.clock())


def settle(on: Installation) -> None:
    for code in (CITY, PROVINCE):
        on.settle(on.read(code).id)


def erase(on: Installation) -> None:
    ask(on)
    confirm(on)
    settle(on)


def broken(on: Installation) -> list[str]:
    with on.engines.read.connect() as connection:
        return [f"{each.code}: {each.examples}" for each in verification.verify(connection) if each.broken]


def mentions(on: Installation) -> Iterator[str]:
    """Where the store still says it: every text and every bytes of every table."""
    with on.engines.read.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [each for each in table.c if isinstance(each.type, LargeBinary | Text)]
            for column in columns:
                for value in connection.scalars(select(text(f'"{column.name}"')).select_from(table)):
                    told = value if isinstance(value, bytes) else str(value).encode()
                    if SECRET.encode() in told:
                        yield f"{table.name}.{column.name}"


def found(on: Installation, code: str, words: str = SECRET) -> int:
    with on.engines.read.connect() as connection:
        return len(search.query(connection, registers.get(connection, code), words, limit=10))


def indexed(on: Installation) -> int:
    """How many documents the index holds."""
    sqlite = "document_index_docsize" if on.engines.read.dialect.name == "sqlite" else "document_index"
    with on.engines.read.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {sqlite}")).scalar_one())


def test_what_was_said_is_gone_from_everywhere(installation: Installation) -> None:
    assert {each.partition(".")[0] for each in mentions(installation)} >= {"documents", "raw_records"}
    before = indexed(installation)
    assert found(installation, CITY) == found(installation, PROVINCE) == 1
    erase(installation)
    assert set(mentions(installation)) == set()
    assert found(installation, CITY) == found(installation, PROVINCE) == 0
    assert indexed(installation) == before - 2
    assert broken(installation) == []


def test_other_entries_stand_and_are_found(installation: Installation) -> None:
    others = {key: live_entries(installation.engines, code) for code in (CITY, PROVINCE) for key in (code,)}
    erase(installation)
    for code, before in others.items():
        before.pop(ENTRY)
        assert live_entries(installation.engines, code) == before
        assert found(installation, code, "城北污水处理厂") == 3
    installation.harvest("city", [live("1"), live("2"), live("3"), saying("新的条目", "new")])
    assert found(installation, CITY, "新的条目") == 1


def test_nobody_is_shown_it_from_the_moment_it_is_confirmed(installation: Installation) -> None:
    ask(installation)
    with installation.engines.read.connect() as connection:
        city = registers.get(connection, CITY)
        view = selection.View(Audience.PUBLIC, day_of(installation.clock()))
        assert any(shown for _, shown in selection.history(connection, city.id, ENTRY, view, mark=city.mark))
    confirm(installation)
    assert set(mentions(installation)) == set() and broken(installation) == []
    with installation.engines.read.connect() as connection:
        for mark in range(1, city.mark + 1):
            single = selection.single(connection, city.id, ENTRY, view, mark=mark, present=city.mark)
            assert single is None or single[1] is False


def test_harvesters_are_told_that_it_is_deleted(installation: Installation) -> None:
    erase(installation)
    with installation.engines.read.connect() as connection:
        for code in (CITY, PROVINCE):
            register = registers.get(connection, code)
            view = selection.View(Audience.PUBLIC, day_of(installation.clock()))
            mark = register.mark
            line = selection.single(connection, register.id, ENTRY, view, mark=mark, present=mark)
            assert line is not None and line[0].deleted and not line[1] and line[0].sequence == mark


def test_the_same_content_does_not_come_in_again_other_content_does(installation: Installation) -> None:
    erase(installation)
    again = [saying(f"{SECRET} {number}") for number in range(2)]
    for each in again:
        run = installation.harvest("city", [each, live("1"), live("2"), live("3")])
        assert (run.tally.declined, run.tally.created, run.tally.restored) == (1, 0, 0)
        assert ENTRY not in live_entries(installation.engines, CITY)
    installation.source("another", CITY)
    installation.harvest("another", [again[1]])
    assert set(mentions(installation)) == set() and broken(installation) == []
    installation.harvest("city", [saying("已脱敏"), live("1"), live("2"), live("3")])
    installation.read_upward("up")
    for code in (CITY, PROVINCE):
        assert ENTRY in live_entries(installation.engines, code)
    assert broken(installation) == []


def test_what_is_held_for_a_person_brings_nothing_of_it(installation: Installation) -> None:
    policies.set_gate(installation.engines.write, CITY, on=True, actor=ROOT, now=installation.clock())
    run = installation.harvest("city", [saying(f"{SECRET} 3")])
    assert run.status is RunStatus.HELD
    erase(installation)
    assert set(mentions(installation)) == set()
    reviewing.release(installation.engines.write, run.id, actor=ROOT, now=installation.clock())
    settle(installation)
    assert ENTRY not in live_entries(installation.engines, CITY)
    assert broken(installation) == []


def test_an_undone_run_does_not_bring_it_back(installation: Installation) -> None:
    run = installation.harvest("city", [saying(f"{SECRET} 3"), live("1"), live("2"), live("3"), live("4")])
    erase(installation)
    reviewing.undo(installation.engines.write, run.id, actor=ROOT, now=installation.clock(), reason="so")
    settle(installation)
    entries = live_entries(installation.engines, CITY)
    assert ENTRY not in entries and identifier_of("4") not in entries
    assert set(mentions(installation)) == set() and broken(installation) == []


def test_what_issues_quote_and_refused_bytes_go_too(installation: Installation) -> None:
    issue = Issue("text-x", Severity.ERROR, Sentence(SECRET, SECRET))
    bad = saying(f"{SECRET} 4")._replace(condition=Condition.REFUSED, document=None, issues=(issue,))
    installation.harvest("city", [bad, live("1"), live("2"), live("3")])
    assert "issues.message_zh" in set(mentions(installation))
    erase(installation)
    assert set(mentions(installation)) == set() and broken(installation) == []


def test_a_document_that_another_entry_has_too_stays_for_that_one(installation: Installation) -> None:
    twin = saying(f"{SECRET} 1")._replace(identifier=identifier_of("twin"))
    installation.harvest("city", [saying(f"{SECRET} 1"), twin, live("1"), live("2"), live("3")])
    erase(installation)
    assert identifier_of("twin") in live_entries(installation.engines, CITY)
    assert found(installation, CITY) == 1 and broken(installation) == []
    with installation.engines.read.connect() as connection:
        (act,) = events.listed(connection, events.Filter(action="erase"))
    assert act.event.after["under_other_identifiers"] == 1


def test_who_dies_before_publishing_leaves_it_to_the_next(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(installation)
    confirm(installation)

    def stopped(*_: object, **__: object) -> None:
        raise PublicationStopped(Sentence("停", "stopped"))

    with monkeypatch.context() as patched:
        patched.setattr(publish, "publish", stopped)
        settle(installation)
    assert installation.read(CITY).policy.to_follow
    settle(installation)
    assert not installation.read(CITY).policy.to_follow
    assert broken(installation) == [] and ENTRY not in live_entries(installation.engines, CITY)


def test_two_persons_are_needed(installation: Installation) -> None:
    with pytest.raises(NotFound):
        confirm(installation)
    ask(installation)
    before = everything(installation.engines)
    with pytest.raises(Forbidden):
        confirm(installation, FIRST)
    with pytest.raises(Conflict):
        ask(installation, SECOND)
    assert everything(installation.engines) == before
    assert set(mentions(installation)) != set()
    confirm(installation)
    with pytest.raises(NotFound):
        confirm(installation)
    with installation.engines.read.connect() as connection:
        acts = [
            each.event
            for each in events.listed(connection, events.Filter(subject=f"register:{CITY}"))
            if "eras" in each.event.action
        ]
        (done,) = erasures.of_identifier(connection, ENTRY)
    assert [(each.action, each.actor.name, each.reason) for each in acts] == [
        ("erase", "cli:second", "本人要求"), ("ask-erasure", "cli:first", "本人要求"),
    ]  # fmt: skip
    assert (done.asked_by, done.decided_by) == ("cli:first", "cli:second")


def test_whoever_confirms_may_erase_in_every_register_that_holds_it(installation: Installation) -> None:
    asks = account(installation, "asks", (Role.APPROVER, CITY))
    near = account(installation, "near", (Role.APPROVER, CITY))
    high = account(installation, "high", (Role.APPROVER, PROVINCE))
    for role in set(Role) - {Role.APPROVER}:
        with pytest.raises(Forbidden):
            ask(installation, account(installation, f"no-{role}", (role, PROVINCE)))
    ask(installation, asks)
    with pytest.raises(Forbidden):
        confirm(installation, near)
    assert confirm(installation, high)
    settle(installation)
    assert set(mentions(installation)) == set() and broken(installation) == []


def test_a_request_can_be_taken_back(installation: Installation) -> None:
    ask(installation)
    erasing.withdraw(installation.engines.write, ENTRY, actor=SECOND, now=installation.clock())
    with pytest.raises(NotFound):
        confirm(installation)
    assert ENTRY in live_entries(installation.engines, CITY)
    ask(installation, SECOND)
    confirm(installation, FIRST)


@pytest.mark.parametrize(("identifier", "reason"), [(ENTRY, " "), (identifier_of("nothing"), "so")])
def test_what_cannot_be_meant_is_refused(installation: Installation, identifier: str, reason: str) -> None:
    before = everything(installation.engines)
    with pytest.raises((Refused, NotFound)):
        erasing.ask(
            installation.engines.write, CITY, identifier, actor=FIRST, now=installation.clock(), reason=reason
        )
    assert everything(installation.engines) == before


def test_the_extent_is_told_before(installation: Installation) -> None:
    with installation.engines.read.connect() as connection:
        told = erasing.extent(connection, ENTRY)
    assert (len(told.registers), told.versions, told.records, told.documents, told.raw) == (2, 4, 2, 2, 2)
