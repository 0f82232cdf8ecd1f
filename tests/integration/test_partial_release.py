"""A part of a held run is let through; the rest is refused, and does not come back until it differs."""

from __future__ import annotations

import pytest

from registry.errors import Refused
from registry.model.choice import Choice
from registry.model.diff import Action
from registry.model.run import RunStatus
from registry.services import reviewing
from registry.store import proposals, runs
from tests.factories import APPROVER, Installation, deleted, identifier_of
from tests.integration.deciding import text, texts
from tests.integration.standing import digests, log_of


def ids(*keys: str) -> frozenset[str]:
    return frozenset(identifier_of(key) for key in keys)


def held_run(city: Installation) -> runs.Run:
    """Twenty records: 12 rewritten, 4 deleted, 4 as they were; one is new."""
    city.harvest("hz", texts(20))
    city.clock.advance(hours=1)
    gone = [deleted(str(number)) for number in range(12, 16)]
    run = city.harvest("hz", [*texts(12, "b"), *gone, *texts(4, first=16), text("new", "b")])
    assert run.status is RunStatus.HELD
    return run


def release(city: Installation, run: runs.Run, choice: Choice) -> runs.Run:
    reviewing.release(
        city.engines.write, run.id, actor=APPROVER, now=city.clock(), reason="seen", choice=choice
    )
    city.clock.advance(seconds=1)
    city.settle(city.read("330100").id)
    return city.read_run(run.id)


@pytest.mark.parametrize(
    ("choice", "changed", "gone"),
    [
        (Choice(), {str(number) for number in range(12)} | {"new"}, {"12", "13", "14", "15"}),
        (Choice(only=ids("0", "12")), {"0"}, {"12"}),
        (Choice(without=ids("0", "12")), {str(n) for n in range(1, 12)} | {"new"}, {"13", "14", "15"}),
        (Choice(actions=(Action.UPDATED,)), {str(number) for number in range(12)}, set()),
        (Choice(actions=(Action.DELETED, Action.CREATED)), {"new"}, {"12", "13", "14", "15"}),
        (Choice(text=identifier_of("new")), {"new"}, set()),
    ],
    ids=["all", "only", "without", "updates", "deletions and news", "text"],
)
def test_what_is_not_chosen_is_left_as_it_was(
    city: Installation, choice: Choice, changed: set[str], gone: set[str]
) -> None:
    run = held_run(city)
    before = digests(city.engines, "330100")
    run = release(city, run, choice)
    assert run.status is RunStatus.PUBLISHED
    expected = before | {identifier_of(key): text(key, "b").document_digest for key in changed}
    for key in gone:
        del expected[identifier_of(key)]
    assert digests(city.engines, "330100") == expected
    assert run.tally.received == 21
    assert run.tally.declined == 17 - len(changed) - len(gone)


def test_what_was_left_out_is_not_proposed_again_until_it_differs(city: Installation) -> None:
    run = held_run(city)
    release(city, run, Choice(without=ids("0", "12")))
    before = log_of(city.engines, "330100")
    city.clock.advance(hours=1)
    again = [*texts(12, "b"), *[deleted(str(number)) for number in range(12, 16)], *texts(4, first=16)]
    run = city.harvest("hz", [*again, text("new", "b")])
    assert (run.status, run.tally.declined) == (RunStatus.PUBLISHED, 2)
    assert log_of(city.engines, "330100") == before
    city.clock.advance(hours=1)
    run = city.harvest("hz", [text("0", "c"), *again[1:], text("new", "b")])
    assert digests(city.engines, "330100")[identifier_of("0")] == text("0", "c").document_digest


def test_nothing_chosen_is_no_release(city: Installation) -> None:
    run = held_run(city)
    with pytest.raises(Refused, match="no change"):
        release(city, run, Choice(only=ids("nobody")))
    assert city.read_run(run.id).status is RunStatus.HELD
    with city.engines.read.connect() as connection:
        assert sum(proposals.counts(connection, run.id, Choice(), (Action.DECLINED,)).values()) == 0


def test_a_change_set_is_paged_and_counted(city: Installation) -> None:
    run = held_run(city)
    with city.engines.read.connect() as connection:
        counts = proposals.counts(connection, run.id, Choice(), proposals.PROPOSED)
        assert counts == {Action.UPDATED: 12, Action.DELETED: 4, Action.CREATED: 1}
        found, after = [], 0
        while rows := proposals.page(connection, run.id, Choice(), after=after, limit=5):
            found += rows
            after = rows[-1].id
        assert len({each.identifier for each in found}) == len(found) == 17
        gone = proposals.of_identifier(connection, run.id, identifier_of("12"))
        assert gone is not None and gone.document_id is None and gone.previous_id is not None
        assert gone.facts is not None and gone.facts.title == "a"
        (chosen,) = proposals.page(connection, run.id, Choice(division="330100", text="new"))
        assert chosen.identifier == identifier_of("new")
