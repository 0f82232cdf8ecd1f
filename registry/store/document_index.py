"""The search index over documents: one row of tokens a document, filed under the document's id.

SQLite keeps it in an FTS5 table without content (the text lies in ``documents`` already), PostgreSQL in a
``tsvector`` column with a GIN index. Both are fed with the tokens of :mod:`registry.store.tokens` and leave
them as they are: FTS5's ``ascii`` tokenizer splits at spaces, and a ``tsvector`` is written out position by
position. Documents never change: rows are added, and taken out where a document is erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, bindparam, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from registry.store.engine import insert_rows, is_sqlite

_CREATE_SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS document_index USING fts5(tokens, content='', tokenize='ascii')",
    # Gather 8 MiB (not 1) in memory before writing a segment: a fifth less work a document.
    "INSERT INTO document_index(document_index, rank) VALUES ('hashsize', 8388608)",
)
_CREATE_POSTGRESQL = (
    """CREATE TABLE IF NOT EXISTS document_index (
        document_id BIGINT NOT NULL CONSTRAINT pk_document_index PRIMARY KEY
            CONSTRAINT fk_document_index_document_id REFERENCES documents (id) ON DELETE CASCADE,
        tokens TSVECTOR NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS ix_document_index_tokens ON document_index USING gin (tokens)",
)

_index = Table("document_index", MetaData(), Column("document_id", BigInteger), Column("tokens", TSVECTOR))
"""PostgreSQL's, to insert into."""


class Unindexed(NamedTuple):
    """A document that the index lacks, and the version (of the register asked for) that brought it."""

    sequence: int
    document_id: int
    search_text: str


def create_document_index(connection: Connection) -> None:
    """Make the index where it is missing; ``documents`` exists already."""
    for statement in _CREATE_SQLITE if is_sqlite(connection) else _CREATE_POSTGRESQL:
        connection.exec_driver_sql(statement)


def drop_document_index(connection: Connection) -> None:
    """Take the index away."""
    connection.exec_driver_sql("DROP TABLE IF EXISTS document_index")


def unindexed(connection: Connection, register_id: int, after: int, mark: int, limit: int) -> list[Unindexed]:
    """Up to ``limit`` documents of a register's versions (after, mark] that the index lacks, in the order
    of these versions; a document that several versions carry comes several times."""
    rows = connection.execute(
        text(
            "SELECT v.sequence, d.id, d.search_text FROM versions v JOIN documents d ON d.id = v.document_id"
            " WHERE v.register_id = :register_id AND v.sequence > :after AND v.sequence <= :mark"
            f" AND NOT EXISTS (SELECT 1 FROM {_KEYS[is_sqlite(connection)]} WHERE document_id = d.id)"
            " ORDER BY v.sequence LIMIT :limit"
        ),
        {"register_id": register_id, "after": after, "mark": mark, "limit": limit},
    )
    return [Unindexed(*row) for row in rows]


_KEYS = {True: "(SELECT id AS document_id FROM document_index_docsize)", False: "document_index"}
"""Where the keys of the index stand: FTS5 has a table of its own for them (True: SQLite)."""


def add(connection: Connection, tokenised: Mapping[int, Sequence[str]]) -> int:
    """Enter documents (id → tokens), passing over those that another writer has entered meanwhile; returns
    how many were missing. They are written in the order of their ids: two writers then wait for each
    other, and never in a circle."""
    ids = sorted(tokenised)
    among_them = f"SELECT document_id FROM {_KEYS[is_sqlite(connection)]} WHERE document_id IN :ids"
    query = text(among_them).bindparams(bindparam("ids", expanding=True))
    present = set(connection.scalars(query, {"ids": ids})) if ids else set()
    missing = [key for key in ids if key not in present]
    if not missing:
        return 0
    if is_sqlite(connection):
        rows = [(key, " ".join(tokenised[key])) for key in missing]
        connection.exec_driver_sql("INSERT INTO document_index (rowid, tokens) VALUES (?, ?)", rows)
    else:
        vectors = ((key, tsvector(tokenised[key])) for key in missing)
        insert_rows(connection, _index, list(_index.c), vectors, ignore_existing=True)
    return len(missing)


def remove(connection: Connection, tokenised: Mapping[int, Sequence[str]]) -> None:
    """Take documents (id → the tokens under which they were entered) out of the index, as far as it has them.

    FTS5 keeps no content here: it must be told what it forgets, and would be damaged by other tokens.
    """
    ids = sorted(tokenised)
    if not is_sqlite(connection):
        query = text("DELETE FROM document_index WHERE document_id IN :ids")
        connection.execute(query.bindparams(bindparam("ids", expanding=True)), {"ids": ids})
        return
    among_them = text("SELECT id FROM document_index_docsize WHERE id IN :ids")
    present = connection.scalars(among_them.bindparams(bindparam("ids", expanding=True)), {"ids": ids})
    rows = [(key, " ".join(tokenised[key])) for key in present.all()]
    if rows:
        statement = "INSERT INTO document_index (document_index, rowid, tokens) VALUES ('delete', ?, ?)"
        connection.exec_driver_sql(statement, rows)


def tsvector(tokens: Sequence[str]) -> str:
    """The text of a ``tsvector`` with these tokens at positions 1, 2, …; tokens hold nothing to escape."""
    places: dict[str, list[str]] = {}
    for place, token in enumerate(tokens, 1):
        places.setdefault(token, []).append(str(place))
    return " ".join(f"'{token}':{','.join(found)}" for token, found in places.items())
