"""What every source protocol provides: questions (no I/O) and readers of answers (in the child).

The road of one answer: ``Protocol.ask`` makes a :class:`Request`; the parent fetches it; the child feeds the
bytes to a :class:`Reader`, which hands out :class:`RawRecord` after :class:`RawRecord` and at the end an
:class:`Envelope`. Nothing here opens a socket, a file or a database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from registry.model.issue import Issue
from registry.model.run import Window
from registry.model.source import SourceDescription

if TYPE_CHECKING:
    from lxml import etree


@dataclass(frozen=True, slots=True)
class Request:
    """One question to an endpoint: an absolute URL with its query, and extra header fields."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


class RawRecord(NamedTuple):
    """One record cut from an answer, not yet parsed.

    ``element`` is the metadata element (None for a deleted record), ``raw`` the whole record as UTF-8
    XML with its namespaces, ``identifier`` empty where the format's own key must mint it, ``place``
    where it stood (``record 17, line 240``).
    """

    identifier: str
    datestamp: datetime | None
    deleted: bool
    element: etree._Element | None
    raw: bytes
    place: str
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an answer says about itself once it has been read to its end.

    ``token``: the resumption token, empty where the list ends here; ``complete``: the answer ended as
    the protocol says it must; ``error_codes``: errors that the protocol itself reports (OAI-PMH);
    ``name``: the repository's name or the like (to notice that a source became another).
    """

    token: str = ""
    declared_total: int | None = None
    response_date: datetime | None = None
    complete: bool = True
    error_codes: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    name: str = ""


class Reader(Protocol):
    """Reads one answer from its bytes, as a stream (memory does not grow with the answer)."""

    def feed(self, chunk: bytes) -> Iterator[RawRecord]:
        """Take some bytes; hand out the records that are now whole. Raises ``schemas.xml.XmlRefused``."""
        ...

    def close(self) -> Envelope:
        """The answer has ended. Raises ``schemas.xml.XmlRefused`` where it broke off."""
        ...


class SourceProtocol(Protocol):
    """One row of ``PROTOCOLS``: how to ask a source for records, and how to read what it answers."""

    def ask(self, source: SourceDescription, window: Window, token: str) -> Request:
        """The next question of a walk: the first where ``token`` is empty, else its continuation."""
        ...

    def reader(self, source: SourceDescription) -> Reader:
        """A fresh reader for one answer. Runs in the child."""
        ...
