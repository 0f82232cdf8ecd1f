"""Mails over SMTP, to a real server on this machine: one a notification, tried again when that may help."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from config.settings import Mail
from harvester.mail import Mailer, composed
from registry.model.issue import Text
from registry.model.notification import Facts, Kind, MailStatus, Notification
from registry.model.order import OrderStatus
from registry.services import accounts as service
from registry.services import ordering
from registry.store import notifications
from registry.store.engine import Engines, transaction
from registry.store.notifications import Letter
from registry.store.tables import notifications as table
from tests.endpoint.tls import authority_pem, server_context
from tests.factories import BEGINNING, Installation
from tests.integration.people import ROOT, account

CITY = "330100"
URL = "https://catalogue.example.cn/admin"
REFUSED, BUSY = "550 no such mailbox", "451 try again later"


@dataclass
class Postbox:
    """What a server does with what comes: keeps it, or answers as told by the recipient's address."""

    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    breaks_after: int | None = None

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.breaks_after is not None and len(self.taken) >= self.breaks_after:
            self.breaks_after = None
            server.transport.abort()
            return "250 OK"
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append((list(envelope.rcpt_tos), message))
        return "250 OK"


@contextmanager
def serving(postbox: Postbox, **options: Any) -> Iterator[int]:
    """A server on a free port of this machine."""
    loop = asyncio.new_event_loop()

    async def listen() -> asyncio.Server:
        return await loop.create_server(lambda: SMTP(postbox, loop=loop, **options), "127.0.0.1", 0)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)

    async def close() -> None:
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A city, and one account with an address for each name."""
    installation = Installation(engines)
    installation.register(CITY)
    return installation


def letter(on: Installation, name: str, number: int = 1, kind: Kind = Kind.SUBMITTED) -> int:
    """A notification that is due as a mail; its id."""
    with on.engines.read.connect() as connection:
        known = connection.execute(table.select()).all()
    actor_id = next((row.account_id for row in known if row.cause.startswith(f"{name}:")), None)
    if actor_id is None:
        actor_id = account(on, name).account
        assert actor_id is not None
        profile = {"email": f"{name}@example.cn", "full_name": "王芳", "language": "zh"}
        service.change_profile(on.engines.write, name, profile, actor=ROOT, now=on.clock())
    facts = Facts("hz", "杭州市", CITY, actor="li")
    with transaction(on.engines.write) as connection:
        notifications.add(
            connection, actor_id, kind, "source:hz", register_id=on.read(CITY).id, cause=f"{name}:{number}",
            facts=facts, by_mail=True, now=on.clock(),
        )  # fmt: skip
        ids = connection.execute(table.select().order_by(table.c.id.desc())).first()
        assert ids is not None
        return int(ids.id)


def deliver(on: Installation, port: int, **settings: Any) -> dict[str, int]:
    """Carry out one order to deliver."""
    options = {"starttls": False, "timeout_seconds": 5, "attempts": 3} | settings
    mail = Mail(host="127.0.0.1", port=port, sender="catalogue@example.cn", **options)
    secrets = {"env:MAIL": "mulu:secret", "env:OTHER": "mulu:wrong", "env:CA": authority_pem()}
    mailer = Mailer(mail, on.engines, on.claims, secrets.__getitem__, URL)
    with transaction(on.engines.write) as connection:
        order_id = ordering.place_delivery(connection, on.read(CITY).id, requested_by="test", now=on.clock())
    order = on.claims.claim(order_id)
    assert order is not None
    counts = mailer.deliver(order)
    on.claims.finish(order, OrderStatus.DONE, {})
    return counts


def mails(on: Installation) -> list[tuple[MailStatus, int]]:
    with on.engines.read.connect() as connection:
        rows = connection.execute(table.select().order_by(table.c.id)).all()
    return [(MailStatus(row.mail), row.mail_attempts) for row in rows]


def test_one_mail_a_notification_in_the_reader_s_language(installation: Installation) -> None:
    postbox = Postbox()
    first, second = letter(installation, "wang"), letter(installation, "wang", 2)
    letter(installation, "zhang")
    with serving(postbox) as port:
        assert deliver(installation, port) == {"sent": 3, "later": 0, "given_up": 0}
        assert deliver(installation, port) == {"sent": 0, "later": 0, "given_up": 0}
    assert [to for to, _ in postbox.taken] == [["wang@example.cn"], ["wang@example.cn"], ["zhang@example.cn"]]
    _, message = postbox.taken[0]
    assert (message["From"], message["To"]) == ("catalogue@example.cn", "王芳 <wang@example.cn>")
    assert message["Subject"] == "数据源 hz 待审核"
    body = message.get_content()
    assert "王芳，您好" in body and f"{URL}/sources/hz" in body and "下一步" in body
    assert len({str(each["Message-ID"]) for _, each in postbox.taken}) == 3
    assert mails(installation) == [(MailStatus.SENT, 1)] * 3
    assert first != second


def test_a_full_mailbox_is_tried_again_with_longer_pauses_and_given_up(installation: Installation) -> None:
    postbox = Postbox(answers={"wang@example.cn": BUSY})
    letter(installation, "wang")
    letter(installation, "zhang")
    with serving(postbox) as port:
        assert deliver(installation, port) == {"sent": 1, "later": 1, "given_up": 0}
        for minutes in (1, 2):
            installation.clock.advance(minutes=minutes, microseconds=-1)
            assert deliver(installation, port) == {"sent": 0, "later": 0, "given_up": 0}
            installation.clock.advance(microseconds=1)
            later = minutes == 1
            assert deliver(installation, port) == {"sent": 0, "later": int(later), "given_up": int(not later)}
        installation.clock.advance(days=1)
        assert deliver(installation, port) == {"sent": 0, "later": 0, "given_up": 0}
    assert mails(installation) == [(MailStatus.FAILED, 3), (MailStatus.SENT, 1)]


def test_an_address_that_is_none_is_given_up_at_once(installation: Installation) -> None:
    postbox = Postbox(answers={"wang@example.cn": REFUSED})
    letter(installation, "wang")
    letter(installation, "zhang")
    with serving(postbox) as port:
        assert deliver(installation, port) == {"sent": 1, "later": 0, "given_up": 1}
    assert mails(installation) == [(MailStatus.FAILED, 1), (MailStatus.SENT, 1)]


def test_a_server_that_is_down_costs_one_attempt_for_all(installation: Installation) -> None:
    with serving(Postbox()) as port:
        pass
    for number in range(3):
        letter(installation, "wang", number)
    assert deliver(installation, port) == {"sent": 0, "later": 3, "given_up": 0}
    assert mails(installation) == [(MailStatus.WAITING, 1)] * 3


def test_a_connection_that_breaks_loses_nothing(installation: Installation) -> None:
    postbox = Postbox(breaks_after=1)
    for number in range(3):
        letter(installation, "wang", number)
    with serving(postbox) as port:
        assert deliver(installation, port) == {"sent": 2, "later": 1, "given_up": 0}
        installation.clock.advance(minutes=1)
        assert deliver(installation, port) == {"sent": 1, "later": 0, "given_up": 0}
    assert len(postbox.taken) == 3


def test_the_connection_is_secured_and_the_server_must_be_the_right_one(installation: Installation) -> None:
    letter(installation, "wang")
    postbox = Postbox()
    secured = {"starttls": True, "ca_bundle": "env:CA", "attempts": 9}
    for kind in ("tls-untrusted", "tls-wrong-name", "tls-expired"):
        with serving(postbox, tls_context=server_context(kind, "127.0.0.1"), require_starttls=True) as port:
            assert deliver(installation, port, **secured)["later"] == 1, kind
        installation.clock.advance(hours=1)
    with serving(postbox, tls_context=server_context("tls", "127.0.0.1"), require_starttls=True) as port:
        assert deliver(installation, port, attempts=9)["later"] == 1, "the server takes no mail in the open"
        installation.clock.advance(hours=1)
        assert deliver(installation, port, starttls=True, attempts=9)["later"] == 1, (
            "no authority of the system"
        )
        installation.clock.advance(hours=1)
        assert deliver(installation, port, **secured)["sent"] == 1
    assert len(postbox.taken) == 1


def test_a_server_that_knows_us_by_a_password(installation: Installation) -> None:
    def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (b"mulu", b"secret"))

    postbox = Postbox()
    letter(installation, "wang")
    context = server_context("tls", "127.0.0.1")
    secured = {"starttls": True, "ca_bundle": "env:CA"}
    with serving(postbox, authenticator=judge, auth_required=True, tls_context=context) as port:
        assert deliver(installation, port, **secured, credentials="env:OTHER")["later"] == 1
        installation.clock.advance(minutes=1)
        assert deliver(installation, port, **secured, credentials="env:MAIL")["sent"] == 1


@pytest.mark.parametrize("name", ["王\nBcc: all@example.cn", "王\r\n\r\nbody", "\u202e王"])
def test_nothing_that_somebody_wrote_becomes_a_header(name: str) -> None:
    facts = Facts("hz\nBcc: x@example.cn", name, CITY, reason=Text(name, name))
    told = Notification(7, 1, Kind.REJECTED, "source:hz", facts, BEGINNING, None, MailStatus.WAITING)
    message = composed(Letter(told, name, "wang@example.cn", "en", 0), "catalogue@example.cn", URL)
    again = message_from_bytes(message.as_bytes(), policy=default)
    assert again["Bcc"] is None
    assert set(again.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip


def test_the_same_notification_is_the_same_mail(installation: Installation) -> None:
    """A worker that dies between sending and noting it sends it twice: whoever reads mail sees one."""
    facts = Facts("hz", "杭州", CITY)
    told = Notification(7, 1, Kind.SUBMITTED, "source:hz", facts, BEGINNING, None, MailStatus.WAITING)
    made = [
        composed(Letter(told, "w", "w@example.cn", "en", attempts), "c@example.cn", URL)
        for attempts in (0, 3)
    ]
    assert made[0]["Message-ID"] == made[1]["Message-ID"]
    assert installation.clock() - BEGINNING < timedelta(days=1)
