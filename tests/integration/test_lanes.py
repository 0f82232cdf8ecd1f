"""What may be claimed, and in which turn: decided in the store, whoever asks at the same moment."""

from __future__ import annotations

from datetime import timedelta

from registry.model.lanes import Stall
from registry.model.lifecycle import SourceAction
from registry.model.order import Order, OrderKind, OrderStatus
from registry.model.run import Ending, Walk
from registry.model.source import Protocol
from registry.services import inspecting, ordering, registration, traffic
from registry.services.ordering import Claims
from registry.store import claims, workers
from registry.store.engine import transaction
from tests.factories import SUBMITTER, Installation, live
from tests.integration.queueing import LANES, claim_all, employ, names, place, to_do
from tests.integration.test_health import LOST

WORKERS = 8  # the slow lane has two


def test_slow_orders_have_their_share_while_others_wait_however_many_claim_at_once(
    town: Installation,
) -> None:
    slow = place(town, *names("slow", 12), slow=True)
    place(town, "good")
    assert len(claim_all(town, slow, threads=6)) == 2
    assert len(to_do(town)) == 1


def test_slow_orders_may_have_all_workers_while_nobody_waits(town: Installation) -> None:
    slow = place(town, *names("slow", 6), slow=True)
    assert sorted(to_do(town)) == slow
    assert len(claim_all(town, slow)) == 6


def test_a_slow_one_begins_when_another_has_ended(town: Installation) -> None:
    slow = place(town, *names("slow", 3), slow=True)
    good = place(town, "good")
    assert sorted(to_do(town)) == [slow[0], slow[1], *good]
    running = claim_all(town, slow)
    assert to_do(town) == good
    town.claims.finish(running[0], OrderStatus.DONE, {})
    assert sorted(to_do(town)) == [slow[2], *good]


def test_a_worker_that_dies_frees_its_place(town: Installation) -> None:
    slow = place(town, *names("slow", 3), slow=True)
    place(town, "good")
    claim_all(town, slow)
    town.clock.advance(seconds=61)
    assert set(slow[:2]) & set(to_do(town))


def at_one_host(town: Installation, count: int) -> list[int]:
    """Orders on new sources that all live on one platform."""
    placed = []
    for number in range(count):
        town.source(
            f"s{number}",
            "330100",
            location=f"http://platform.example/{number}/oai",
            protocol=Protocol.OAI_PMH,
        )
        placed.append(town.order(f"s{number}"))
    return placed


def test_a_host_gets_no_more_orders_than_it_may_however_many_claim_at_once(town: Installation) -> None:
    placed = at_one_host(town, 8)
    assert len(claim_all(town, placed, threads=4)) == 2
    assert to_do(town) == []
    elsewhere = place(town, "elsewhere")
    assert to_do(town) == elsewhere


def test_a_host_is_free_again_when_its_worker_dies_and_not_while_it_lives(town: Installation) -> None:
    """Whoever has claimed an order for a host may ask it: two workers, of which one dies."""
    placed = at_one_host(town, 5)
    lives, dies = (Claims(town.engines.write, name, town.clock, timedelta(minutes=1)) for name in ("a", "b"))
    kept = lives.claim(placed[0])
    assert kept is not None and dies.claim(placed[1]) is not None
    town.clock.advance(seconds=40)
    with transaction(town.engines.write) as connection:
        lives.renew(connection, kept)
    assert [lives.claim(order) for order in placed[2:]] == [None] * 3, "both places are taken"
    town.clock.advance(seconds=40)
    assert len(claim_all(town, placed[1:], threads=4)) == 1, (
        "the dead one's place is free, the other's is not"
    )
    assert to_do(town) == []


def test_a_probe_and_a_harvest_of_a_source_may_run_together_two_harvests_may_not(town: Installation) -> None:
    (harvest,) = place(town, "s")
    assert town.claims.claim(harvest) is not None
    again = town.order("s")
    probe = inspecting.order_probe(town.engines.write, "s", actor=SUBMITTER, now=town.clock())
    assert to_do(town) == [probe]
    assert town.claims.claim(again) is None
    assert town.claims.claim(probe) is not None


def test_whoever_is_usually_quick_has_stalled_sooner(town: Installation) -> None:
    """Told by the last run that went to its end and brought something: a second a page, three for two pages."""
    town.source("s", "330100", protocol=Protocol.OAI_PMH)

    def patience() -> float:
        order = town.claims.claim(town.order("s"))
        assert order is not None
        found = traffic.patience(town.engines, order, 5.0)
        town.claims.finish(order, OrderStatus.DONE, {})
        return found

    assert patience() == 5.0, "nobody knows it yet"
    town.harvest("s", [live("1")], [live("2")])
    assert patience() == 4.0
    begun = town.open("s")
    assert begun is not None
    for number in (3, 4):
        begun.take([live(str(number))])
    town.clock.advance(seconds=1)
    begun.finish()
    assert patience() == 2.0
    town.harvest("s", [live("5")], walk=LOST)
    town.harvest("s", walk=Walk(Ending.NOT_MODIFIED))
    assert patience() == 2.0, "neither broken off nor not modified tells anything"


