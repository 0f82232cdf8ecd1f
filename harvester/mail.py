"""Mails: notifications handed over to an SMTP server, one mail each, by whoever carries out a ``deliver`` order.

A mail that was taken is marked at once, so that only a worker which dies between the two sends it twice; both copies
then carry the same Message-ID.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import structlog

from config.settings import Mail
from registry.model.issue import Text
from registry.model.labels import visible_text
from registry.model.notification import text, title
from registry.model.order import Order
from registry.services import mailing
from registry.services.ordering import Claims
from registry.store.engine import Engines
from registry.store.notifications import Letter

_log = structlog.get_logger(__name__)

_LETTER = Text(
    "{name}，您好:\n\n{told}\n\n此邮件由目录系统自动发送。不想再收到：{url}/account",
    "Dear {name},\n\n{told}\n\nThis mail was sent by the catalogue by itself. To get none: {url}/account",
)
_PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True)
class Mailer:
    """Sends what is due. ``url``: where the console is; ``credential``: looks references up."""

    settings: Mail
    engines: Engines
    claims: Claims
    credential: Callable[[str], str]
    url: str

    def deliver(self, order: Order) -> dict[str, int]:
        """Send the mails about the order's register that are due; returns how many were sent, wait for another
        attempt, and were given up. Raises ``LeaseLost``, ``config.secrets.SecretError``."""
        counts = {"sent": 0, "later": 0, "given_up": 0}
        while letters := mailing.due(self.engines, order.register_id, self.claims.clock()):
            self._send(order, letters, counts)
        return counts

    def _send(self, order: Order, letters: Sequence[Letter], counts: dict[str, int]) -> None:
        """Send these over one connection, or another one where it breaks. Where none is to be had, all wait."""
        server: smtplib.SMTP | None = None
        try:
            for place, letter in enumerate(letters):
                try:
                    server = server or self._connected()
                except (OSError, smtplib.SMTPException) as failure:
                    for each in letters[place:]:
                        self._put_off(order, each, failure, counts)
                    return
                try:
                    server.send_message(composed(letter, self.settings.sender, self.url))
                except (OSError, smtplib.SMTPException) as failure:
                    self._put_off(order, letter, failure, counts)
                    server.close()
                    server = None
                else:
                    mailing.sent(self.claims, order, letter)
                    counts["sent"] += 1
        finally:
            if server is not None:
                with suppress(OSError, smtplib.SMTPException):
                    server.quit()

    def _put_off(self, order: Order, letter: Letter, failure: Exception, counts: dict[str, int]) -> None:
        again = mailing.failed(
            self.claims, order, letter, f"{type(failure).__name__}: {failure}",
            for_good=is_permanent(failure), most=self.settings.attempts,
        )  # fmt: skip
        counts["later" if again else "given_up"] += 1
        _log.warning(
            "mail.failed", notification=letter.notification.id, again=again, kind=type(failure).__name__
        )

    def _connected(self) -> smtplib.SMTP:
        settings = self.settings
        server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)
        try:
            if settings.starttls:
                trusted = self.credential(settings.ca_bundle) if settings.ca_bundle else None
                server.starttls(context=ssl.create_default_context(cadata=trusted))
            if settings.credentials:
                user, _, password = self.credential(settings.credentials).partition(":")
                server.login(user, password)
        except BaseException:
            server.close()
            raise
        return server


def is_permanent(failure: Exception) -> bool:
    """Whether the server said of this one mail that trying again is pointless."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return all(code in _PERMANENT for code, _ in failure.recipients.values())
    return isinstance(failure, smtplib.SMTPDataError) and failure.smtp_code in _PERMANENT


def composed(letter: Letter, sender: str, url: str) -> EmailMessage:
    """The mail of a notification, in its reader's language. What came from strangers cannot add a header."""
    told = letter.notification
    message = EmailMessage(SMTP)
    message["From"] = sender
    message["To"] = Address(_line(letter.name), addr_spec=letter.email)
    message["Subject"] = _line(title(told.kind, told.facts).in_language(letter.language))
    message["Date"] = told.at
    message["Message-ID"] = f"<notification-{told.id}-{int(told.at.timestamp())}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    body = text(told.kind, told.facts, url).in_language(letter.language)
    message.set_content(
        _LETTER.in_language(letter.language).format(name=_line(letter.name), told=visible_text(body), url=url)
    )
    return message


def _line(words: str) -> str:
    """Words that stay on one line."""
    return visible_text(words.replace("\n", " "))
