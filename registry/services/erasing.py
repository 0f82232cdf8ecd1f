"""Erasure: one person asks, another one confirms, and what is known under an identifier is gone from every register.

It is removed in one transaction: document, raw bytes, search index, issues, old versions. The standing entries become
tombstones as they follow any other decision; nobody sees the text meanwhile. A marker with the digests stays, so that
the same content is not taken in again.
"""

from __future__ import annotations

from datetime import datetime

from registry.errors import Conflict, Forbidden, NotFound
from registry.model.erasure import Erasure, ErasureStatus, Extent
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.role import Permission
from registry.services import access, pinning
from registry.services.reviewing import need_reason
from registry.store import document_index, erasing, erasures, events, pins, registers
from registry.store.engine import Connection, Engine, IntegrityError, transaction
from registry.store.tokens import tokens_of

_NOTHING = Text(
    zh="没有任何登记册持有 {identifier} 的内容。", en="no register holds anything under {identifier}."
)
_ASKED = Text(
    zh="{identifier} 已有人申请抹除，等待确认。",
    en="an erasure of {identifier} waits to be confirmed already.",
)
_SAME = Text(
    zh="{actor} 申请了此次抹除，须由另一人确认。",
    en="{actor} asked for this erasure; another person must confirm it.",
)


def ask(
    engine: Engine, register_code: str, identifier: str, *, actor: Actor, now: datetime, reason: str
) -> int:
    """Ask for an erasure; nothing is removed before another person confirms it. Returns its number. Raises
    ``NotFound`` where the register has no such entry, ``Conflict`` where it was asked for already, ``Forbidden``,
    ``Refused`` without a reason."""
    try:
        with transaction(engine) as connection:
            register = registers.get(connection, register_code)
            access.require(connection, actor, Permission.ERASE, register.id)
            need_reason(reason)
            if register.id not in erasing.traces(connection, identifier).registers:
                raise NotFound(_NOTHING.format(identifier=identifier))
            number = erasures.ask(connection, register.id, identifier, reason.strip(), actor.name, now)
            _record(connection, actor, "ask-erasure", register_code, reason, identifier, register.id, now)
            return number
    except IntegrityError as error:
        raise Conflict(_ASKED.format(identifier=identifier)) from error


def withdraw(engine: Engine, identifier: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Take a request back. Raises ``NotFound`` where none stands, ``Forbidden``."""
    with transaction(engine) as connection:
        asked = erasures.standing(connection, identifier, lock=True)
        access.require(connection, actor, Permission.ERASE, asked.register_id)
        erasures.decide(connection, asked.id, ErasureStatus.WITHDRAWN, actor.name, now)
        code = registers.by_id(connection, asked.register_id).code
        _record(connection, actor, "withdraw-erasure", code, reason, identifier, asked.register_id, now)


def extent(connection: Connection, identifier: str) -> Extent:
    """What an erasure would remove now."""
    found = erasing.traces(connection, identifier)
    return Extent(
        tuple(sorted(found.registers)),
        len(found.versions),
        len(found.records),
        len(found.documents),
        len(found.raw),
    )


def confirm(engine: Engine, identifier: str, *, actor: Actor, now: datetime) -> tuple[int, ...]:
    """Erase what was asked for; returns the ids of the registers whose entries follow: that is ordered.

    Raises ``NotFound`` where nobody asked, ``Forbidden`` for whoever asked, and where the actor may not erase in
    every register that holds some of it.
    """
    with transaction(engine) as connection:
        erasing.lock(connection, identifier)
        asked = erasures.standing(connection, identifier, lock=True)
        found = erasing.traces(connection, identifier)
        for register_id in sorted({asked.register_id, *found.registers}):
            access.require(connection, actor, Permission.ERASE, register_id)
        if actor.name == asked.asked_by:
            raise Forbidden(_SAME.format(actor=actor.name))
        erasing.detach(connection, found)
        erasing.delete_raw(connection, sorted(found.raw))
        left_over = _delete_documents(connection, found)
        pins.take_out(connection, identifier)
        erasures.mark(connection, asked.id, identifier, found.documents.values())
        erasures.decide(connection, asked.id, ErasureStatus.DONE, actor.name, now)
        _follow(connection, asked, found, left_over, actor, now)
        return tuple(sorted(found.registers))


def _delete_documents(connection: Connection, found: erasing.Traces) -> int:
    """Delete the documents, from the index too; returns how many stay because another identifier has them too."""
    free = erasing.orphans(connection, found)
    document_index.remove(connection, {key: tokens_of(text) for key, text in free.items()})
    erasing.delete_documents(connection, list(free))
    return len(found.documents) - len(free)


def _follow(
    connection: Connection,
    asked: Erasure,
    found: erasing.Traces,
    left_over: int,
    actor: Actor,
    now: datetime,
) -> None:
    code = registers.by_id(connection, asked.register_id).code
    after = {
        "identifier": asked.identifier, "asked_by": asked.asked_by,
        "digests": [each.hex() for each in sorted(found.documents.values())],
        "versions": len(found.versions), "records": len(found.records),
    }  # fmt: skip
    if left_over:
        after["under_other_identifiers"] = left_over
    event = Event(
        actor, "erase", f"register:{code}", asked.reason, after=after, register_id=asked.register_id
    )
    event_id = events.record(connection, event, now)
    for register_id in sorted(found.registers):
        register = registers.by_id(connection, register_id)
        pinning.follow(connection, register, asked.identifier, event, event_id, now)


def _record(
    connection: Connection,
    actor: Actor,
    action: str,
    code: str,
    reason: str,
    identifier: str,
    register_id: int,
    now: datetime,
) -> None:
    after = {"identifier": identifier}
    event = Event(actor, action, f"register:{code}", reason, after=after, register_id=register_id)
    events.record(connection, event, now)
