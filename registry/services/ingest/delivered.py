"""What becomes of a delivery once it was read."""

from __future__ import annotations

from registry.model.source import Protocol, SourceDescription
from registry.store import deliveries
from registry.store.engine import Connection


def take_in(connection: Connection, source: SourceDescription, through: str) -> None:
    """The deliveries of a source up to the one called ``through`` (empty: none) need not be read again: those that
    are kept in the store are forgotten, with the transaction that moves on. Folders are their owner's."""
    if source.protocol is Protocol.CONSOLE and through:
        deliveries.take_in(connection, source.id, through)
