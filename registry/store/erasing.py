"""Removing what is known under an identifier, from every table that holds some of it, in the caller's transaction.

Logs stay whole: versions keep their place, and lose their document. What else refers to a removed document loses it
first; a document that stands under another identifier too stays for that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, delete, or_, select, update

from registry.model.diff import Action
from registry.model.run import UNSETTLED
from registry.store.engine import among
from registry.store.tables import (
    changes,
    documents,
    entries,
    issues,
    raw_pages,
    raw_records,
    records,
    registers,
    runs,
    sources,
    versions,
)

_v = versions.c


@dataclass(slots=True)
class Traces:
    """What stands under an identifier: registers that have it as an entry, and rows by their keys."""

    identifier: str
    registers: set[int] = field(default_factory=set)
    versions: list[tuple[int, int]] = field(default_factory=list)
    records: list[tuple[int, int, bool]] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    issues: list[int] = field(default_factory=list)
    documents: dict[int, bytes] = field(default_factory=dict)
    raw: set[bytes] = field(default_factory=set)


def lock(connection: Connection, identifier: str) -> None:
    """Hold every register that has the identifier, the sources that hold it, and the runs that are under way (in the
    order in which everybody locks them): nobody brings more of it until the transaction ends."""
    holding = _in_registers(records, identifier).with_only_columns(records.c.register_id)
    standing = _in_registers(entries, identifier).with_only_columns(entries.c.register_id)
    query = select(registers.c.id).where(or_(registers.c.id.in_(holding), registers.c.id.in_(standing)))
    connection.execute(query.order_by(registers.c.id).with_for_update(key_share=True)).all()
    r = records.c
    sourced = _in_registers(records, identifier).with_only_columns(r.source_id)
    held = select(sources.c.id).where(sources.c.id.in_(sourced)).order_by(sources.c.id)
    connection.execute(held.with_for_update(key_share=True)).all()
    under_way = select(runs.c.id).where(runs.c.status.in_([str(each) for each in UNSETTLED]))
    connection.execute(under_way.order_by(runs.c.id.desc()).with_for_update()).all()


def traces(connection: Connection, identifier: str) -> Traces:
    """All that stands under an identifier."""
    found = Traces(identifier)
    document_ids: set[int | None] = set()
    for register_id, sequence, document_id in connection.execute(_chains(identifier)):
        found.registers.add(register_id)
        found.versions.append((register_id, sequence))
        document_ids.add(document_id)
    r = records.c
    columns = (r.id, r.source_id, r.deleted, r.document_id, r.raw_digest)
    for row in connection.execute(_in_registers(records, identifier).with_only_columns(*columns)):
        found.records.append((row[0], row[1], row[2]))
        document_ids.add(row[3])
        found.raw.add(bytes(row[4]))
    c = changes.c
    of_runs = c.run_id.in_(select(runs.c.id))
    query = select(c.id, c.document_id, c.previous_document_id, c.raw_digest)
    for key, after, before, digest in connection.execute(query.where(of_runs, c.identifier == identifier)):
        found.changes.append(key)
        document_ids.update((after, before))
        found.raw.add(bytes(digest))
    i = issues.c
    for key, digest in connection.execute(select(i.id, i.raw_digest).where(i.identifier == identifier)):
        found.issues.append(key)
        found.raw.add(bytes(digest))
    found.raw.discard(b"")
    d = documents.c
    ids = [each for each in document_ids if each is not None]
    rows = connection.execute(select(d.id, d.digest).where(among(d.id, ids, connection)))
    found.documents = {key: bytes(digest) for key, digest in rows}
    return found


def _in_registers(table: Table, identifier: str) -> Select[Any]:
    """Rows of an identifier in a table that is keyed by register and identifier."""
    return select(table).where(
        table.c.register_id.in_(select(registers.c.id)), table.c.identifier == identifier
    )


def _chains(identifier: str) -> Select[Any]:
    """(register, sequence, document) of all versions of an identifier, in every register."""
    e = entries.c
    columns = (_v.register_id, _v.sequence, _v.document_id, _v.previous)
    chain = (
        select(*columns)
        .join_from(entries, versions, and_(_v.register_id == e.register_id, _v.sequence == e.head_sequence))
        .where(e.register_id.in_(select(registers.c.id)), e.identifier == identifier)
        .cte("chain", recursive=True)
    )
    chain = chain.union_all(
        select(*columns).where(_v.register_id == chain.c.register_id, _v.sequence == chain.c.previous)
    )
    return select(chain.c.register_id, chain.c.sequence, chain.c.document_id)


def detach(connection: Connection, found: Traces) -> None:
    """Take the documents out of versions, entries, records and changes; delete what was told of the bytes. A run that
    waits does nothing under the identifier any more."""
    e, r, c = entries.c, records.c, changes.c
    for register_id in sorted(found.registers):
        mine = [sequence for at, sequence in found.versions if at == register_id]
        query = update(versions).where(_v.register_id == register_id, among(_v.sequence, mine, connection))
        connection.execute(query.values(document_id=None))
        entry = update(entries).where(e.register_id == register_id, e.identifier == found.identifier)
        connection.execute(entry.values(document_id=None, begins_on=None))
    ids = [record_id for record_id, _, _ in found.records]
    emptied = {"document_id": None, "deleted": True, "raw_digest": b"", "stale": False, "absent_since": None}
    changed = update(records).where(among(r.id, ids, connection))
    connection.execute(changed.values(version=r.version + 1, **emptied))
    for source_id in sorted({source_id for _, source_id, _ in found.records}):
        lost = sum(not deleted for _, at, deleted in found.records if at == source_id)
        mine_live = update(sources).where(sources.c.id == source_id)
        connection.execute(mine_live.values(live=sources.c.live - lost))
    gone = {
        "document_id": None, "previous_document_id": None, "raw_digest": b"", "action": str(Action.DECLINED),
    }  # fmt: skip
    connection.execute(update(changes).where(among(c.id, found.changes, connection)).values(**gone))
    told = among(issues.c.id, found.issues, connection)
    counted = update(runs).where(runs.c.id.in_(select(issues.c.run_id).where(told)))
    connection.execute(counted.values(issue_counts=None))  # counted anew when somebody asks
    connection.execute(delete(issues).where(told))


def delete_raw(connection: Connection, digests: Sequence[bytes]) -> None:
    """Delete raw bytes."""
    for table in (raw_records, raw_pages):
        connection.execute(delete(table).where(table.c.digest.in_(list(digests))))


def orphans(connection: Connection, found: Traces) -> dict[int, str]:
    """Those of the documents that nothing refers to any more, each with the text that it is searched by.

    The tables have no index by document: they are read through once.
    """
    ids = list(found.documents)
    used: set[int] = set()
    for column in (
        _v.document_id, entries.c.document_id, records.c.document_id, changes.c.document_id,
        changes.c.previous_document_id,
    ):  # fmt: skip
        used.update(connection.scalars(select(column).where(among(column, ids, connection)).distinct()))
    d = documents.c
    free = [each for each in ids if each not in used]
    rows = connection.execute(select(d.id, d.search_text).where(among(d.id, free, connection)))
    return {row[0]: row[1] for row in rows}


def delete_documents(connection: Connection, ids: Sequence[int]) -> None:
    """Delete documents that nothing refers to."""
    connection.execute(delete(documents).where(among(documents.c.id, ids, connection)))
