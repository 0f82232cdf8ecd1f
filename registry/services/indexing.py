"""Feeding the search index from the log of a register, after publication, in slices."""

from __future__ import annotations

from registry.store import document_index, registers
from registry.store.engine import Engines, transaction
from registry.store.tokens import tokens_of

SLICE = 2000
"""Documents a transaction: other writers hardly wait."""


def feed(engines: Engines, register_id: int, slice_size: int = SLICE) -> int:
    """Bring the index up to the register's mark; returns how many documents it did not hold before.

    Several workers may feed at once, also from different registers with the same documents. Whoever is
    stopped leaves whole slices behind; the next one goes on there.
    """
    fed = 0
    while (added := _feed_slice(engines, register_id, slice_size)) is not None:
        fed += added
    return fed


def _feed_slice(engines: Engines, register_id: int, size: int) -> int | None:
    """Index the next slice; None when the register is indexed through its mark."""
    with engines.read.connect() as connection:
        mark = registers.by_id(connection, register_id).mark
        after = registers.indexed_through(connection, register_id)
        if after >= mark:
            return None
        found = document_index.unindexed(connection, register_id, after, mark, size)
    tokenised = {each.document_id: tokens_of(each.search_text) for each in found}
    through = found[-1].sequence if len(found) == size else mark
    with transaction(engines.write) as connection:
        added = document_index.add(connection, tokenised)
        registers.advance_index(connection, register_id, through)
    return added
