"""Several workers, and several threads of one: nothing is lost, doubled, or waits in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier
from time import sleep

import pytest
from sqlalchemy import func, select, update

from registry.errors import LeaseLost
from registry.model.lanes import Lanes
from registry.model.order import OrderKind, OrderStatus
from registry.model.run import RunStatus, Scope
from registry.model.source import Protocol
from registry.services import ordering
from registry.services.ingest.settle import Settler
from registry.services.ordering import Claims
from registry.store import claims, leases, sources
from registry.store.engine import Engines, transaction
from registry.store.tables import memberships
from registry.store.tables import orders as orders_table
from registry.store.tables import registers as registers_table
from tests.factories import COMPLETE_WALK, Harvest, Installation, catalogue_document, live
from tests.integration.standing import digests, held, log_of, source_of

CHANGES_ONLY = replace(COMPLETE_WALK, scope=Scope.DELTA)
ITEMS = [f"2.{number}" for number in range(1, 8)]


@pytest.fixture
def city(engines: Engines) -> Installation:
    return Installation(engines)


def at_once(acts: Iterable[Callable[[], object]]) -> list[object]:
    """Begin all acts at the same moment, a thread each; what they return, or raise."""
    waiting = list(acts)
    together = Barrier(len(waiting))

    def begin(act: Callable[[], object]) -> object:
        together.wait()
        return act()

    with ThreadPoolExecutor(len(waiting)) as pool:
        return [future.result() for future in [pool.submit(begin, act) for act in waiting]]


def staged(city: Installation, source: str, count: int) -> Harvest:
    """A harvest that only waits to be settled: its records belong to many sets."""
    begun = city.open(source)
    assert begun is not None
    begun.take(
        [
            live(
                f"{source}-{number}",
                catalogue_document(f"{source}-{number}", item=ITEMS[number % len(ITEMS)]),
            )
            for number in range(count)
        ]
    )
    begun.sink.finish(COMPLETE_WALK)
    return begun


def test_threads_of_one_worker_settle_a_register_one_after_the_other(city: Installation) -> None:
    """Each has an order of its own; none takes the lease from under the other."""
    city.register("330100")
    names = [f"s{number}" for number in range(4)]
    for name in names:
        city.source(name, "330100", protocol=Protocol.OAI_PMH)
    harvests = [staged(city, name, 20) for name in names]
    register_id = city.read("330100").id
    settler = Settler(city.engines, "one worker", city.clock, sleep, slice_size=3)
    at_once([lambda: settler.settle_register(register_id)] * 4)
    assert {city.read_run(each.run.id).status for each in harvests} == {RunStatus.PUBLISHED}
    assert log_of(city.engines, "330100") == (80, 80, 80, 80)


def test_registers_settled_at_once_share_their_sets(city: Installation) -> None:
    """All of them meet combinations of sets, and documents, that none has stored yet."""
    codes = ["330100", "330200", "330300", "330400"]
    for code in codes:
        city.register(code)
        city.source(f"s{code}", code, protocol=Protocol.OAI_PMH)
    for item in ("6.1", "6.2", "6.3", "6.4"):
        begun = [city.open(f"s{code}", full=False) for code in codes]
        for number, harvest in enumerate(begun):
            assert harvest is not None
            turned = [*ITEMS[number:], *ITEMS[:number]]
            harvest.take(
                [live(f"{item}{i}", catalogue_document(f"{item}{i}", item=f"{item}.{i}")) for i in turned]
            )
        acts = [partial(harvest.finish, CHANGES_ONLY) for harvest in begun if harvest is not None]
        finished = at_once(acts)
        assert len(finished) == len(codes)
    counts = {code: len(digests(city.engines, code)) for code in codes}
    assert set(counts.values()) == {4 * len(ITEMS)}
    with city.engines.read.connect() as connection:
        combinations = connection.scalar(select(func.count()).select_from(memberships))
    assert combinations == 4 * len(ITEMS)


def test_what_is_asked_for_after_a_claim_is_done_after_it(city: Installation) -> None:
    """Whoever joins an order that waits is served by it; one that was claimed meanwhile is not joined.

    Each placing raises a mark in its own transaction; what a claim reads behind its commit must in the end be
    the last mark.
    """
    city.register("330100")
    city.source("s", "330100")
    register_id = city.read("330100").id
    read: list[int] = []

    def place() -> None:
        for _ in range(25):
            with transaction(city.engines.write) as connection:
                connection.execute(
                    update(registers_table)
                    .where(registers_table.c.id == register_id)
                    .values(indexed_through=registers_table.c.indexed_through + 1)
                )
                source = sources.get(connection, "s")
                ordering.place_harvest(connection, source, full=False, requested_by="test", now=city.clock())

    def carry_out() -> None:
        for _ in range(60):
            drain()

    def drain() -> None:
        with city.engines.read.connect() as connection:
            waiting = claims.to_do(connection, city.clock(), 5, Lanes())
        for order_id in waiting:
            order = city.claims.claim(order_id)
            if order is not None:
                with city.engines.read.connect() as connection:
                    mark = connection.scalar(select(registers_table.c.indexed_through))
                read.append(mark or 0)
                city.claims.finish(order, OrderStatus.DONE, {})

    at_once([place, place, carry_out, carry_out])
    drain()
    assert max(read) == 50
    with city.engines.read.connect() as connection:
        assert claims.to_do(connection, city.clock(), 5, Lanes()) == []


def test_a_full_order_stays_full_when_others_join_it(city: Installation) -> None:
    city.register("330100")
    city.source("s", "330100")
    order_id = city.order("s", full=True)
    assert city.order("s", full=False) == order_id
    order = city.claims.claim(order_id)
    assert order is not None and order.full
    # Handed back while another waits: that one must ask for the whole list now.
    next_id = city.order("s", full=False)
    city.claims.hand_back(order)
    again = city.claims.claim(next_id)
    assert again is not None and again.full
    with city.engines.read.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(orders_table)) == 2


def test_who_was_overtaken_writes_nothing_more(city: Installation) -> None:
    """A worker that slept through its claim finds it out at its next page; the other goes on behind it."""
    city.register("330100")
    city.source("s", "330100", protocol=Protocol.OAI_PMH)
    slow = city.open("s")
    assert slow is not None
    slow.take([live("1")])
    city.clock.advance(minutes=2)
    quick = city.take_over(slow)
    assert quick.run.id == slow.run.id
    with pytest.raises(LeaseLost):
        slow.take([live("2")])
    with pytest.raises(LeaseLost):
        slow.sink.finish(COMPLETE_WALK)
    quick.take([live("3")])
    run = quick.finish()
    assert (run.tally.received, run.tally.created) == (2, 2)
    assert len(held(city.engines, "s")) == 2


def test_who_lost_a_register_writes_nothing_more(city: Installation) -> None:
    city.register("330100")
    city.source("s", "330100", protocol=Protocol.OAI_PMH)
    staged(city, "s", 5)
    register = city.read("330100")
    settler = replace(city.settler, holder="slow", slice_size=2)
    with settler.hold(register.id) as lost:
        assert lost._settle_slice(1)
        city.clock.advance(minutes=2)
        replace(settler, holder="quick").settle_register(register.id)
        with pytest.raises(LeaseLost):
            lost._settle_slice(1)
    assert log_of(city.engines, "330100") == (5, 5, 5, 5)


def test_a_lease_is_taken_once(city: Installation) -> None:
    now, minute = city.clock(), timedelta(minutes=1)

    def take(holder: str) -> leases.Lease | None:
        with transaction(city.engines.write) as connection:
            return leases.take(connection, "register:1", holder, now, minute)

    for _ in range(2):  # once where there is no row yet, once where there is
        taken = [each for each in at_once([partial(take, f"w{number}") for number in range(4)]) if each]
        assert len(taken) == 1
        (lease,) = taken
        assert isinstance(lease, leases.Lease)
        with transaction(city.engines.write) as connection:
            leases.give_back(connection, lease, now)


def test_the_schedule_and_a_publication_do_not_wait_in_a_circle(city: Installation) -> None:
    """Both touch sources and the orders of others: the one in the order of due times, the other upward."""
    city.register("330000")
    for number in range(3):
        code = f"33010{number}"
        city.register(code)
        city.source(f"s{number}", code, protocol=Protocol.OAI_PMH)
        city.source(f"up{number}", "330000", location=code, protocol=Protocol.REGISTER)
    for round_ in range(5):
        begun = [city.open(f"s{number}", full=False) for number in range(3)]
        for number, harvest in enumerate(begun):
            assert harvest is not None
            harvest.take([live(f"{round_}-{number}")])
        with transaction(city.engines.write) as connection:
            for source in sources.listed(connection):
                sources.change(connection, source.id, due_at=city.clock())
        ends = [partial(harvest.finish, CHANGES_ONLY) for harvest in begun if harvest is not None]
        at_once([*ends, partial(_tick, city)])
        _carry_out_nothing(city)
    assert all(source_of(city.engines, f"s{number}").live == 5 for number in range(3))


def _tick(city: Installation) -> int:
    now = city.clock()
    return ordering.order_due(
        city.engines.write, holder="ticker", lease=timedelta(minutes=1), now=now, today=now.date(),
        following=lambda _schedule, _now: None, limit=10,
    )  # fmt: skip


def _carry_out_nothing(city: Installation) -> None:
    """End whatever waits."""
    with city.engines.read.connect() as connection:
        waiting = claims.to_do(connection, city.clock(), 100, Lanes())
    for order_id in waiting:
        order = Claims(city.engines.write, "test", city.clock, timedelta(minutes=1)).claim(order_id)
        assert order is not None and order.kind in (OrderKind.HARVEST, OrderKind.EXPIRE)
        city.claims.finish(order, OrderStatus.DONE, {})
