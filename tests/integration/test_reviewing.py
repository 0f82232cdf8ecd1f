"""What people decide: release, refuse, undo, lift, retire; four eyes, reasons, one event an act."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

import pytest

from registry.errors import Conflict, Forbidden, LeaseLost, Refused, RegistryError
from registry.model.diff import Action
from registry.model.lifecycle import SourceAction
from registry.model.record import CheckedRecord
from registry.model.run import Ending, RunStatus, Walk
from registry.model.source import Protocol, SourceStatus
from registry.services import registration, reviewing
from registry.services.ingest import settle
from registry.store import changes, records
from registry.store.engine import Engines
from registry.store.runs import Run
from tests.factories import (
    APPROVER,
    COMPLETE_WALK,
    SUBMITTER,
    Harvest,
    Installation,
    catalogue_document,
    deleted,
    identifier_of,
    live,
)
from tests.integration.standing import (
    declined_of,
    digests,
    event_actions,
    held,
    live_entries,
    log_of,
    overtake,
    source_of,
    unsettled_runs,
)


@pytest.fixture
def city(engines: Engines) -> Installation:
    installation = Installation(engines)
    installation.register("330100")
    installation.source("hz", "330100", protocol=Protocol.OAI_PMH)
    return installation


def text(key: str, title: str) -> CheckedRecord:
    return live(key, catalogue_document(key, title=title))


def texts(count: int, title: str = "a", *, first: int = 0) -> list[CheckedRecord]:
    return [text(str(number), title) for number in range(first, first + count)]


def release(city: Installation, run_id: int) -> None:
    reviewing.release(city.engines.write, run_id, actor=APPROVER, now=city.clock(), reason="seen")
    city.clock.advance(seconds=1)
    city.settle(city.read("330100").id)


def refuse(city: Installation, run_id: int) -> None:
    reviewing.refuse(city.engines.write, run_id, actor=APPROVER, now=city.clock(), reason="wrong")


def undo(city: Installation, run_id: int) -> int:
    inverse = reviewing.undo(city.engines.write, run_id, actor=APPROVER, now=city.clock(), reason="wrong")
    city.settle(city.read("330100").id)
    return inverse


def listed(city: Installation, run_id: int, action: Action) -> list[str]:
    """The identifiers that a run's change set lists under an action."""
    with city.engines.read.connect() as connection:
        return [change.identifier for _, change in changes.listed(connection, run_id, action=str(action))]


# Release


def test_a_released_run_is_settled_like_any_other(city: Installation) -> None:
    city.harvest("hz", texts(20))
    run = city.harvest("hz", texts(20, "b"))
    assert run.status is RunStatus.HELD
    assert digests(city.engines, "330100") == {each.identifier: each.document_digest for each in texts(20)}
    release(city, run.id)
    assert city.read_run(run.id).status is RunStatus.PUBLISHED
    assert digests(city.engines, "330100") == {
        each.identifier: each.document_digest for each in texts(20, "b")
    }


def _an_aged_run_overwrites_nothing_newer(city: Installation) -> None:
    city.harvest("hz", texts(20))
    run = city.harvest("hz", [*texts(19, "b"), deleted("19")])
    assert run.status is RunStatus.HELD
    overtake(city.engines, "hz", identifier_of("3"))
    overtake(city.engines, "hz", identifier_of("19"))
    release(city, run.id)
    stands = digests(city.engines, "330100")
    assert stands[identifier_of("3")] == text("3", "a").document_digest
    assert stands[identifier_of("19")] == text("19", "a").document_digest
    assert stands[identifier_of("4")] == text("4", "b").document_digest
    assert city.read_run(run.id).tally.outdated == 2
    assert listed(city, run.id, Action.OUTDATED) == [identifier_of("3"), identifier_of("19")]
    assert source_of(city.engines, "hz").live == 20


def test_an_aged_held_run_overwrites_nothing_newer(city: Installation) -> None:
    _an_aged_run_overwrites_nothing_newer(city)


