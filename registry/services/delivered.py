"""The deliveries that are kept in the store, as the harvester reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry.model.delivery import OPEN, Delivery
from registry.model.source import SourceDescription
from registry.store import deliveries
from registry.store.engine import Engines


@dataclass(frozen=True, slots=True)
class KeptDeliveries:
    """Fulfils ``registry.model.delivery.DeliveryReader``."""

    engines: Engines

    def find(self, source: SourceDescription, after: str, place: str) -> Delivery | None:
        """See ``DeliveryReader``."""
        with self.engines.read.connect() as connection:
            if source.location:
                asked = deliveries.get(connection, int(source.location))
                return asked if asked.source_id == source.id and asked.state in OPEN else None
            if place:
                return deliveries.numbered(connection, source.id, int(place))
            return deliveries.next_delivered(connection, source.id, int(after or 0))

    def pieces(self, delivery: Delivery) -> Iterator[bytes]:
        """See ``DeliveryReader``. Each piece is read in a transaction of its own."""
        number = 0
        while True:
            with self.engines.read.connect() as connection:
                piece = deliveries.piece(connection, delivery.id, number)
            if piece is None:
                return
            yield piece
            number += 1
