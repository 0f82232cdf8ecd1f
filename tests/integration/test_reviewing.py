"""What people decide: release, refuse, undo, lift, retire; four eyes, reasons, one event an act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from registry.errors import Conflict
from registry.model.choice import Choice
from registry.model.diff import Action
from registry.model.record import CheckedRecord
from registry.model.run import Ending, RunStatus, Walk
from registry.services import reviewing
from registry.store import changes, proposals, records
from registry.store.engine import Connection
from tests.factories import (
    APPROVER,
    COMPLETE_WALK,
    Installation,
    deleted,
    identifier_of,
)
from tests.integration.deciding import refuse, release, text, texts, undo
from tests.integration.standing import (
    declined_of,
    digests,
    held,
    log_of,
    source_of,
)


def listed(city: Installation, run_id: int, action: Action) -> list[str]:
    """The identifiers that a run's change set lists under an action."""
    with city.engines.read.connect() as connection:
        return [each.identifier for each in proposals.page(connection, run_id, Choice(actions=(action,)))]


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
    """While it is held, a walk over the whole list breaks off: what that brought is newer, changed or not."""
    city.harvest("hz", texts(22))
    run = city.harvest("hz", [*texts(18, "b"), deleted("18"), deleted("19")])
    assert (run.status, run.tally.absent) == (RunStatus.HELD, 2)
    seen = [text("3", "c"), text("4", "a"), text("18", "a"), text("20", "a")]
    newer = city.harvest("hz", seen, walk=Walk(Ending.TRANSPORT))
    assert (newer.status, newer.tally.updated, newer.tally.unchanged) == (RunStatus.PUBLISHED, 1, 3)
    release(city, run.id)
    stands = digests(city.engines, "330100")
    assert stands[identifier_of("3")] == text("3", "c").document_digest
    assert stands[identifier_of("4")] == text("4", "a").document_digest
    assert stands[identifier_of("5")] == text("5", "b").document_digest
    assert identifier_of("18") in stands and identifier_of("19") not in stands
    assert listed(city, run.id, Action.OUTDATED) == [identifier_of(key) for key in ("3", "4", "18")]
    assert city.read_run(run.id).tally.outdated == 3
    assert source_of(city.engines, "hz").live == 21
    assert [held(city.engines, "hz")[identifier_of(key)].absent for key in ("20", "21")] == [False, True]


def test_an_aged_held_run_overwrites_nothing_newer(city: Installation) -> None:
    _an_aged_run_overwrites_nothing_newer(city)


def _trust_all(before: records.Present, change: changes.Change) -> records.Present:
    return before._replace(version=change.base_version, seen_run=0)


def _trust_sightings(before: records.Present, _: changes.Change) -> records.Present:
    return before._replace(seen_run=0)


@pytest.mark.parametrize("trusting", [_trust_all, _trust_sightings])
def test_the_check_notices_a_settle_that_does_not_compare_again(
    city: Installation,
    monkeypatch: pytest.MonkeyPatch,
    trusting: Callable[[records.Present, changes.Change], records.Present],
) -> None:
    """Planted: where a record stands is taken from what the change was compared with."""
    real, slice_after = records.present, changes.slice_after
    staged: dict[str, changes.Change] = {}

    def remembered(connection: Connection, run_id: int, after: int, size: int) -> list[changes.Staged]:
        found = slice_after(connection, run_id, after, size)
        staged.update((each.change.identifier, each.change) for each in found)
        return found

    def present(*where: Any) -> dict[str, records.Present]:
        return {name: trusting(before, staged[name]) for name, before in real(*where).items()}

    monkeypatch.setattr(changes, "slice_after", remembered)
    monkeypatch.setattr(records, "present", present)
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
    run = city.read_run(inverse)
    assert (run.tally.deleted, run.tally.made, run.tally.outdated) == (2, 2, 2)
    assert run.finished_at is not None and run.finished_at == run.published_at
    assert listed(city, inverse, Action.OUTDATED) == [identifier_of("0"), identifier_of("1")]
    # What was left alone was not undone: its contents may come again.
    assert declined_of(city.engines, "hz", identifier_of("0")) == set()
    assert declined_of(city.engines, "hz", identifier_of("2")) != set()


def test_what_was_taken_back_is_no_loss_of_the_source(city: Installation) -> None:
    """The brake looks at what the source missed, not at what people took away."""
    city.harvest("hz", texts(20))
    inverse = undo(city, city.harvest("hz", [*texts(20), *texts(9, first=20)]).id)
    assert city.read_run(inverse).tally.deleted == 9
    run = city.harvest("hz", [*texts(18), *texts(9, first=20)])
    assert (run.status, run.tally.absent) == (RunStatus.PUBLISHED, 2)


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


def test_an_act_needs_no_more_than_a_moment_of_the_clock(city: Installation) -> None:
    """A held run keeps for as long as people need: a year later it is released as it was compared."""
    city.harvest("hz", texts(20))
    run = city.harvest("hz", texts(20, "b"))
    city.clock.advance(days=366)
    release(city, run.id)
    assert city.read_run(run.id).tally.outdated == 0
    assert city.clock() - run.started_at > timedelta(days=366)
    assert len(digests(city.engines, "330100")) == 20
