"""Deliveries: files and records that an office without an endpoint hands in through the console."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from registry.model.run import Scope
from registry.model.source import SourceDescription

NAME_LIMIT = 120
"""Characters of a file's name that are kept."""


class FileKind(StrEnum):
    """The files that can be delivered, by the ends of their names."""

    XML = ".xml"
    ZIP = ".zip"
    CSV = ".csv"
    XLSX = ".xlsx"


class Origin(StrEnum):
    """How a delivery came to be."""

    FILE = "file"  # an uploaded file
    FORM = "form"  # one record, entered in a form
    WITHDRAWAL = "withdrawal"  # a record that its office takes back


class DeliveryState(StrEnum):
    """Where a delivery stands. Its bytes are there while it is KEPT or DELIVERED."""

    KEPT = "kept"  # handed in and looked at; nothing of it counts yet
    DELIVERED = "delivered"  # its office has delivered it: the next harvest reads it
    TAKEN = "taken"  # a harvest has read it
    DISCARDED = "discarded"  # its office has dropped it


OPEN = (DeliveryState.KEPT, DeliveryState.DELIVERED)
"""The states in which a delivery has its bytes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery. ``name`` and ``kind`` of its file; ``digest``: SHA-256 of its bytes; ``withdrawn``: identifiers of
    records that are taken back; ``order_id``: the order that looks at it, None where none does; ``number``: its place
    among those that its source has delivered, None before that."""

    id: int
    source_id: int
    name: str
    kind: FileKind
    origin: Origin
    scope: Scope
    size: int
    digest: bytes
    withdrawn: tuple[str, ...]
    state: DeliveryState
    reason: str
    handed_in_by: str
    handed_in_at: datetime
    order_id: int | None = None
    number: int | None = None
    decided_by: str = ""
    decided_at: datetime | None = None

    @property
    def place(self) -> str:
        """What it is called among the deliveries of its source: such names grow with time. What is only looked at
        has none there, and is called after its key."""
        return place_name(self.id if self.number is None else self.number)


def place_name(number: int) -> str:
    """The name of the delivery with that number."""
    return f"{number:012d}"


def file_kind(name: str) -> FileKind | None:
    """What the end of a file's name says that it is; None for what cannot be delivered."""
    return next((each for each in FileKind if name.lower().endswith(each)), None)


def asked_for(delivery_id: int) -> str:
    """Where (``SourceDescription.location``) an order looks that is about one delivery, delivered or not."""
    return str(delivery_id)


class DeliveryReader(Protocol):
    """The deliveries that are kept in this installation, as a walk reads them."""

    def find(self, source: SourceDescription, after: str, place: str) -> Delivery | None:
        """The delivery called ``place``; where that is empty the next one behind ``after``. An order about one
        delivery (:func:`asked_for`) finds that one. None where it is not there (any more)."""
        ...

    def pieces(self, delivery: Delivery) -> Iterator[bytes]:
        """Its bytes."""
        ...
