"""What an operator cancels ends at once, enters nothing, and is not taken up again by anybody."""

from __future__ import annotations

import pytest

from registry.errors import Conflict, LeaseLost, Refused
from registry.model.event import Actor
from registry.model.run import RunStatus
from registry.services import cancelling
from registry.store import events, orders, runs
from tests.factories import COMPLETE_WALK, Installation
from tests.integration.deciding import texts
from tests.integration.standing import digests, source_of, unsettled_runs
from tests.invariants import check

OPERATOR = Actor("cli:operator")


def cancel(city: Installation, reason: str = "wrong window") -> runs.Run | None:
    return cancelling.cancel(city.engines.write, "hz", actor=OPERATOR, now=city.clock(), reason=reason)


def standing(city: Installation) -> dict[str, bytes]:
    return digests(city.engines, "330100")


def acts(city: Installation, subject: str) -> list[tuple[str, str]]:
    with city.engines.read.connect() as connection:
        return [(act.action, act.reason) for _, act in events.of_subject(connection, subject)]


@pytest.mark.parametrize("where", ["between pages", "at its end"])
def test_a_run_that_is_collected_is_left(city: Installation, where: str) -> None:
    city.harvest("hz", texts(3))
    before = standing(city)
    begun = city.open("hz")
    assert begun is not None
    begun.take(texts(2, "b"))
    left = cancel(city)
    assert left is not None
    assert (left.id, left.status, left.decided_by) == (begun.run.id, RunStatus.CANCELLED, OPERATOR.name)
    with pytest.raises(LeaseLost):
        begun.take(texts(1, "b", first=2)) if where == "between pages" else begun.finish()
    assert standing(city) == before
    assert unsettled_runs(city.engines) == []
    assert acts(city, f"run:{left.id}") == [("cancel", "wrong window")]
    assert check(city.engines) == []


def test_nobody_takes_over_what_was_cancelled_and_the_next_harvest_begins_anew(city: Installation) -> None:
    city.harvest("hz", texts(3))
    begun = city.open("hz")
    assert begun is not None
    begun.take(texts(2, "b"))
    order = begun.order.id
    cancel(city)
    city.clock.advance(hours=1)  # its claim would have lapsed
    assert city.claims.claim(order) is None
    run = city.harvest("hz", texts(3, "b"))
    assert (run.status, run.tally.received, run.tally.updated) == (RunStatus.PUBLISHED, 3, 3)
    assert check(city.engines) == []


def test_what_waits_is_not_begun(city: Installation) -> None:
    waiting = city.order("hz")
    assert cancel(city) is None
    assert city.claims.claim(waiting) is None
    with city.engines.read.connect() as connection:
        status, outcome, _ = orders.state(connection, waiting)
        assert not orders.is_asked_for(connection, source_of(city.engines, "hz").id)
    assert (str(status), outcome) == ("done", {"ending": "cancelled", "run": None})
    assert ("cancel", "wrong window") in acts(city, "source:hz")


def test_what_is_decided_cannot_be_cancelled(city: Installation) -> None:
    begun = city.open("hz")
    assert begun is not None
    begun.take(texts(3))
    begun.sink.finish(COMPLETE_WALK)
    with pytest.raises(Conflict):
        cancel(city)
    assert begun.settle().status is RunStatus.PUBLISHED


def test_there_must_be_something_and_a_reason(city: Installation) -> None:
    with pytest.raises(Conflict):
        cancel(city)
    city.order("hz")
    with pytest.raises(Refused):
        cancel(city, reason=" ")
