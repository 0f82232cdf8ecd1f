"""Who is told what, once, and when a mail is ordered for it."""

from __future__ import annotations

from collections import Counter

import pytest

from registry.model.event import Actor
from registry.model.health import Change, Health
from registry.model.issue import Issue, Severity, Text
from registry.model.lanes import Lanes
from registry.model.lifecycle import SourceAction
from registry.model.notification import Kind, Notification
from registry.model.register import Level
from registry.model.role import Role
from registry.model.run import Ending, RunStatus, Scope, Walk
from registry.model.source import Protocol
from registry.services import accounts as service
from registry.services import notifying, policies, registration
from registry.store import claims, health, issues, notifications, outbox, sources
from registry.store.engine import Engines, transaction
from registry.store.outbox import Topic
from tests.factories import APPROVER, SUBMITTER, Installation, live
from tests.integration.people import ROOT, account

R = Role
CITY, PROVINCE, NATION = "330100", "330000", "000000"


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A nation over a province over a city with one source, ``hz``, submitted by ``li``; nobody else is there."""
    installation = Installation(engines)
    for code, level in ((NATION, Level.NATIONAL), (PROVINCE, Level.PROVINCIAL), (CITY, Level.MUNICIPAL)):
        installation.register(code, code, level)
    for above, below in ((NATION, PROVINCE), (PROVINCE, CITY)):
        installation.source(f"over-{below}", above, "", below, Protocol.REGISTER)
    installation.source("hz", CITY, protocol=Protocol.OAI_PMH)
    tell(installation)
    return installation


def tell(on: Installation, *, holder: str = "here", by_mail: bool = True, limit: int = 200) -> int:
    return notifying.tell(on.engines.write, holder=holder, by_mail=by_mail, now=on.clock(), limit=limit)


def told(on: Installation, actor: Actor) -> list[Notification]:
    """What an account was told, oldest first."""
    assert actor.account is not None
    with on.engines.read.connect() as connection:
        return notifications.listed(connection, actor.account)[::-1]


def kinds(on: Installation, *actors: Actor) -> list[list[Kind]]:
    tell(on)
    return [[each.kind for each in told(on, actor)] for actor in actors]


def act(on: Installation, action: SourceAction, actor: Actor, reason: str = "地址有误") -> None:
    registration.act(on.engines.write, "hz", action, actor=actor, now=on.clock(), reason=reason)


def send_back(on: Installation) -> None:
    """Amend the source, so that it must be approved again."""
    registration.amend_source(
        on.engines.write, "hz", {"location": "http://other.example/oai"}, actor=SUBMITTER, now=on.clock()
    )


def test_a_source_s_way_is_told_to_whom_it_concerns(installation: Installation) -> None:
    submitter = account(installation, SUBMITTER.name, (R.SUBMITTER, CITY), (R.APPROVER, CITY))
    approver = account(installation, "wu", (R.APPROVER, CITY))
    operator = account(installation, "op", (R.OPERATOR, CITY))
    send_back(installation)
    assert kinds(installation, submitter, approver, operator) == [[], [Kind.SUBMITTED], []]
    act(installation, SourceAction.REJECT, approver)
    assert kinds(installation, submitter, approver, operator) == [[Kind.REJECTED], [Kind.SUBMITTED], []]
    (rejected,) = told(installation, submitter)
    assert (rejected.subject, rejected.facts.actor, rejected.facts.reason.zh) == (
        "source:hz",
        "wu",
        "地址有误",
    )
    act(installation, SourceAction.SUBMIT, SUBMITTER)
    tell(installation)
    act(installation, SourceAction.APPROVE, approver)
    assert kinds(installation, submitter, approver, operator) == [
        [Kind.REJECTED, Kind.APPROVED], [Kind.SUBMITTED, Kind.SUBMITTED], [],
    ]  # fmt: skip


def test_what_is_decided_already_is_no_news(installation: Installation) -> None:
    approver = account(installation, "wu", (R.APPROVER, CITY))
    send_back(installation)
    act(installation, SourceAction.APPROVE, APPROVER)
    registration.amend_source(
        installation.engines.write, "hz", {"name": "other"}, actor=SUBMITTER, now=installation.clock()
    )
    assert kinds(installation, approver) == [[]]


@pytest.mark.parametrize("place", [CITY, PROVINCE, NATION, None])
def test_the_nearest_who_hold_the_role_are_told(installation: Installation, place: str | None) -> None:
    places = [CITY, PROVINCE, NATION, None]
    holders = {
        each: account(installation, f"at-{each}".lower(), (R.APPROVER, each))
        for each in places[places.index(place) :]
    }
    send_back(installation)
    found = dict(zip(holders, kinds(installation, *holders.values()), strict=True))
    assert found == {each: [Kind.SUBMITTED] if each == place else [] for each in holders}


def test_who_is_locked_or_submitted_it_is_passed_over(installation: Installation) -> None:
    account(installation, SUBMITTER.name, (R.APPROVER, CITY))
    account(installation, "gone", (R.APPROVER, CITY))
    service.set_locked(installation.engines.write, "gone", locked=True, actor=ROOT, now=installation.clock())
    above = account(installation, "above", (R.APPROVER, PROVINCE))
    send_back(installation)
    assert kinds(installation, above) == [[Kind.SUBMITTED]]


def test_a_held_run_is_told_until_it_is_decided(installation: Installation) -> None:
    approver = account(installation, "wu", (R.APPROVER, CITY))
    policies.set_gate(installation.engines.write, CITY, on=True, actor=ROOT, now=installation.clock())
    run = installation.harvest("hz", [live("1")])
    assert run.status is RunStatus.HELD
    assert kinds(installation, approver) == [[Kind.HELD]]
    (held,) = told(installation, approver)
    assert (held.subject, held.facts.run, held.facts.register) == (f"run:{run.id}", run.id, CITY)
    assert held.facts.reason == run.hold_reasons[0].text
    installation.harvest("hz", [live("1"), live("2")])
    newest = installation.harvest("hz", [live("1"), live("2"), live("3")])
    assert kinds(installation, approver) == [[Kind.HELD, Kind.HELD]], "the one between was superseded already"
    assert told(installation, approver)[1].facts.run == newest.id


MOVES = {
    (Health.HEALTHY, Health.FAILING): Kind.FAILING,
    (Health.HEALTHY, Health.LATE): Kind.FAILING,
    (Health.LATE, Health.FAILING): Kind.FAILING,
    (Health.FAILING, Health.LATE): None,
    (Health.FAILING, Health.HEALTHY): Kind.HEALED,
    (Health.LATE, Health.HEALTHY): Kind.HEALED,
    (Health.SUSPENDED, Health.HEALTHY): None,
    (Health.HEALTHY, Health.SUSPENDED): None,
}


@pytest.mark.parametrize("move", MOVES, ids="-".join)
def test_operators_are_told_of_health(installation: Installation, move: tuple[Health, Health]) -> None:
    operator = account(installation, "op", (R.OPERATOR, CITY))
    approver = account(installation, "wu", (R.APPROVER, CITY))
    with transaction(installation.engines.write) as connection:
        source = sources.get(connection, "hz")
        health.add(connection, source.id, Change(*move, Text("因", "why")), installation.clock())
    expected = MOVES[move]
    assert kinds(installation, operator, approver) == [[expected] if expected else [], []]


def test_issues_that_were_not_there_before_are_told_to_the_submitter(installation: Installation) -> None:
    submitter = account(installation, SUBMITTER.name, (R.SUBMITTER, CITY))

    def harvest(*codes: str, full: bool = True) -> None:
        begun = installation.open("hz")
        assert begun is not None
        with transaction(installation.engines.write) as connection:
            found = [
                issues.FoundIssue("", "", b"", Issue(code, severity, Text("", "")))
                for code, severity in zip(codes, [Severity.ERROR, Severity.WARNING] * 2, strict=False)
            ]
            note = issues.FoundIssue("", "", b"", Issue("only.note", Severity.NOTE, Text("", "")))
            issues.add(connection, begun.run.id, [*found, note])
        begun.finish(Walk(Ending.FINISHED, scope=Scope.FULL if full else Scope.DELTA))
        tell(installation)

    def codes() -> list[tuple[str, ...]]:
        return [each.facts.codes for each in told(installation, submitter)]

    harvest()
    harvest("a", "b")
    assert codes() == [("a", "b")]
    harvest("b", "a")
    harvest("a", full=False)
    harvest("b", "c", full=False)
    assert codes() == [("a", "b"), ("c",)], "a delta says nothing about what it does not list"
    harvest("c")
    assert codes() == [("a", "b"), ("c",)]
    harvest("a")
    assert codes() == [("a", "b"), ("c",), ("a",)], "it was mended, and is back"


def test_each_is_told_once_by_whichever_process(installation: Installation) -> None:
    approver = account(installation, "wu", (R.APPROVER, CITY))
    send_back(installation)
    waits = len(_waiting(installation))
    assert tell(installation, holder="there") == 0, "another process is at it"
    assert tell(installation, limit=1) == 1
    assert tell(installation) == waits - 1
    assert tell(installation) == 0
    installation.clock.advance(seconds=10)
    with transaction(installation.engines.write) as connection:
        outbox.put(connection, Topic.NOTICE, _waiting_item(installation, approver))
    assert tell(installation, holder="there") == 1
    assert Counter(each.kind for each in told(installation, approver)) == {Kind.SUBMITTED: 1}


def _waiting(on: Installation) -> list[outbox.Item]:
    with on.engines.read.connect() as connection:
        return outbox.waiting(connection, Topic.NOTICE, 1000)


def _waiting_item(on: Installation, actor: Actor) -> str:
    """The cause of the one notification of an account."""
    from registry.store.tables import notifications as table

    with on.engines.read.connect() as connection:
        return str(connection.execute(table.select()).one().cause)


def test_what_is_not_kept_any_more_is_passed_over(installation: Installation) -> None:
    with transaction(installation.engines.write) as connection:
        for item in ("event:99999", "run:99999"):
            outbox.put(connection, Topic.NOTICE, item)
    assert tell(installation) == 2


def test_reading_is_one_s_own(installation: Installation) -> None:
    reader, other = (account(installation, name, (R.APPROVER, CITY)) for name in ("wu", "qian"))
    send_back(installation)
    act(installation, SourceAction.REJECT, APPROVER)
    act(installation, SourceAction.SUBMIT, SUBMITTER)
    tell(installation)
    first, *_ = told(installation, reader)
    engine, now = installation.engines.write, installation.clock()
    others = [each.id for each in told(installation, other)]
    assert notifying.read(engine, reader, others, now) == 0
    assert notifying.read(engine, reader, [first.id], now) == 1
    assert notifying.read(engine, reader, [first.id], now) == 0
    notifying.read(engine, reader, None, now)
    assert reader.account is not None and other.account is not None
    with installation.engines.read.connect() as connection:
        assert notifications.unread(connection, reader.account) == 0
        assert notifications.unread(connection, other.account) == len(others) > 0
        assert notifications.listed(connection, reader.account, unread_only=True) == []
        assert claims.to_do(connection, now, 10, Lanes()) is not None
