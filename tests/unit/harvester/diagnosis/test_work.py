"""The doctor looks whether somebody is at work."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace as change
from sqlalchemy import update

from config.settings import Queue
from harvester.diagnosis import Check, State
from harvester.diagnosis.work import DUE_LONG_AGO, OVERDUE
from registry.model.issue import Text
from registry.services import ordering
from registry.store.engine import Engines, transaction
from registry.store.tables import registers
from tests.factories import Installation, live
from tests.unit.harvester.diagnosis.patients import bad, look, patient, states

TICK = timedelta(seconds=1)


@pytest.fixture
def city(engines: Engines) -> Installation:
    """A register with one source, whose first harvest nobody is late with."""
    installation = Installation(engines)
    installation.deliver(installation.register_with_source("330100"), [live("1")])
    return installation


def scheduled(installation: Installation) -> None:
    """Somebody ticks."""
    ordering.order_due(
        installation.engines.write, holder="x", lease=timedelta(days=1), now=installation.clock(),
        today=installation.clock().date(), following=lambda *_: None, limit=10,
    )  # fmt: skip


def test_where_nothing_waits(tmp_path: Path, city: Installation) -> None:
    assert states(look(Check.WORKERS, patient(tmp_path, city.engines, clock=city.clock))) == [State.WELL]


@pytest.mark.parametrize(("late", "state"), [(OVERDUE - TICK, State.WELL), (OVERDUE, State.FAILED)])
def test_an_order_whose_worker_is_gone(
    tmp_path: Path, city: Installation, late: timedelta, state: State
) -> None:
    scheduled(city)
    order_id = city.order("330100-source")
    assert city.claims.claim(order_id) is not None
    _finish_others(city, order_id)
    city.clock.now += city.claims.lease + late
    assert states(look(Check.WORKERS, patient(tmp_path, city.engines, clock=city.clock))) == [state]


def _finish_others(city: Installation, order_id: int) -> None:
    from registry.store.tables import orders

    with transaction(city.engines.write) as connection:
        connection.execute(update(orders).where(orders.c.id != order_id).values(status="done"))


@pytest.mark.parametrize(("late", "state"), [(OVERDUE - TICK, State.WELL), (OVERDUE, State.FAILED)])
def test_an_order_that_nobody_takes(
    tmp_path: Path, city: Installation, late: timedelta, state: State
) -> None:
    scheduled(city)
    _finish_others(city, city.order("330100-source"))
    city.clock.now += late
    found = look(Check.WORKERS, patient(tmp_path, city.engines, clock=city.clock))
    assert states(found) == [state]
    assert ("mulu serve" in found[0].way_out.en) is (state is State.FAILED)


def test_work_that_piles_up(tmp_path: Path, city: Installation) -> None:
    """Somebody is at work, but not fast enough."""
    scheduled(city)
    _finish_others(city, city.order("330100-source"))
    other = city.source("other", "330100", namespace="other.cn")
    city.clock.now += OVERDUE
    assert city.claims.claim(city.order(other)) is not None
    assert states(look(Check.WORKERS, patient(tmp_path, city.engines, clock=city.clock))) == [State.WARNING]


@pytest.mark.parametrize(
    ("late", "state"), [(DUE_LONG_AGO - TICK, State.WELL), (DUE_LONG_AGO, State.WARNING)]
)
def test_sources_that_nobody_looks_for(
    tmp_path: Path, engines: Engines, late: timedelta, state: State
) -> None:
    installation = Installation(engines)
    installation.register_with_source("330100")
    installation.clock.now += late
    looked_at = patient(tmp_path, engines, clock=installation.clock)
    assert states(look(Check.WORKERS, looked_at)) == [state]
    if state is State.WARNING:
        scheduled(installation)
        assert State.WARNING not in states(look(Check.WORKERS, looked_at))


@pytest.mark.parametrize(("late", "state"), [(OVERDUE - TICK, State.WELL), (OVERDUE, State.WARNING)])
def test_an_index_that_is_behind(tmp_path: Path, city: Installation, late: timedelta, state: State) -> None:
    published_at = city.read("330100").published_at
    assert published_at is not None
    city.clock.now = published_at + late
    looked_at = patient(tmp_path, city.engines, clock=city.clock)
    assert states(look(Check.INDEX, looked_at)) == [state]
    with transaction(city.engines.write) as connection:
        connection.execute(update(registers).values(indexed_through=registers.c.mark))
    assert states(look(Check.INDEX, looked_at)) == [State.WELL]


def test_the_broker(tmp_path: Path) -> None:
    without = patient(tmp_path, broker=lambda _: Text("不通", "refused"))
    assert states(look(Check.BROKER, without)) == [State.WELL], "none is set"
    settings = change(without.settings, queue=Queue(url="amqp://127.0.0.1/"))
    (found,) = bad(look(Check.BROKER, replace(without, settings=settings)))
    assert (found.state, found.text.en) == (State.FAILED, "refused")
    well = replace(without, settings=settings, broker=lambda _: None)
    assert states(look(Check.BROKER, well)) == [State.WELL]
