"""Who may hand what in, how much, and what becomes of it where several act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from harvester.sandbox import Sandbox
from registry.errors import Conflict, Forbidden, Refused
from registry.model.delivery import DeliveryState, FileKind, Origin
from registry.model.lifecycle import SourceAction
from registry.model.role import Role
from registry.services import delivering, registration
from registry.services.delivered import KeptDeliveries
from registry.services.delivering import HandedIn, Room
from registry.store.engine import Engines
from tests.factories import APPROVER, Installation
from tests.integration.deciding import at_once
from tests.integration.office import CITY, ROOM, SOURCE, TownHall, csv_of, open_office, pieces, rows
from tests.integration.people import account
from tests.integration.standing import event_actions


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A child as it is."""
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def office(engines: Engines, sandbox: Sandbox) -> TownHall:
    return open_office(Installation(engines), sandbox)


def test_a_limit_holds_at_its_boundary(office: TownHall) -> None:
    content = csv_of(rows(1))
    what = HandedIn("list.csv", FileKind.CSV, Origin.FILE, pieces=[content[:10], content[10:]])
    with pytest.raises(Refused, match="longer than"):
        office.keep(what, Room(len(content) - 1, 5))
    assert pieces(office) == 0
    assert office.delivery(office.keep(what, Room(len(content), 5))).size == len(content)
    with pytest.raises(Refused, match="empty"):
        office.hand_in(b"")


def test_so_many_wait_at_most(office: TownHall) -> None:
    ids = [office.hand_in(csv_of(rows(1))) for _ in range(ROOM.waiting)]
    with pytest.raises(Refused, match="5 deliveries wait"):
        office.hand_in(csv_of(rows(1)))
    now = office.installation.clock()
    delivering.discard(office.installation.engines.write, ids[0], actor=office.officer, now=now)
    office.hand_in(csv_of(rows(1)))


def test_nothing_is_delivered_unseen(office: TownHall) -> None:
    delivery_id = office.hand_in(csv_of(rows(1)))
    engine, now = office.installation.engines.write, office.installation.clock()
    with pytest.raises(Conflict, match="not been looked at"):
        delivering.deliver(engine, delivery_id, actor=office.officer, now=now)
    second = office.hand_in(csv_of(rows(2)))
    assert office.delivery(second).order_id is None, "an order looks at one delivery"
    office.preview(delivery_id)
    delivering.look_again(engine, second, actor=office.officer, now=now)
    assert office.preview(second).tally.created == 2


def test_of_two_who_deliver_at_once_one_wins(office: TownHall) -> None:
    delivery_id = office.hand_in(csv_of(rows(1)))
    office.preview(delivery_id)
    engine, now = office.installation.engines.write, office.installation.clock()

    def deliver() -> object:
        return delivering.deliver(engine, delivery_id, actor=office.officer, now=now)

    def discard() -> object:
        delivering.discard(engine, delivery_id, actor=office.officer, now=now)
        return None

    results = at_once(deliver, deliver, discard)
    assert sum(isinstance(each, Conflict) for each in results) == 2
    told = [action for action, _ in event_actions(office.installation.engines)]
    assert told.count("deliver") + told.count("discard") == 1


def test_two_who_hand_in_at_once_are_both_kept(office: TownHall) -> None:
    results = at_once(lambda: office.hand_in(csv_of(rows(1))), lambda: office.hand_in(csv_of(rows(2))))
    ids = [each for each in results if isinstance(each, int)]
    assert len(set(ids)) == 2
    assert sorted(len(office.content(each)) for each in ids) == sorted(len(csv_of(rows(n))) for n in (1, 2))
    assert sum(office.delivery(each).order_id is not None for each in ids) == 1


def test_what_is_discarded_is_gone(office: TownHall) -> None:
    delivery_id = office.hand_in(csv_of(rows(1)))
    kept = office.delivery(delivery_id)
    engine, now = office.installation.engines.write, office.installation.clock()
    delivering.discard(engine, delivery_id, actor=office.officer, now=now)
    assert office.content(delivery_id) == b""
    with pytest.raises(Conflict):
        delivering.look_again(engine, delivery_id, actor=office.officer, now=now)
    assert kept.order_id is not None
    assert office.worker.carry_out(kept.order_id) is None, "nobody looks at it any more"
    assert office.preview(office.hand_in(csv_of(rows(1)))).tally.created == 1


def test_what_is_discarded_while_it_is_looked_at_is_not_found(office: TownHall) -> None:
    kept = office.delivery(office.hand_in(csv_of(rows(1))))
    engine, clock = office.installation.engines.write, office.installation.clock
    reader = KeptDeliveries(office.installation.engines)
    assert kept.order_id is not None
    order = office.worker.claims.claim(kept.order_id)
    assert order is not None and order.source is not None
    assert reader.find(order.source, "", "") == kept
    delivering.discard(engine, kept.id, actor=office.officer, now=clock())
    assert reader.find(order.source, "", "") is None


def test_before_the_approval_it_is_looked_at_only(engines: Engines, sandbox: Sandbox) -> None:
    office = open_office(Installation(engines), sandbox, approved=False)
    delivery_id = office.hand_in(csv_of(rows(1)))
    assert office.preview(delivery_id).tally.created == 1
    now = office.installation.clock()
    with pytest.raises(Conflict, match="once it is approved"):
        delivering.deliver(engines.write, delivery_id, actor=office.officer, now=now)
    registration.act(engines.write, SOURCE, SourceAction.APPROVE, actor=APPROVER, now=now)
    assert office.deliver(delivery_id).tally.created == 1


def test_only_who_registered_the_source_hands_in(office: TownHall) -> None:
    delivery_id = office.hand_in(csv_of(rows(1)))
    office.preview(delivery_id)
    now = office.installation.clock()
    for name, role in (("zhao", Role.SUBMITTER), ("qian", Role.OPERATOR), ("sun", Role.APPROVER)):
        other = account(office.installation, name, (role, CITY))
        stranger = replace(office, officer=other)
        with pytest.raises(Forbidden):
            stranger.hand_in(csv_of(rows(1)))
        for act in (delivering.deliver, delivering.discard, delivering.look_again):
            with pytest.raises(Forbidden):
                act(office.installation.engines.write, delivery_id, actor=other, now=now)


def test_a_source_with_an_endpoint_is_handed_nothing(office: TownHall) -> None:
    office.installation.source("folder", CITY)
    what = HandedIn("list.csv", FileKind.CSV, Origin.FILE, pieces=(csv_of(rows(1)),))
    engine, now = office.installation.engines.write, office.installation.clock()
    with pytest.raises(Refused, match="an endpoint of its own"):
        delivering.hand_in(engine, "folder", what, room=ROOM, actor=APPROVER, now=now)


def test_a_source_that_is_retired_keeps_nothing(office: TownHall) -> None:
    kept = office.hand_in(csv_of(rows(1)))
    engine, now = office.installation.engines.write, office.installation.clock()
    registration.act(engine, SOURCE, SourceAction.RETIRE, actor=APPROVER, now=now, reason="单位撤销")
    assert (office.delivery(kept).state, pieces(office)) == (DeliveryState.DISCARDED, 0)
    with pytest.raises(Conflict, match="retired"):
        office.hand_in(csv_of(rows(1)))
