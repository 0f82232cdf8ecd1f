"""Orders that are handed back: when they may be claimed again, and in which turn."""

from __future__ import annotations

from datetime import timedelta

from registry.model.run import Pause
from registry.services import ordering
from registry.store import orders
from tests.factories import Installation
from tests.integration.queueing import place, to_do


def test_who_had_a_turn_goes_behind_those_who_wait(town: Installation) -> None:
    first, second, third = place(town, "a", "b", "c")
    town.clock.advance(seconds=5)
    order = town.claims.claim(first)
    assert order is not None
    town.claims.hand_back(order)
    assert to_do(town) == [second, third, first]


def test_what_is_postponed_waits_until_then_unless_a_person_asks(town: Installation) -> None:
    (order_id,) = place(town, "s")
    order = town.claims.claim(order_id)
    assert order is not None
    town.claims.hand_back(order, Pause(90.0, attempts=1))
    town.clock.advance(seconds=89)
    assert (to_do(town), town.claims.claim(order_id)) == ([], None)
    with town.engines.read.connect() as connection:
        assert orders.next_time(connection, town.clock()) == town.clock() + timedelta(seconds=1)
    town.clock.advance(seconds=1)
    assert to_do(town) == [order_id]
    order = town.claims.claim(order_id)
    assert order is not None and (order.attempts, order.slow) == (1, False)
    town.claims.hand_back(order, Pause(90.0, attempts=2))
    assert town.order("s") == order_id
    order = town.claims.claim(order_id)
    assert order is not None and (order.attempts, order.slow) == (2, True)


def test_the_clock_does_not_shorten_what_is_postponed(town: Installation) -> None:
    (order_id,) = place(town, "s")
    order = town.claims.claim(order_id)
    assert order is not None
    town.claims.hand_back(order, Pause(90.0, attempts=1))
    ordering.order_due(
        town.engines.write, holder="t", lease=timedelta(minutes=1), now=town.clock(),
        today=town.clock().date(), following=lambda _schedule, _now: None, limit=10,
    )  # fmt: skip
    assert order_id not in to_do(town)


def test_the_order_that_waits_behind_takes_over_the_pause(town: Installation) -> None:
    (order_id,) = place(town, "s")
    order = town.claims.claim(order_id)
    assert order is not None
    behind = town.order("s")
    town.claims.hand_back(order, Pause(30.0, attempts=2))
    assert to_do(town) == []
    town.clock.advance(seconds=30)
    assert to_do(town) == [behind]
    order = town.claims.claim(behind)
    assert order is not None and (order.attempts, order.slow, order.full) == (2, True, True)
