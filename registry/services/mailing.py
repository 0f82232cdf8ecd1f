"""The mails that wait to be sent, and how each fared. Who sends them is the harvester's side (``harvester.mail``)."""

from __future__ import annotations

from datetime import datetime, timedelta

from registry.model.notification import MailStatus
from registry.model.order import Order
from registry.services.ordering import Claims
from registry.store import notifications
from registry.store.engine import Engines, transaction
from registry.store.notifications import Letter

_FIRST_PAUSE = timedelta(minutes=1)


def due(engines: Engines, register_id: int, now: datetime, limit: int = 100) -> list[Letter]:
    """The mails about a register that are due."""
    with engines.read.connect() as connection:
        return notifications.letters_due(connection, register_id, now, limit)


def sent(claims: Claims, order: Order, letter: Letter) -> None:
    """A mail was taken by the server. Raises ``LeaseLost`` where the order has passed to another worker."""
    with transaction(claims.engine) as connection:
        claims.renew(connection, order)
        notifications.mailed(
            connection, letter.notification.id, MailStatus.SENT, attempts=letter.attempts + 1
        )


def failed(claims: Claims, order: Order, letter: Letter, error: str, *, for_good: bool, most: int) -> bool:
    """A mail was not taken. It is tried again later, each time after twice the pause, unless that is pointless
    (``for_good``) or was done ``most`` times; whether it is. Raises ``LeaseLost``."""
    attempts = letter.attempts + 1
    again = not for_good and attempts < most
    pause = _FIRST_PAUSE * 2 ** (attempts - 1)
    with transaction(claims.engine) as connection:
        claims.renew(connection, order)
        notifications.mailed(
            connection, letter.notification.id, MailStatus.WAITING if again else MailStatus.FAILED,
            attempts=attempts, due_at=claims.clock() + pause if again else None, error=error[:500],
        )  # fmt: skip
    return again
