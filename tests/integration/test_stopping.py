"""A stop of publication: what is decided waits invisibly on every worker, and goes out when a person lifts it."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import date

import pytest
from sqlalchemy import func, select

from registry.errors import Conflict, PublicationStopped, Refused
from registry.model.event import Actor
from registry.model.issue import Text
from registry.model.run import RunStatus
from registry.model.stop import Stop
from registry.services import ordering, stopping
from registry.services.ingest import publish
from registry.services.ingest.settle import RegisterLease
from registry.store import events, runs, stops
from registry.store.engine import transaction
from registry.store.tables import orders, publications
from tests.factories import APPROVER, Installation, live
from tests.invariants import check


def stop(installation: Installation, host: str = "a") -> bool:
    found = Stop(installation.clock(), host, Text("试", "tried"), ("entity",))
    return stopping.stop_publication(installation.engines.write, found)


def resume(installation: Installation) -> Stop:
    return stopping.resume_publication(
        installation.engines.write, actor=APPROVER, now=installation.clock(), reason="mended"
    )


def marks(installation: Installation, code: str = "330100") -> tuple[int, int]:
    """How far a register is visible, and how far it is written."""
    register = installation.read(code)
    return register.mark, register.head


def test_what_is_settled_waits_and_goes_out_when_the_stop_is_lifted(city: Installation) -> None:
    city.harvest("hz", [live("1")])
    stop(city)
    run = city.harvest("hz", [live("1"), live("2")])
    assert run.status is RunStatus.SETTLING
    assert marks(city) == (1, 2)
    city.settle(run.register_id)
    assert marks(city) == (1, 2)
    resume(city)
    city.settle(run.register_id)
    assert (marks(city), city.read_run(run.id).status) == ((2, 2), RunStatus.PUBLISHED)


def test_no_run_is_begun_above_one_that_waits(city: Installation) -> None:
    """Half of it would become visible with the first."""
    city.source("hz2", "330100", namespace="two.gov.cn")
    stop(city)
    first = city.harvest("hz", [live("1")])
    second = city.harvest("hz2", [live("2", namespace="two.gov.cn")])
    assert (first.status, second.status) == (RunStatus.SETTLING, RunStatus.SETTLING)
    assert city.read_run(second.id).settled_through == 0
    resume(city)
    city.settle(first.register_id)
    assert marks(city) == (2, 2)
    with city.engines.read.connect() as connection:
        lasts = connection.scalars(select(publications.c.last_sequence).order_by(publications.c.id)).all()
    assert lasts == [1, 2], "one publication each"


def test_the_same_source_is_not_harvested_again_meanwhile(city: Installation) -> None:
    stop(city)
    city.harvest("hz", [live("1")])
    assert city.open("hz") is None


def test_the_calendar_waits_too(city: Installation) -> None:
    city.harvest("hz", [live("1")])
    stop(city)
    day = date(2024, 6, 2)
    with pytest.raises(PublicationStopped):
        city.expire("330100", day)
    assert _asked_for(city, day) == 0, "nor is it asked for at every tick"
    resume(city)
    assert _asked_for(city, day) == 1
    city.expire("330100", day)


def _asked_for(city: Installation, day: date) -> int:
    """How many orders about the calendar wait behind a tick."""
    ordering.order_due(
        city.engines.write, holder="x", lease=city.claims.lease, now=city.clock(), today=day,
        following=lambda *_: None, limit=10,
    )  # fmt: skip
    with city.engines.read.connect() as connection:
        query = select(func.count()).where(orders.c.kind == "expire", orders.c.status == "waiting")
        return connection.scalar(query) or 0


def test_there_is_one_stop_and_one_event_for_each_act(city: Installation) -> None:
    assert stop(city, "a")
    assert not stop(city, "b")
    with city.engines.read.connect() as connection:
        standing = stops.standing(connection)
    assert standing is not None and (standing.set_by, standing.causes) == ("a", ("entity",))
    assert resume(city) == standing
    with pytest.raises(Conflict):
        resume(city)
    with city.engines.read.connect() as connection:
        acts = events.of_subject(connection, stopping.SUBJECT)
    assert [(act.action, act.actor.name, act.reason) for _, act in acts] == [
        ("resume-publication", APPROVER.name, "mended"),
        ("stop-publication", "canaries", "tried"),
    ]


def test_lifting_needs_a_reason(city: Installation) -> None:
    stop(city)
    with pytest.raises(Refused):
        stopping.resume_publication(city.engines.write, actor=Actor("li"), now=city.clock(), reason=" ")


def test_nothing_is_published_behind_a_stop_that_somebody_was_told_of(city: Installation) -> None:
    """A publication that has begun ends first; one that comes later finds the stop."""
    order: list[str] = []

    def stop_meanwhile() -> None:
        stop(city)
        order.append("stopped")

    with transaction(city.engines.write) as connection:
        assert stops.standing(connection, firm=True) is None
        stopper = threading.Thread(target=stop_meanwhile)
        stopper.start()
        stopper.join(0.3)
        order.append("published")
    stopper.join(30)
    assert order == ["published", "stopped"]


@pytest.mark.parametrize("defect", ["the publisher does not look", "the next run is begun"])
def test_the_tests_notice(city: Installation, monkeypatch: pytest.MonkeyPatch, defect: str) -> None:
    """Planted: a publisher that does not look for a stop, and a settler that goes on to the next run."""
    if defect == "the publisher does not look":
        monkeypatch.setattr(stops, "standing", lambda *_, **__: None)
        noticing = test_what_is_settled_waits_and_goes_out_when_the_stop_is_lifted
    else:
        monkeypatch.setattr(RegisterLease, "finish_pending", _regardless)
        noticing = test_no_run_is_begun_above_one_that_waits
    with pytest.raises(AssertionError):
        noticing(city)


def _regardless(lease: RegisterLease) -> None:
    with lease.settler.engines.read.connect() as connection:
        pending = runs.settling(connection, lease.register_id)
    for run_id in pending:
        while lease._settle_slice(run_id):
            pass
        with suppress(PublicationStopped):
            publish.publish(lease, run_id=run_id, cause=f"run:{run_id}")


def test_a_stopped_store_is_sound(city: Installation) -> None:
    city.harvest("hz", [live("1")])
    stop(city)
    city.harvest("hz", [live("1"), live("2")])
    assert check(city.engines) == []
