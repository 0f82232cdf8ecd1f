"""What is missing, and stays because people decided so, is told by every run that misses it, and changes nothing."""

from __future__ import annotations

import pytest

from registry.model.choice import Choice
from registry.model.diff import Action
from registry.model.issue import Text
from registry.model.record import Page
from registry.model.run import Ending, RunStatus, Scope, Verdict, Walk, Window
from registry.services import reviewing
from registry.services.ingest.absences import stage_absences
from registry.services.ingest.trial import TrialSink
from registry.store import proposals, runs, sources
from tests.factories import APPROVER, COMPLETE_WALK, Installation, deleted, identifier_of
from tests.integration.deciding import refuse, release, texts, undo
from tests.integration.standing import digests, log_of

BROKEN = Walk(Ending.PROTOCOL, Text("不是 XML", "not XML"))


def told(city: Installation, run: runs.Run) -> set[str]:
    """The identifiers that a run's change set lists as declined."""
    with city.engines.read.connect() as connection:
        found = proposals.page(connection, run.id, Choice(actions=(Action.DECLINED,)))
    return {each.identifier for each in found}


def ids(*numbers: int) -> set[str]:
    return {identifier_of(str(number)) for number in numbers}


def trial(city: Installation, count: int) -> TrialSink:
    """What a dry run of a list of so many records comes to."""
    with city.engines.read.connect() as connection:
        source = sources.get(connection, "hz")
    window = Window(Scope.FULL)
    sink = TrialSink(city.engines, source, window, rules_version=1, now=city.clock())
    sink.take([Page(1, texts(count), "behind 1")])
    sink.finish(COMPLETE_WALK)
    return sink


def test_a_refused_disappearance_is_told_by_every_list_that_misses_it(city: Installation) -> None:
    city.harvest("hz", texts(20))
    refuse(city, city.harvest("hz", texts(15)).id)
    before = log_of(city.engines, "330100")
    for _ in range(3):
        city.clock.advance(hours=25)
        tried = trial(city, 15)
        assert (tried.tally.kept, tried.tally.absent, tried.tally.vanished) == (5, 0, 0)
        run = city.harvest("hz", texts(15))
        assert (run.status, run.verdict) == (RunStatus.PUBLISHED, Verdict.COMPLETE)
        assert (run.tally.kept, run.tally.declined, run.tally.not_proposed) == (5, 0, 5)
        assert (run.tally.absent, run.tally.vanished, run.tally.going) == (0, 0, 0)
        assert (run.tally.received, run.tally.accepted) == (15, 15)
        assert told(city, run) == ids(15, 16, 17, 18, 19)
    assert log_of(city.engines, "330100") == before
    again = city.harvest("hz", texts(20))
    assert (again.tally.kept, told(city, again)) == (0, set())


def test_what_is_kept_hides_nothing_else_and_holds_nothing(city: Installation) -> None:
    """Of what is missing besides, the brake judges that alone."""
    city.harvest("hz", texts(20))
    refuse(city, city.harvest("hz", texts(15)).id)
    city.clock.advance(hours=25)
    run = city.harvest("hz", texts(14))
    assert (run.status, run.tally.kept, run.tally.absent) == (RunStatus.PUBLISHED, 5, 1)
    city.clock.advance(hours=25)
    run = city.harvest("hz", texts(14))
    assert (run.tally.kept, run.tally.vanished) == (5, 1)
    assert len(digests(city.engines, "330100")) == 19


def test_an_undone_disappearance_is_told_past_the_day(city: Installation) -> None:
    city.harvest("hz", texts(3))
    city.harvest("hz", texts(2))
    city.clock.advance(hours=25)
    undo(city, city.harvest("hz", texts(2)).id)
    for _ in range(2):
        city.clock.advance(hours=25)
        run = city.harvest("hz", texts(2))
        assert (run.tally.kept, told(city, run)) == (1, ids(2))
    # The word of the source in the same place counts as what came.
    run = city.harvest("hz", [*texts(2), deleted("2")])
    assert (run.tally.declined, run.tally.kept, run.tally.received) == (1, 0, 3)


def test_what_is_lifted_is_missed_again(city: Installation) -> None:
    city.harvest("hz", texts(20))
    refuse(city, city.harvest("hz", texts(17)).id)
    reviewing.lift(city.engines.write, "hz", identifier_of("17"), actor=APPROVER, now=city.clock())
    run = city.harvest("hz", texts(17))
    assert (run.tally.kept, run.tally.absent) == (2, 1)
    assert told(city, run) == ids(18, 19)


def test_a_confirmed_absence_that_was_not_chosen_is_kept(city: Installation) -> None:
    city.harvest("hz", texts(20))
    first = city.harvest("hz", texts(16))
    release(city, first.id)
    city.clock.advance(hours=25)
    held = city.harvest("hz", [*texts(11, "b"), *texts(5, first=11)])
    assert (held.status, held.tally.vanished) == (RunStatus.HELD, 4)
    reviewing.release(
        city.engines.write, held.id, actor=APPROVER, now=city.clock(), reason="seen",
        choice=Choice(actions=(Action.UPDATED,)),
    )  # fmt: skip
    city.settle(city.read("330100").id)
    tally = city.read_run(held.id).tally
    assert (tally.vanished, tally.kept, tally.declined, tally.updated) == (0, 4, 0, 11)
    assert len(digests(city.engines, "330100")) == 20


@pytest.mark.parametrize("walk", [BROKEN, Walk(Ending.FINISHED, pages_lost=1)], ids=["broken", "in part"])
def test_a_list_that_is_not_whole_misses_nothing(city: Installation, walk: Walk) -> None:
    """Also where a worker had staged absences before it died, and the list then turned out to be a part."""
    city.harvest("hz", texts(20))
    refuse(city, city.harvest("hz", [*texts(16), deleted("16"), deleted("17"), deleted("18")]).id)
    begun = city.open("hz")
    assert begun is not None
    begun.take([*texts(16), deleted("16")])
    assert stage_absences(city.engines, city.claims, begun.order, begun.run) == 0
    run = begun.finish(walk)
    assert (run.verdict is not Verdict.COMPLETE, run.tally.kept, run.tally.declined) == (True, 0, 1)
    assert told(city, run) == ids(16)
