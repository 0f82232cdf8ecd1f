"""The tables. Who writes what is said in ``registry.services``; who reads, in ``registry.outlets``.

A register is a log: ``versions`` are its lines, ``publications`` the moments at which sets of lines became
visible, ``entries`` the head of each identifier, ``records`` what each source holds. ``changes`` are the change
sets of runs; they outlive their run, so that it can be looked at and undone.
"""

from __future__ import annotations

from sqlalchemy import event

from registry.store.append_only import forbid_changes, permit_changes
from registry.store.document_index import create_document_index, drop_document_index
from registry.store.tables.administration import (
    events,
    health_changes,
    leases,
    orders,
    outbox,
    registers,
    seals,
    sources,
    stops,
    workers,
)
from registry.store.tables.decisions import erased_digests, erasures, pins
from registry.store.tables.declaration import metadata
from registry.store.tables.deliveries import deliveries, delivery_pieces
from registry.store.tables.harvesting import changes, declines, issues, raw_pages, raw_records, records, runs
from registry.store.tables.log import (
    documents,
    entries,
    membership_sets,
    memberships,
    publications,
    sets,
    version_sets,
    versions,
)
from registry.store.tables.people import (
    accounts,
    api_keys,
    contacts,
    grants,
    notifications,
    sessions,
    sign_in_attempts,
)

__all__ = [
    "accounts",
    "api_keys",
    "changes",
    "contacts",
    "declines",
    "deliveries",
    "delivery_pieces",
    "documents",
    "entries",
    "erased_digests",
    "erasures",
    "events",
    "grants",
    "health_changes",
    "issues",
    "leases",
    "membership_sets",
    "memberships",
    "metadata",
    "notifications",
    "orders",
    "outbox",
    "pins",
    "publications",
    "raw_pages",
    "raw_records",
    "records",
    "registers",
    "runs",
    "seals",
    "sessions",
    "sets",
    "sign_in_attempts",
    "sources",
    "stops",
    "version_sets",
    "versions",
    "workers",
]

event.listen(metadata, "after_create", lambda _target, connection, **_: create_document_index(connection))
event.listen(metadata, "before_drop", lambda _target, connection, **_: drop_document_index(connection))
event.listen(metadata, "after_create", lambda _target, connection, **_: forbid_changes(connection))
event.listen(metadata, "before_drop", lambda _target, connection, **_: permit_changes(connection))
