"""Documents, each stored once under its digest, and the facts read from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from registry.model.document import Catalogue, Document, Facts, Sharing
from registry.store.engine import among, insert_rows, rows_of
from registry.store.tables import documents

_c = documents.c
FACT_COLUMNS = (
    _c.title, _c.catalogue, _c.item, _c.division, _c.body,
    _c.sharing, _c.open, _c.published_from, _c.published_until, _c.updated_on,
)  # fmt: skip
_INSERTED = (_c.digest, _c.content, _c.search_text, *FACT_COLUMNS)
_CATALOGUES = {str(each): each for each in Catalogue}
_SHARINGS = {str(each): each for each in Sharing}


class StoredDocument(NamedTuple):
    """A document's key and facts, without its bytes."""

    id: int
    digest: bytes
    facts: Facts


def facts_from(row: Sequence[Any] | Row[Any], start: int = 0) -> Facts | None:
    """The facts in a row whose columns from ``start`` on are ``FACT_COLUMNS``; None after an outer join."""
    if row[start] is None:
        return None
    title, catalogue, item, division, body, sharing, is_open, since, until, updated = row[start : start + 10]
    return Facts(
        title,
        _CATALOGUES[catalogue],
        item,
        division,
        body,
        _SHARINGS[sharing],
        is_open,
        since,
        until,
        updated,
    )


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def store(connection: Connection, incoming: Iterable[Document]) -> dict[bytes, int]:
    """Store the documents that are not there yet; returns the id of each by its digest.

    Inserted in the order of their digests: two writers then wait for each other, and never in a circle.
    """
    by_digest = {each.digest: each for each in incoming}
    if not by_digest:
        return {}
    rows = (_row(by_digest[digest]) for digest in sorted(by_digest))
    insert_rows(connection, documents, _INSERTED, rows, ignore_existing=True)
    return ids_of(connection, by_digest)


def _row(document: Document) -> tuple[Any, ...]:
    facts = document.facts
    return (
        document.digest, document.content, document.search_text,
        facts.title, str(facts.catalogue), facts.item, facts.division, facts.body, str(facts.sharing),
        facts.open, _day(facts.published_from), _day(facts.published_until), _day(facts.updated_on),
    )  # fmt: skip


def ids_of(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    """The ids of those documents that are stored, by digest."""
    wanted = list(digests)
    if not wanted:
        return {}
    found = rows_of(connection, documents, (_c.id, _c.digest), _c.digest, wanted)
    return {digest: key for key, digest in found}


def by_ids(connection: Connection, ids: Iterable[int]) -> dict[int, StoredDocument]:
    """Keys and facts of documents, by id."""
    query = select(_c.id, _c.digest, *FACT_COLUMNS).where(among(_c.id, list(ids), connection))
    found = {}
    for row in connection.execute(query):
        facts = facts_from(row, 2)
        assert facts is not None
        found[row[0]] = StoredDocument(row[0], row[1], facts)
    return found


def digests(connection: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """The digests of documents, by id."""
    query = select(_c.id, _c.digest).where(among(_c.id, ids, connection))
    return {row[0]: row[1] for row in connection.execute(query)}


def contents(connection: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """The canonical bytes of documents, by id."""
    query = select(_c.id, _c.content).where(among(_c.id, ids, connection))
    return {row[0]: bytes(row[1]) for row in connection.execute(query)}


def content(connection: Connection, document_id: int) -> bytes:
    """The canonical bytes of one document."""
    return bytes(connection.execute(select(_c.content).where(_c.id == document_id)).scalar_one())