def test_the_check_notices_a_settle_that_does_not_compare_again(
    city: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the state of a record is taken to be what the change was compared with."""
    real = settle._state

    def trusting(change: changes.Change, present: records.Present) -> records.RecordState:
        return real(change, present)._replace(version=change.base_version + 1)

    monkeypatch.setattr(settle, "_state", trusting)
    with pytest.raises(AssertionError):
        _an_aged_run_overwrites_nothing_newer(city)


# Refuse


def test_what_was_refused_is_not_proposed_again_until_it_differs(city: Installation) -> None:
    city.harvest("hz", texts(20))
    before = log_of(city.engines, "330100")
    run = city.harvest("hz", texts(20, "b"))
    refuse(city, run.id)
    for _ in range(2):
        run = city.harvest("hz", texts(20, "b"))
        assert (run.status, run.tally.declined, run.tally.updated) == (RunStatus.PUBLISHED, 20, 0)
    assert log_of(city.engines, "330100") == before
    run = city.harvest("hz", [*texts(19, "b"), text("19", "c")])
    assert (run.tally.declined, run.tally.updated) == (19, 1)
    assert digests(city.engines, "330100")[identifier_of("19")] == text("19", "c").document_digest


def test_a_refused_disappearance_is_not_proposed_again(city: Installation) -> None:
    city.harvest("hz", texts(20))
    refuse(city, city.harvest("hz", texts(17)).id)
    for _ in range(3):
        city.clock.advance(hours=25)
        run = city.harvest("hz", texts(17))
        assert (run.status, run.tally.absent, run.tally.vanished) == (RunStatus.PUBLISHED, 0, 0)
    assert len(digests(city.engines, "330100")) == 20


def test_an_empty_list_that_was_refused_is_not_held_again(city: Installation) -> None:
    city.harvest("hz", texts(3))
    run = city.harvest("hz", [])
    assert [reason.code for reason in run.hold_reasons] == ["vanished", "empty"]
    refuse(city, run.id)
    assert city.harvest("hz", []).status is RunStatus.PUBLISHED
    assert len(digests(city.engines, "330100")) == 3


def test_the_deletion_of_another_text_is_another_proposal(city: Installation) -> None:
    """What was kept was the text of then; once the source has said something else, that may go."""
    city.harvest("hz", texts(20))
    refuse(city, city.harvest("hz", [*texts(17), *(deleted(str(n)) for n in (17, 18, 19))]).id)
    assert city.harvest("hz", [*texts(19), deleted("19")]).tally.declined == 1
    assert city.harvest("hz", [*texts(19), text("19", "b")]).tally.updated == 1
    assert city.harvest("hz", [*texts(19), deleted("19")]).tally.deleted == 1
    assert identifier_of("19") not in digests(city.engines, "330100")


def test_an_equal_repeat_of_a_declined_text_is_a_repeat(city: Installation) -> None:
    city.harvest("hz", texts(20))
    refuse(city, city.harvest("hz", texts(20, "b")).id)
    run = city.harvest("hz", texts(20, "b"), [text("3", "b")])
    assert (run.tally.declined, run.tally.repeated, run.tally.refused) == (20, 1, 0)


# Undo


def _created(city: Installation) -> int:
    return city.harvest("hz", texts(3)).id


def _updated(city: Installation) -> int:
    city.harvest("hz", texts(3))
    return city.harvest("hz", [text("0", "b"), *texts(2, first=1)]).id


def _deleted(city: Installation) -> int:
    city.harvest("hz", texts(3))
    return city.harvest("hz", [deleted("0"), *texts(2, first=1)]).id


def _vanished(city: Installation) -> int:
    city.harvest("hz", texts(3))
    city.harvest("hz", texts(2, first=1))
    city.clock.advance(hours=25)
    return city.harvest("hz", texts(2, first=1)).id


def _restored(city: Installation) -> int:
    _deleted(city)
    return city.harvest("hz", [text("0", "b"), *texts(2, first=1)]).id


@pytest.mark.parametrize(
    ("doing", "left", "again"),
    [
        pytest.param(_created, "", texts(3), id="create"),
        pytest.param(_updated, "012", [text("0", "b"), *texts(2, first=1)], id="update"),
        pytest.param(_deleted, "012", [deleted("0"), *texts(2, first=1)], id="delete"),
        pytest.param(_vanished, "012", texts(2, first=1), id="vanish"),
        pytest.param(_restored, "12", [text("0", "b"), *texts(2, first=1)], id="restore"),
    ],
)
def test_undo_gives_the_same_identifiers_and_contents(
    city: Installation, doing: Callable[[Installation], int], left: str, again: list[CheckedRecord]
) -> None:
    """And what was undone stays undone, though the source goes on to say it, until someone lifts it."""
    run_id = doing(city)
    done = digests(city.engines, "330100")
    inverse = undo(city, run_id)
    expected = {identifier_of(key): text(key, "a").document_digest for key in left}
    assert digests(city.engines, "330100") == expected
    assert (city.read_run(run_id).status, city.read_run(inverse).status) == (
        RunStatus.UNDONE,
        RunStatus.PUBLISHED,
    )
    assert city.read_run(inverse).tally.outdated == 0
    assert source_of(city.engines, "hz").live == len(expected) == city.read("330100").entries
    for _ in range(3):
        city.clock.advance(hours=25)
        assert city.harvest("hz", again).status is RunStatus.PUBLISHED
        assert digests(city.engines, "330100") == expected
    for key in ("0", "1", "2"):
        reviewing.lift(city.engines.write, "hz", identifier_of(key), actor=APPROVER, now=city.clock())
    for _ in range(3):
        city.clock.advance(hours=25)
        city.harvest("hz", again)
    assert digests(city.engines, "330100") == done


def test_undo_leaves_alone_and_lists_what_changed_since(city: Installation) -> None:
    first = city.harvest("hz", texts(4)).id
    city.harvest("hz", [text("0", "b"), deleted("1"), *texts(2, first=2)])
    inverse = undo(city, first)
    assert digests(city.engines, "330100") == {identifier_of("0"): text("0", "b").document_digest}
    assert city.read_run(inverse).tally.outdated == 2
    assert listed(city, inverse, Action.OUTDATED) == [identifier_of("0"), identifier_of("1")]
    # What was left alone was not undone: its contents may come again.
    assert declined_of(city.engines, "hz", identifier_of("0")) == set()
    assert declined_of(city.engines, "hz", identifier_of("2")) != set()


def test_an_undoing_cannot_be_undone_and_a_run_only_once(city: Installation) -> None:
    run_id = _created(city)
    inverse = undo(city, run_id)
    for each in (run_id, inverse):
        with pytest.raises(Conflict):
            undo(city, each)


def test_undo_waits_for_the_run_that_stands(city: Installation) -> None:
    first = city.harvest("hz", texts(20)).id
    held_run = city.harvest("hz", texts(20, "b"))
    with pytest.raises(Conflict):
        undo(city, first)
    refuse(city, held_run.id)
    undo(city, first)
    assert digests(city.engines, "330100") == {}


def test_lifting_asks_for_the_whole_list_again(city: Installation) -> None:
    """The source has not changed since: nothing but a full list would propose it again."""
    answered = replace(COMPLETE_WALK, cursor_since=city.clock())
    run = city.harvest("hz", texts(3), walk=answered)
    undo(city, run.id)
    begun = city.open("hz", full=False)
    assert begun is not None and begun.run.window.since is not None
    begun.finish(answered)
    assert reviewing.lift(city.engines.write, "hz", identifier_of("1"), actor=APPROVER, now=city.clock())
    begun = city.open("hz", full=False)
    assert begun is not None and begun.run.window.since is None
    begun.take(texts(3))
    begun.finish(answered)
    assert list(digests(city.engines, "330100")) == [identifier_of("1")]


# The life of a source


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


# Four eyes, reasons, events


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


def _at_once(*acts: Callable[[], object]) -> list[object]:
    """What each of the acts returned or raised, begun at the same moment by a thread each."""
    together = Barrier(len(acts))

    def run(each: Callable[[], object]) -> object:
        together.wait()
        try:
            return each()
        except RegistryError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _decide(engines: Engines, run_id: int, now: datetime, act: Callable[..., Run]) -> object:
    return act(engines.write, run_id, actor=APPROVER, now=now, reason="seen")


def test_of_two_approvers_at_once_one_wins(city: Installation) -> None:
    registration.amend_source(city.engines.write, "hz", {"set_spec": "a"}, actor=SUBMITTER, now=city.clock())

    def approve() -> object:
        return registration.act(
            city.engines.write, "hz", SourceAction.APPROVE, actor=APPROVER, now=city.clock()
        )

    results = _at_once(approve, approve)
    assert sorted(isinstance(each, Conflict) for each in results) == [False, True]
    assert event_actions(city.engines).count(("approve", "source:hz")) == 2  # the first approval, and one


def test_of_release_and_refuse_at_once_one_wins(city: Installation) -> None:
    city.harvest("hz", texts(20))
    for _ in range(5):
        run_id = city.harvest("hz", texts(20, f"b{city.clock()}")).id
        decide = partial(_decide, city.engines, run_id, city.clock())
        results = _at_once(partial(decide, reviewing.release), partial(decide, reviewing.refuse))
        assert sorted(isinstance(each, Conflict) for each in results) == [False, True]
        city.settle(city.read("330100").id)
        city.clock.advance(hours=1)


def test_release_against_a_full_harvest_that_supersedes(city: Installation) -> None:
    """Whoever is first, the other finds it out; neither waits for the other for ever."""
    city.harvest("hz", texts(20))
    for round_ in range(5):
        run_id = city.harvest("hz", texts(20, f"b{round_}")).id
        waiting = city.order("hz", full=True)
        released, begun = _at_once(
            partial(_decide, city.engines, run_id, city.clock(), reviewing.release),
            partial(city.carry_out, waiting),
        )
        if isinstance(begun, Harvest):
            assert isinstance(released, Conflict)
            assert city.read_run(run_id).status is RunStatus.SUPERSEDED
            assert begun.finish(Walk(Ending.TRANSPORT)).status is RunStatus.FAILED
        else:
            assert begun is None
            assert city.read_run(run_id).status is RunStatus.SETTLING
            city.settle(city.read("330100").id)
        city.clock.advance(hours=1)


def test_an_act_needs_no_more_than_a_moment_of_the_clock(city: Installation) -> None:
    """A held run keeps for as long as people need: a year later it is released as it was compared."""
    city.harvest("hz", texts(20))
    run = city.harvest("hz", texts(20, "b"))
    city.clock.advance(days=366)
    release(city, run.id)
    assert city.read_run(run.id).tally.outdated == 0
    assert city.clock() - run.started_at > timedelta(days=366)
    assert len(digests(city.engines, "330100")) == 20