def test_a_register_with_one_source_does_not_wait_for_anothers_thousand(town: Installation) -> None:
    many = place(town, *names("s", 6))
    town.clock.advance(seconds=1)
    (one,) = place(town, "single", register="330200")
    assert to_do(town)[:2] == [many[0], one]
    claim_all(town, many[:2])
    assert to_do(town)[0] == one, "it has the fewest running"
    assert to_do(town)[1:] == many[2:]


def test_what_failed_last_time_is_harvested_in_the_slow_lane(town: Installation) -> None:
    town.source("s", "330100", protocol=Protocol.OAI_PMH)
    town.harvest("s", walk=LOST)
    order = town.claims.claim(town.order("s"))
    assert order is not None and order.slow


def stalled(town: Installation, order: Order) -> Stall:
    return traffic.decide_stalled(town.engines, order, town.clock(), LANES)


def test_who_stalls_fills_the_slow_lane_and_then_gives_way(town: Installation) -> None:
    running = claim_all(town, place(town, *names("s", WORKERS)))
    assert [stalled(town, order) for order in running] == [Stall.GO_ON] * WORKERS, "nobody waits"
    place(town, "waits")
    decided = [stalled(town, order) for order in running]
    assert decided == [Stall.GO_ON_SLOWLY] * 2 + [Stall.GIVE_WAY] * 6
    assert stalled(town, running[0]) is Stall.GO_ON
    assert stalled(town, running[5]) is Stall.GIVE_WAY


def test_nobody_gives_way_while_a_worker_is_free(town: Installation) -> None:
    running = claim_all(town, place(town, *names("s", WORKERS - 1)))
    place(town, "waits")
    assert {stalled(town, order) for order in running} == {Stall.GO_ON}
    employ(town, WORKERS - 1)
    assert Stall.GIVE_WAY in {stalled(town, order) for order in running}


def test_slow_ones_that_began_alone_give_way_when_others_come(town: Installation) -> None:
    running = claim_all(town, place(town, *names("s", WORKERS), slow=True))
    place(town, "waits")
    assert [stalled(town, order) for order in running] == [Stall.GO_ON] * 2 + [Stall.GIVE_WAY] * 6


def test_workers_are_counted_while_they_say_so(town: Installation) -> None:
    def capacity() -> int:
        with town.engines.read.connect() as connection:
            return workers.capacity(connection, town.clock())

    mine = Claims(town.engines.write, "another", town.clock, timedelta(minutes=1))
    with traffic.employed(mine.engine, mine.holder, 5, clock=mine.clock, lease=mine.lease):
        assert capacity() == WORKERS + 5
        town.clock.advance(seconds=60)
        assert capacity() == WORKERS, "it has not said so for a minute"
    assert capacity() == WORKERS


def test_a_broker_gets_what_is_soon_to_be_done(town: Installation) -> None:
    placed = place(town, *names("s", 40))
    slow = place(town, *names("slow", 5), slow=True)
    resend = timedelta(minutes=2)

    def send() -> list[int]:
        with transaction(town.engines.write) as connection:
            found = claims.undispatched(connection, town.clock(), resend, LANES)
            claims.mark_dispatched(connection, found, town.clock())
        return found

    first = send()
    assert len(first) == 4 * WORKERS
    assert len(set(first) & set(slow)) == 2, "no more slow ones than may run"
    assert send() == []
    town.clock.advance(seconds=1)
    order = town.claims.claim(placed[0])
    assert order is not None
    town.claims.hand_back(order)
    assert send() == [placed[4 * WORKERS - 2]], "the next one, not the one that had its turn"
    town.clock.advance(minutes=2)
    assert set(first) & set(send()), "a message may be lost"


def test_what_a_full_lane_refuses_is_sent_again_when_it_has_room(town: Installation) -> None:
    slow = place(town, *names("slow", 3), slow=True)
    place(town, "good")
    running = claim_all(town, slow[:2])
    with transaction(town.engines.write) as connection:
        claims.mark_dispatched(connection, slow, town.clock())
    assert town.claims.claim(slow[2]) is None
    town.claims.finish(running[0], OrderStatus.DONE, {})
    with transaction(town.engines.write) as connection:
        assert slow[2] in claims.undispatched(connection, town.clock(), timedelta(minutes=2), LANES)


def test_orders_on_a_register_have_one_running_of_each_kind(town: Installation) -> None:
    expiry = ordering.order_expiry(town.engines.write, "330100", requested_by="test", now=town.clock())
    order = town.claims.claim(expiry)
    assert order is not None and order.kind is OrderKind.EXPIRE
    again = ordering.order_expiry(town.engines.write, "330100", requested_by="test", now=town.clock())
    assert to_do(town) == []
    other = ordering.order_expiry(town.engines.write, "330200", requested_by="test", now=town.clock())
    assert to_do(town) == [other]
    town.claims.finish(order, OrderStatus.DONE, {})
    assert sorted(to_do(town)) == [again, other]


def test_a_resumed_source_is_fast_again(town: Installation) -> None:
    town.source("s", "330100", protocol=Protocol.OAI_PMH)
    for _ in range(3):
        town.harvest("s", walk=LOST)
    for action in (SourceAction.SUSPEND, SourceAction.RESUME):
        registration.act(town.engines.write, "s", action, actor=SUBMITTER, now=town.clock(), reason="mended")
    order = town.claims.claim(town.order("s"))
    assert order is not None and not order.slow
