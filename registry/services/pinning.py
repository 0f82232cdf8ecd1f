"""Pins: an approver says which source's record stands for one entry. The standing entry follows, as after a change of
authority: a pin is the strongest rule, for one entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from registry.errors import Conflict, NotFound
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.record import Pin
from registry.model.register import AuthorityChange, Register
from registry.model.role import Permission
from registry.services import access, ordering
from registry.services.reviewing import need_reason
from registry.store import events, holdings, pins, registers, sources
from registry.store.engine import Connection, Engine, transaction

_NOT_HELD = Text(
    zh="登记册 {register} 的来源 {source} 没有条目 {identifier} 的记录，不能指定。",
    en="the source {source} of the register {register} holds no record of {identifier}; it cannot be pinned.",
)
_PINNED = Text(
    zh="条目 {identifier} 已指定采用来源 {source}。", en="{identifier} is pinned to {source} already."
)
_NOT_PINNED = Text(zh="条目 {identifier} 没有被指定。", en="nothing is pinned for {identifier}.")


def pin(
    engine: Engine,
    register_code: str,
    identifier: str,
    source_code: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str,
) -> None:
    """Let the record of a source stand for an entry, whatever the others hold. The standing entry follows: that is
    ordered. Raises ``NotFound`` where the source holds no such record, ``Conflict`` where it is pinned already,
    ``Forbidden`` (also for a source that the actor submitted), ``Refused`` without a reason."""
    with transaction(engine) as connection:
        register = registers.by_id(connection, registers.get(connection, register_code).id, lock=True)
        source = sources.get(connection, source_code)
        access.require(connection, actor, Permission.PIN, register.id, source=source)
        need_reason(reason)
        held = holdings.candidates(connection, register.id, [identifier]).get(identifier, [])
        if source.id not in {each.record.source_id for each in held}:
            raise NotFound(
                _NOT_HELD.format(register=register_code, source=source_code, identifier=identifier)
            )
        before = pins.of_entry(connection, register.id, identifier)
        if before is not None and before.source == source_code:
            raise Conflict(_PINNED.format(identifier=identifier, source=source_code))
        pins.put(connection, register.id, identifier, source.id, Pin(actor.name, reason.strip()), now)
        told = {} if before is None else {"source": before.source}
        event = Event(
            actor, "pin", f"register:{register_code}", reason,
            {"identifier": identifier, **told}, {"identifier": identifier, "source": source_code}, register.id,
        )  # fmt: skip
        follow(connection, register, identifier, event, events.record(connection, event, now), now)


def unpin(
    engine: Engine, register_code: str, identifier: str, *, actor: Actor, now: datetime, reason: str
) -> None:
    """Take a pin out; the standing entry follows. Raises ``Conflict`` where nothing is pinned, ``Forbidden``,
    ``NotFound``, ``Refused`` without a reason."""
    with transaction(engine) as connection:
        register = registers.by_id(connection, registers.get(connection, register_code).id, lock=True)
        before = pins.of_entry(connection, register.id, identifier)
        source = None if before is None else sources.get(connection, before.source)
        access.require(connection, actor, Permission.PIN, register.id, source=source)
        need_reason(reason)
        if before is None:
            raise Conflict(_NOT_PINNED.format(identifier=identifier))
        pins.take_out(connection, identifier, register.id)
        event = Event(
            actor, "unpin", f"register:{register_code}", reason,
            {"identifier": identifier, "source": before.source}, {"identifier": identifier}, register.id,
        )  # fmt: skip
        follow(connection, register, identifier, event, events.record(connection, event, now), now)


def follow(
    connection: Connection, register: Register, identifier: str, event: Event, event_id: int, now: datetime
) -> None:
    """Have the standing entry follow what an event decided about it: that is noted in the register, and ordered."""
    change = AuthorityChange("", event_id, identifier, event.action)
    policy = replace(register.policy, to_follow=(*register.policy.to_follow, change))
    registers.change(connection, register.id, policy=policy)
    ordering.place_settling(connection, register.id, requested_by=event.actor.name, now=now)
