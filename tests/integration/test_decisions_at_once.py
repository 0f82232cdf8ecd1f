"""Two people decide at the same moment: one wins, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from registry.errors import Conflict
from registry.model.lifecycle import SourceAction
from registry.model.run import Ending, RunStatus, Walk
from registry.services import registration, reviewing
from registry.store.engine import Engines
from registry.store.runs import Run
from tests.factories import (
    APPROVER,
    SUBMITTER,
    Harvest,
    Installation,
)
from tests.integration.deciding import at_once, texts
from tests.integration.standing import (
    event_actions,
)


def _decide(engines: Engines, run_id: int, now: datetime, act: Callable[..., Run]) -> object:
    return act(engines.write, run_id, actor=APPROVER, now=now, reason="seen")


def test_of_two_approvers_at_once_one_wins(city: Installation) -> None:
    registration.amend_source(city.engines.write, "hz", {"set_spec": "a"}, actor=SUBMITTER, now=city.clock())

    def approve() -> object:
        return registration.act(
            city.engines.write, "hz", SourceAction.APPROVE, actor=APPROVER, now=city.clock()
        )

    results = at_once(approve, approve)
    assert sorted(isinstance(each, Conflict) for each in results) == [False, True]
    assert event_actions(city.engines).count(("approve", "source:hz")) == 2  # the first approval, and one


def test_of_release_and_refuse_at_once_one_wins(city: Installation) -> None:
    city.harvest("hz", texts(20))
    for _ in range(5):
        run_id = city.harvest("hz", texts(20, f"b{city.clock()}")).id
        decide = partial(_decide, city.engines, run_id, city.clock())
        results = at_once(partial(decide, reviewing.release), partial(decide, reviewing.refuse))
        assert sorted(isinstance(each, Conflict) for each in results) == [False, True]
        city.settle(city.read("330100").id)
        city.clock.advance(hours=1)


def test_release_against_a_full_harvest(city: Installation) -> None:
    """Whoever is first, the other finds it out; a held run outlives a harvest that breaks off."""
    city.harvest("hz", texts(20))
    for round_ in range(5):
        run_id = city.harvest("hz", texts(20, f"b{round_}")).id
        waiting = city.order("hz", full=True)
        released, begun = at_once(
            partial(_decide, city.engines, run_id, city.clock(), reviewing.release),
            partial(city.carry_out, waiting),
        )
        if isinstance(begun, Harvest):
            assert isinstance(released, Conflict)
            assert begun.finish(Walk(Ending.TRANSPORT)).status is RunStatus.FAILED
            assert city.read_run(run_id).status is RunStatus.HELD
            _decide(city.engines, run_id, city.clock(), reviewing.release)
        else:
            assert begun is None
        assert city.read_run(run_id).status is RunStatus.SETTLING
        city.settle(city.read("330100").id)
        city.clock.advance(hours=1)
