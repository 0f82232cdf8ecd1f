"""Erasure: two persons, and what is known under an identifier is gone from every register; the rest stands."""

from __future__ import annotations

import pytest

from registry.errors import PublicationStopped
from registry.model.issue import Issue, Severity
from registry.model.issue import Text as Sentence
from registry.model.issue_life import IssueCounts
from registry.model.record import Condition
from registry.model.run import RunStatus
from registry.model.visibility import Audience, day_of
from registry.outlets import selection
from registry.services import policies, reviewing
from registry.services.ingest import publish
from registry.store import events, issue_life, registers, runs
from registry.store.engine import Engines
from tests.factories import Installation, identifier_of, live
from tests.integration.people import ROOT
from tests.integration.secret import (
    CITY,
    ENTRY,
    PROVINCE,
    SECRET,
    ask,
    broken,
    confirm,
    erase,
    found,
    indexed,
    mentions,
    saying,
    settle,
    spoken,
)
from tests.integration.standing import live_entries


@pytest.fixture
def installation(engines: Engines) -> Installation:
    return spoken(engines)


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


@pytest.mark.parametrize("taken_before", [True, False])
def test_what_is_being_collected_meanwhile_brings_nothing_of_it(
    installation: Installation, taken_before: bool
) -> None:
    begun = installation.open("city")
    assert begun is not None
    said = [saying(f"{SECRET} 1"), saying(f"{SECRET} 3")]
    if taken_before:
        begun.take([said[1], live("1"), live("2"), live("3")])
        ask(installation)
        confirm(installation)
    else:
        begun.take([live("1"), live("2"), live("3")])
        ask(installation)
        confirm(installation)
        begun.take([said[0]])
    begun.finish()
    settle(installation)
    assert set(mentions(installation)) == set() and broken(installation) == []
    assert ENTRY not in live_entries(installation.engines, CITY)


def test_an_undone_run_does_not_bring_it_back(installation: Installation) -> None:
    run = installation.harvest("city", [saying(f"{SECRET} 3"), live("1"), live("2"), live("3"), live("4")])
    erase(installation)
    reviewing.undo(installation.engines.write, run.id, actor=ROOT, now=installation.clock(), reason="so")
    settle(installation)
    entries = live_entries(installation.engines, CITY)
    assert ENTRY not in entries and identifier_of("4") not in entries
    assert set(mentions(installation)) == set() and broken(installation) == []


def counted(on: Installation) -> list[IssueCounts]:
    """The issues of the newest run of the city."""
    with on.engines.read.connect() as connection:
        (newest,) = runs.listed(connection, source="city", limit=1)
        return issue_life.counts(connection, newest.id)


def test_what_issues_quote_and_refused_bytes_go_too(installation: Installation) -> None:
    issue = Issue("text-x", Severity.ERROR, Sentence(SECRET, SECRET))
    bad = saying(f"{SECRET} 4")._replace(condition=Condition.REFUSED, document=None, issues=(issue,))
    installation.harvest("city", [bad, live("1"), live("2"), live("3")])
    assert "issues.message_zh" in set(mentions(installation))
    assert [each.code for each in counted(installation)] == ["text-x"]
    erase(installation)
    assert counted(installation) == []
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
