"""Whom to speak to about a source, and what was spoken. Each function is one transaction with exactly one event.

The book of acts keeps no telephone numbers: an event says which fields were changed, not what they hold.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from registry.errors import Refused
from registry.model.contact import Contact, ContactKind, ContactPerson
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.role import Permission
from registry.services import access
from registry.store import contacts, events, sources
from registry.store.engine import Engine, transaction

TEXT_LIMIT = 4000
_EMPTY = Text(zh="请写明联系内容(至多 {limit} 字)。", en="say what was spoken (at most {limit} characters).")


def note(
    engine: Engine, source_code: str, kind: ContactKind, text: str, *, actor: Actor, now: datetime
) -> Contact:
    """Write a line into a source's contact log. Raises ``Refused`` for none or too long a text."""
    text = text.strip()
    if not 0 < len(text) <= TEXT_LIMIT:
        raise Refused(_EMPTY.format(limit=TEXT_LIMIT))
    with transaction(engine) as connection:
        source = sources.get(connection, source_code)
        register_id = source.description.register_id
        access.require(connection, actor, Permission.NOTE_CONTACT, register_id, source=source)
        line = contacts.add(connection, source.id, actor.name, kind, text, now)
        after = {"contact": line, "kind": kind}
        event = Event(actor, "contact", f"source:{source_code}", after=after, register_id=register_id)
        events.record(connection, event, now)
        return Contact(line, actor.name, now, kind, text)


def set_person(
    engine: Engine, source_code: str, person: ContactPerson, *, actor: Actor, now: datetime
) -> sources.Source:
    """Say who answers for a source (联络员). Approval is not asked for again."""
    with transaction(engine) as connection:
        source = sources.get(connection, source_code, lock=True)
        register_id = source.description.register_id
        access.require(connection, actor, Permission.AMEND_SOURCE, register_id, source=source)
        before, after = asdict(source.contact), asdict(person)
        changed = sorted(name for name in after if before[name] != after[name])
        sources.change(connection, source.id, contact=person)
        event = Event(
            actor,
            "contact-person",
            f"source:{source_code}",
            after={"changed": changed},
            register_id=register_id,
        )
        events.record(connection, event, now)
        return sources.get(connection, source_code)
