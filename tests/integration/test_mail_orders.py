"""When a notification also goes out as a mail: to those who want one, and by an order to deliver."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry.model.event import Actor
from registry.model.notification import Kind, MailStatus, Notification
from registry.model.order import OrderKind
from registry.model.register import Level
from registry.model.role import Role
from registry.model.source import Protocol
from registry.services import accounts as service
from registry.services import notifying, ordering, registration
from registry.store import notifications
from registry.store.engine import Engines, transaction
from registry.store.tables import orders as orders_table
from tests.factories import SUBMITTER, Installation
from tests.integration.people import ROOT, account

R = Role
CITY, PROVINCE = "330100", "330000"


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """Two registers, and a source in one of them."""
    installation = Installation(engines)
    installation.register(PROVINCE, "浙江省", Level.PROVINCIAL)
    installation.register(CITY)
    installation.source("hz", CITY, protocol=Protocol.OAI_PMH)
    tell(installation)
    return installation


def tell(on: Installation, *, by_mail: bool = True) -> int:
    return notifying.tell(on.engines.write, holder="here", by_mail=by_mail, now=on.clock())


def told(on: Installation, actor: Actor) -> list[Notification]:
    assert actor.account is not None
    with on.engines.read.connect() as connection:
        return notifications.listed(connection, actor.account)


def send_back(on: Installation) -> None:
    """Amend the source, so that it must be approved again."""
    registration.amend_source(
        on.engines.write, "hz", {"location": "http://other.example/oai"}, actor=SUBMITTER, now=on.clock()
    )


def test_a_mail_is_ordered_for_those_who_want_one(installation: Installation) -> None:
    engine, now = installation.engines.write, installation.clock()
    wants = account(installation, "wants", (R.APPROVER, CITY))
    no_address = account(installation, "bare", (R.APPROVER, CITY))
    not_now = account(installation, "quiet", (R.APPROVER, CITY))
    for name, mails in (("wants", True), ("quiet", False)):
        profile = {"email": f"{name}@example.cn", "mails": mails}
        service.change_profile(engine, name, profile, actor=ROOT, now=now)
    send_back(installation)
    tell(installation)
    statuses = [told(installation, each)[0].mail for each in (wants, no_address, not_now)]
    assert statuses == [MailStatus.WAITING, MailStatus.NONE, MailStatus.NONE]
    assert _deliveries(installation) == 1
    with installation.engines.read.connect() as connection:
        (letter,) = notifications.letters_due(connection, installation.read(CITY).id, now, 10)
        assert notifications.letters_due(connection, installation.read(PROVINCE).id, now, 10) == []
    assert (letter.email, letter.attempts, letter.notification.kind) == (
        "wants@example.cn",
        0,
        Kind.SUBMITTED,
    )


def test_without_a_mail_server_none_is_ordered(installation: Installation) -> None:
    wants = account(installation, "wants", (R.APPROVER, CITY))
    service.change_profile(
        installation.engines.write, "wants", {"email": "w@example.cn"}, actor=ROOT, now=installation.clock()
    )
    send_back(installation)
    tell(installation, by_mail=False)
    assert told(installation, wants)[0].mail is MailStatus.NONE
    assert _deliveries(installation) == 0


def _deliveries(on: Installation) -> int:
    with on.engines.read.connect() as connection:
        kind = orders_table.c.kind == str(OrderKind.DELIVER)
        return len(connection.execute(orders_table.select().where(kind)).all())


def test_the_tick_orders_mails_that_have_become_due(installation: Installation) -> None:
    wants = account(installation, "wants", (R.APPROVER, CITY))
    service.change_profile(
        installation.engines.write, "wants", {"email": "w@example.cn"}, actor=ROOT, now=installation.clock()
    )
    send_back(installation)
    tell(installation)
    due = installation.clock() + timedelta(minutes=4)
    with transaction(installation.engines.write) as connection:
        (letter,) = told(installation, wants)
        notifications.mailed(connection, letter.id, MailStatus.WAITING, attempts=1, due_at=due)
        connection.execute(orders_table.delete())

    def tick() -> int:
        ordering.order_due(
            installation.engines.write, holder="h", lease=timedelta(minutes=1), now=installation.clock(),
            today=installation.clock().date(), following=lambda _schedule, _now: None, limit=10,
        )  # fmt: skip
        return _deliveries(installation)

    installation.clock.now = due - timedelta(microseconds=1)
    assert tick() == 0
    installation.clock.now = due
    assert tick() == 1
    assert tick() == 1
