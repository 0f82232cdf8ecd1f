"""Searching a register: which of its current entries hold what a person asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text

from registry.model.register import Register
from registry.store.engine import among, is_sqlite
from registry.store.tables import versions
from registry.store.tokens import Phrase, phrases_of


class Hit(NamedTuple):
    """An entry that was found, by its document and its version. Hits are ordered by both, newest first."""

    document_id: int
    sequence: int


def query(
    connection: Connection,
    register: Register,
    words: str,
    *,
    limit: int,
    after: Hit | None = None,
    specs: Sequence[str] = (),
) -> list[Hit]:
    """Up to ``limit`` entries of ``register`` as of its mark whose text holds all ``words``, from behind the
    hit ``after`` on; ``specs``: which are in all of these sets. Who may see them is not asked here.

    Nothing where ``words`` hold nothing that can be searched for.
    """
    phrases = phrases_of(words)
    if not phrases:
        return []
    sqlite = is_sqlite(connection)
    last = after or Hit(2**62, 2**62)
    values = {
        "phrases": _fts_query(phrases) if sqlite else _tsquery(phrases),
        "register_id": register.id, "mark": register.mark, "limit": limit,
        "document_id": last.document_id, "sequence": last.sequence,
        **{f"spec_{number}": spec for number, spec in enumerate(specs)},
    }  # fmt: skip
    current, superseded = (
        "".join(_FILED.format(sequence=sequence, number=number) for number in range(len(specs)))
        for sequence in ("e.head_sequence", "p.sequence")
    )
    hits = _hits(
        connection, (_CURRENT_SQLITE if sqlite else _CURRENT_POSTGRESQL) % (current, current), values
    )
    if register.head > register.mark:
        hits += _hits(
            connection, (_SUPERSEDED_SQLITE if sqlite else _SUPERSEDED_POSTGRESQL) % superseded, values
        )
        hits.sort(reverse=True)
    return hits[:limit]


def identifiers(connection: Connection, register_id: int, sequences: Sequence[int]) -> dict[int, str]:
    """The identifiers of the entries whose versions these are."""
    c = versions.c
    query = select(c.sequence, c.identifier).where(
        c.register_id == register_id, among(c.sequence, sequences, connection)
    )
    return {row.sequence: row.identifier for row in connection.execute(query)}


def _hits(connection: Connection, statement: str, values: dict[str, Any]) -> list[Hit]:
    return [Hit(*row) for row in connection.execute(text(statement), values)]


_FILED = """
    AND EXISTS (SELECT 1 FROM version_sets f JOIN sets s ON s.id = f.set_id
    WHERE f.register_id = :register_id AND f.sequence = {sequence} AND NOT f.gone AND s.spec = :spec_{number})
"""
_CURRENT = """
    e.register_id = :register_id AND e.head_sequence <= :mark AND NOT e.deleted
    AND (e.document_id < :document_id OR (e.document_id = :document_id AND e.head_sequence < :sequence)) %s
"""
# The index gives documents in their order by itself: so many that each has an entry are enough, and the entries of
# no more of them are read, however many documents hold the words.
_CURRENT_OF = f"""
    SELECT e.document_id, e.head_sequence FROM entries e
    WHERE {_CURRENT} AND e.document_id IN (
        SELECT {{key}} FROM document_index WHERE {{matches}} AND {{key}} <= :document_id
        AND EXISTS (SELECT 1 FROM entries e WHERE e.document_id = {{key}} AND {_CURRENT})
        ORDER BY {{key}} DESC LIMIT :limit
    )
    ORDER BY e.document_id DESC, e.head_sequence DESC LIMIT :limit
"""
_CURRENT_SQLITE = _CURRENT_OF.format(key="document_index.rowid", matches="document_index MATCH :phrases")
_CURRENT_POSTGRESQL = _CURRENT_OF.format(
    key="document_index.document_id", matches="tokens @@ CAST(:phrases AS tsquery)"
)

# While a run is being settled, some entries' heads lie above the mark: what they supersede is still current.
_SUPERSEDED = """
    SELECT p.document_id, p.sequence
    FROM versions v JOIN versions p ON p.register_id = v.register_id AND p.sequence = v.previous
    WHERE v.register_id = :register_id AND v.sequence > :mark AND v.previous BETWEEN 1 AND :mark
    AND NOT p.deleted
    AND (p.document_id < :document_id OR (p.document_id = :document_id AND p.sequence < :sequence))
    AND p.document_id IN ({matching}) %s
    ORDER BY p.document_id DESC, p.sequence DESC LIMIT :limit
"""
_SUPERSEDED_SQLITE = _SUPERSEDED.format(
    matching="SELECT rowid FROM document_index WHERE document_index MATCH :phrases"
)
_SUPERSEDED_POSTGRESQL = _SUPERSEDED.format(
    matching="SELECT document_id FROM document_index WHERE tokens @@ CAST(:phrases AS tsquery)"
)


def _fts_query(phrases: Sequence[Phrase]) -> str:
    """An FTS5 expression; tokens hold letters and digits only, so there is nothing to escape."""
    return " AND ".join(f'"{" ".join(each.tokens)}"{" *" if each.prefix else ""}' for each in phrases)


def _tsquery(phrases: Sequence[Phrase]) -> str:
    """The text of a ``tsquery``."""
    return " & ".join(
        "(" + " <-> ".join(f"'{token}'" for token in each.tokens) + (":*" if each.prefix else "") + ")"
        for each in phrases
    )
