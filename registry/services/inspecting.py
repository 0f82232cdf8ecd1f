"""Ordering that an endpoint is looked at: a probe of a source, or of what somebody is about to state of one.

Such an order carries its own frozen description. Credentials, and private networks, that nobody has approved are taken
out of it: else whoever registers a source could have a secret of this installation sent wherever it likes, or have its
network looked at. Only somebody who may approve can have them used before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from registry.errors import Conflict, Forbidden, Refused
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.order import OrderKind
from registry.model.role import Permission
from registry.model.source import Protocol, SourceDescription
from registry.services import access, admission
from registry.store import events, orders, registers, sources
from registry.store.engine import Connection, Engine, transaction

NOBODY_YET = 0
"""The id of a source that is not registered, in the description of an order."""

_FOLDER = Text(
    zh="服务器上的文件夹获批之前，只能在服务器上试采(mulu source probe)。",
    en="a folder of the server is looked at on its own command line (`mulu source probe`) until it is approved.",
)
_BUSY = Text(
    zh="该登记册已有一项试采在等待，请稍后再试。",
    en="a probe for this register waits already; try again in a while.",
)
_MAY_NOT_TRUST = Text(
    zh="只有审核员能在批准之前使用凭据和内网。",
    en="only an approver can have credentials and private networks used before they are approved.",
)


def order_probe(
    engine: Engine,
    source_code: str,
    *,
    actor: Actor,
    now: datetime,
    kind: OrderKind = OrderKind.PROBE,
    trusting: bool = False,
) -> int:
    """A person asks to have a source looked at (``kind``: how). Any status will do. Returns the order's id.

    ``trusting``: with what it states of credentials and networks though nobody has approved it. Raises ``Forbidden``,
    ``Refused`` for a folder that nobody has approved.
    """
    with transaction(engine) as connection:
        source = sources.get(connection, source_code)
        stated = source.description
        access.require(connection, actor, Permission.PROBE_SOURCE, stated.register_id, source=source)
        if stated.fingerprint != source.approved_fingerprint:
            stated = _unapproved(connection, actor, stated, trusting=trusting)
        order_id = orders.place(
            connection, kind=kind, register_id=stated.register_id, source=stated, full=False,
            requested_by=actor.name, now=now, slow=source.failures > 0, at_once=True,
        )  # fmt: skip
        after = {"order": order_id}
        event = Event(actor, str(kind), f"source:{source_code}", after=after, register_id=stated.register_id)
        events.record(connection, event, now)
        return order_id


def order_check(engine: Engine, stated: SourceDescription, *, actor: Actor, now: datetime) -> int:
    """A person asks to have looked at what it is about to state of a source: a new one (:data:`NOBODY_YET`), or one
    that is to be amended. Returns the order's id. Raises ``Forbidden``, ``Refused``, and ``Conflict`` where another
    such order of the register, or of the source, waits."""
    with transaction(engine) as connection:
        register = registers.get(connection, stated.register_code)
        if stated.id == NOBODY_YET:
            access.require(connection, actor, Permission.ADD_SOURCE, register.id)
        else:
            source = sources.by_id(connection, stated.id)
            access.require(connection, actor, Permission.AMEND_SOURCE, register.id, source=source)
        admission.check_source(connection, stated)
        asked = _unapproved(connection, actor, replace(stated, register_id=register.id), trusting=False)
        order_id = orders.place_alone(
            connection,
            kind=OrderKind.PROBE,
            register_id=register.id,
            source=asked,
            requested_by=actor.name,
            now=now,
        )
        if order_id is None:
            raise Conflict(_BUSY)
        subject = f"register:{register.code}" if stated.id == NOBODY_YET else f"source:{stated.code}"
        after = {"order": order_id, "protocol": stated.protocol, "location": stated.location}
        events.record(connection, Event(actor, "probe", subject, after=after, register_id=register.id), now)
        return order_id


def is_about(asked: SourceDescription, stated: SourceDescription) -> bool:
    """Whether what was ``asked`` is what a source states, but for what was held back."""
    kept = replace(asked, credentials=stated.credentials, allowed_networks=stated.allowed_networks)
    return kept.fingerprint == stated.fingerprint


def holds_back(asked: SourceDescription, stated: SourceDescription) -> bool:
    """Whether credentials or private networks that a source states were held back from what was ``asked``."""
    return (asked.credentials, asked.allowed_networks) != (stated.credentials, stated.allowed_networks)


def _unapproved(
    connection: Connection, actor: Actor, stated: SourceDescription, *, trusting: bool
) -> SourceDescription:
    """What may be asked of a description that nobody has approved."""
    if actor.account is None:
        return stated
    if stated.protocol is Protocol.FOLDER:
        raise Refused(_FOLDER)
    if not trusting:
        return replace(stated, credentials="", allowed_networks=())
    if not access.allows(connection, actor, Permission.APPROVE, stated.register_id):
        raise Forbidden(_MAY_NOT_TRUST)
    return stated
