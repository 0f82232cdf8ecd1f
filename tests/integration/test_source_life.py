"""The life of a source: suspended, retired, changed; four eyes, reasons, one event an act."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.errors import Conflict, Forbidden, LeaseLost, Refused
from registry.model.lifecycle import SourceAction
from registry.model.merge import AuthorityPolicy, AuthorityRule
from registry.model.register import Policy
from registry.model.run import RunStatus
from registry.model.source import Protocol, SourceStatus
from registry.services import registration, reviewing
from registry.store import verification
from tests.factories import (
    APPROVER,
    COMPLETE_WALK,
    SUBMITTER,
    Installation,
    deleted,
    identifier_of,
)
from tests.integration.deciding import refuse, release, texts, undo
from tests.integration.standing import (
    event_actions,
    held,
    live_entries,
    source_of,
    unsettled_runs,
)

SECRETS = (
    "key",
    "apikey",
    "API_KEY",
    "accessToken",
    "client_secret",
    "password",
    "passwd",
    "app%4Bey",
    "x;key",
)
"""Names of parameters that carry one."""


def act(city: Installation, action: SourceAction, reason: str = "because") -> None:
    registration.act(city.engines.write, "hz", action, actor=APPROVER, now=city.clock(), reason=reason)
    city.settle(city.read("330100").id)


def test_suspend_keeps_and_retire_withdraws(city: Installation) -> None:
    city.harvest("hz", texts(3))
    before = live_entries(city.engines, "330100")
    act(city, SourceAction.SUSPEND)
    assert live_entries(city.engines, "330100") == before
    act(city, SourceAction.RETIRE)
    assert live_entries(city.engines, "330100") == {}
    assert all(record.deleted for record in held(city.engines, "hz").values())
    assert (source_of(city.engines, "hz").live, city.read("330100").entries) == (0, 0)


def test_an_order_that_waited_too_long_harvests_nothing(city: Installation) -> None:
    """It was placed while the source was approved; carried out now it would bring back what was withdrawn."""
    city.harvest("hz", texts(3))
    for action in (SourceAction.SUSPEND, SourceAction.RETIRE):
        waiting = city.order("hz")
        act(city, action)
        assert city.carry_out(waiting) is None
        if action is SourceAction.SUSPEND:
            act(city, SourceAction.RESUME)
    assert live_entries(city.engines, "330100") == {}


def test_an_order_for_another_place_than_was_approved_harvests_nothing(city: Installation) -> None:
    waiting = city.order("hz")
    for location in ("http://elsewhere.example/oai", "http://hz.example/oai2"):
        registration.amend_source(
            city.engines.write, "hz", {"location": location}, actor=SUBMITTER, now=city.clock()
        )
        registration.act(city.engines.write, "hz", SourceAction.APPROVE, actor=APPROVER, now=city.clock())
    assert city.carry_out(waiting) is None


@pytest.mark.parametrize("where", ["collecting", "absences", "held"])
def test_retiring_gives_up_what_is_under_way(city: Installation, where: str) -> None:
    city.harvest("hz", texts(3))
    if where == "held":
        run_id = city.harvest("hz", []).id
    else:
        begun = city.open("hz")
        assert begun is not None
        begun.take(texts(1, "b"))
        run_id = begun.run.id
        act(city, SourceAction.RETIRE)
        with pytest.raises(LeaseLost):
            begun.take(texts(1, "b", first=1)) if where == "collecting" else begun.finish()
    if where == "held":
        act(city, SourceAction.RETIRE)
        with pytest.raises(Conflict):
            release(city, run_id)
    assert city.read_run(run_id).status is RunStatus.SUPERSEDED
    assert live_entries(city.engines, "330100") == {}
    assert unsettled_runs(city.engines) == []


def test_retiring_waits_for_a_run_that_is_being_settled(city: Installation) -> None:
    begun = city.open("hz")
    assert begun is not None
    begun.take(texts(3))
    begun.sink.finish(COMPLETE_WALK)
    with pytest.raises(Conflict):
        registration.act(
            city.engines.write, "hz", SourceAction.RETIRE, actor=APPROVER, now=city.clock(), reason="closed"
        )
    begun.settle()
    act(city, SourceAction.RETIRE)
    assert live_entries(city.engines, "330100") == {}


def test_what_a_retired_source_said_does_not_come_back(city: Installation) -> None:
    city.harvest("hz", texts(3))
    run = city.harvest("hz", [deleted("0"), *texts(2, first=1)])
    act(city, SourceAction.RETIRE)
    with pytest.raises(Conflict):
        undo(city, run.id)
    assert live_entries(city.engines, "330100") == {}


def test_a_retired_sources_tombstones_step_back(city: Installation) -> None:
    """It had the authority and said that a record is gone; retired, it no longer speaks against the others."""
    policy = Policy(authority=AuthorityPolicy((AuthorityRule("speaks"),)))
    register = city.register("330200", policy=policy)
    for code in ("speaks", "listens"):
        city.source(code, "330200")
        city.harvest(code, texts(3))
    city.harvest("speaks", [deleted("0"), *texts(2, first=1)])
    assert set(live_entries(city.engines, "330200")) == {identifier_of("1"), identifier_of("2")}
    registration.act(
        city.engines.write, "speaks", SourceAction.RETIRE, actor=APPROVER, now=city.clock(), reason="because"
    )
    assert broken(city) == [], "entries are still what they were before"
    city.settle(register.id)
    assert set(live_entries(city.engines, "330200")) == {identifier_of(str(number)) for number in range(3)}
    assert broken(city) == []


def broken(city: Installation) -> list[verification.Finding]:
    with city.engines.read.connect() as connection:
        return [finding for finding in verification.verify(connection) if finding.broken]


def test_a_changed_source_is_read_from_its_beginning(city: Installation) -> None:
    """Its cursor belongs to the list that was approved before; its data stay published meanwhile."""
    answered = replace(COMPLETE_WALK, cursor_since=city.clock(), etag='"a"')
    city.harvest("hz", texts(3), walk=answered)
    before = live_entries(city.engines, "330100")
    amended = registration.amend_source(
        city.engines.write, "hz", {"set_spec": "credit"}, actor=SUBMITTER, now=city.clock()
    )
    assert (amended.status, amended.submitted_by) == (SourceStatus.SUBMITTED, SUBMITTER.name)
    assert live_entries(city.engines, "330100") == before
    with pytest.raises(Conflict):
        city.order("hz")
    registration.act(city.engines.write, "hz", SourceAction.APPROVE, actor=APPROVER, now=city.clock())
    source = source_of(city.engines, "hz")
    assert (source.cursor_since, source.etag, source.full_at) == (None, "", None)


def test_a_secret_in_an_address_is_refused_with_a_hint(city: Installation) -> None:
    for name in SECRETS:
        new = registration.NewSource(
            "new", "330100", "new", Protocol.OAI_PMH, f"http://hz.example/oai?{name}=s3cret"
        )
        with pytest.raises(Refused, match="--credentials") as refused:
            registration.add_source(city.engines.write, new, actor=SUBMITTER, now=city.clock())
        assert "--credentials" in refused.value.text.zh and "s3cret" not in str(refused.value)


def test_other_parameters_of_an_address_stay(city: Installation) -> None:
    location = "http://hz.example/list.xml?keyword=1&page=2&keys=3"
    amended = registration.amend_source(
        city.engines.write, "hz", {"location": location}, actor=SUBMITTER, now=city.clock()
    )
    assert amended.description.location == location


def test_a_name_or_a_schedule_needs_no_approval(city: Installation) -> None:
    amended = registration.amend_source(
        city.engines.write, "hz", {"name": "杭州", "schedule": "every 6h"}, actor=SUBMITTER, now=city.clock()
    )
    assert (amended.status, amended.name) == (SourceStatus.APPROVED, "杭州")


@pytest.mark.parametrize(
    "values",
    [
        {"namespace": "no namespace"},
        {"credentials": "a secret"},
        {"location": "ftp://hz.example/"},
        {"location": "http://user:secret@hz.example/"},
        {"location": "http://hz.example:99999/"},
        *({"location": f"http://hz.example/oai?page=1&{each}=1"} for each in SECRETS),
        {"status": "approved"},
    ],
)
def test_a_wrong_amendment_changes_nothing(city: Installation, values: dict[str, str]) -> None:
    before = source_of(city.engines, "hz")
    acts = event_actions(city.engines)
    with pytest.raises(Refused):
        registration.amend_source(city.engines.write, "hz", values, actor=SUBMITTER, now=city.clock())
    assert source_of(city.engines, "hz") == before
    assert event_actions(city.engines) == acts


def test_a_source_cannot_turn_to_another_log(city: Installation) -> None:
    city.register("330000")
    city.register("330200")
    city.source("from-hz", "330000", location="330100", protocol=Protocol.REGISTER)
    for values in ({"location": "330200"}, {"protocol": Protocol.FOLDER}):
        with pytest.raises(Refused):
            registration.amend_source(
                city.engines.write, "from-hz", values, actor=SUBMITTER, now=city.clock()
            )


def test_who_submits_cannot_judge(city: Installation) -> None:
    registration.amend_source(city.engines.write, "hz", {"set_spec": "a"}, actor=APPROVER, now=city.clock())
    for action in (SourceAction.APPROVE, SourceAction.REJECT):
        with pytest.raises(Forbidden):
            act(city, action)
    registration.act(city.engines.write, "hz", SourceAction.APPROVE, actor=SUBMITTER, now=city.clock())
    assert source_of(city.engines, "hz").status is SourceStatus.APPROVED


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_what_takes_away_needs_a_reason(city: Installation, reason: str) -> None:
    first = city.harvest("hz", texts(20)).id
    for action in (SourceAction.SUSPEND, SourceAction.RETIRE):
        with pytest.raises(Refused):
            act(city, action, reason)
    engine, now = city.engines.write, city.clock()
    with pytest.raises(Refused):
        reviewing.undo(engine, first, actor=APPROVER, now=now, reason=reason)
    run_id = city.harvest("hz", texts(20, "b")).id
    with pytest.raises(Refused):
        reviewing.refuse(engine, run_id, actor=APPROVER, now=now, reason=reason)


def test_each_act_is_one_event(city: Installation) -> None:
    acts = event_actions(city.engines)
    assert acts == [
        ("create", "register:330100"), ("add", "source:hz"), ("submit", "source:hz"),
        ("approve", "source:hz"),
    ]  # fmt: skip
    first = city.harvest("hz", texts(20)).id
    to_release = city.harvest("hz", texts(20, "b")).id
    release(city, to_release)
    to_refuse = city.harvest("hz", texts(20, "c")).id
    refuse(city, to_refuse)
    undo(city, to_release)
    reviewing.lift(city.engines.write, "hz", identifier_of("1"), actor=APPROVER, now=city.clock())
    act(city, SourceAction.SUSPEND)
    act(city, SourceAction.RESUME)
    act(city, SourceAction.RETIRE)
    assert [each for each in event_actions(city.engines)[len(acts) :] if each[0] != "harvest"] == [
        ("release", f"run:{to_release}"), ("refuse", f"run:{to_refuse}"), ("undo", f"run:{to_release}"),
        ("lift", "source:hz"), ("suspend", "source:hz"), ("resume", "source:hz"), ("retire", "source:hz"),
    ]  # fmt: skip
    assert first != to_release
