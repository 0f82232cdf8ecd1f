"""What every source protocol provides: questions (no I/O) and readers of answers (in the child).

The road of one answer: ``SourceProtocol.ask`` makes a :class:`Request`; the parent fetches it; the child
feeds the bytes to a :class:`Reader`, which hands out :class:`RawRecord` after :class:`RawRecord` and at the
end an :class:`Envelope`, whose token asks for the next answer. An answer may hold no record and still have
a token (OAI-PMH first asks who it is talking to). Nothing here opens a socket, a file or a database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from registry.model.datestamp import Granularity
from registry.model.issue import Issue
from registry.model.record import Hop
from registry.model.run import Scope, Window
from registry.model.source import SourceDescription
from schemas.gauge import TreeLimits

if TYPE_CHECKING:
    from lxml import etree


@dataclass(frozen=True, slots=True)
class Request:
    """One question to an endpoint: an absolute URL with its query, and extra header fields.

    ``whole_list``: the answer is a complete list of any length, not a page. The scheme ``folder:`` is
    answered by :func:`harvester.protocols.folder.open_answer`, any other by ``harvester.http``.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    whole_list: bool = False


class Answer(Protocol):
    """What a request got: ``harvester.http.Answer``, or a document of a folder.

    ``headers`` holds ``ETag``, ``Last-Modified``, ``Content-Type`` and ``Retry-After`` where they came.
    """

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def not_modified(self) -> bool: ...
    def chunks(self) -> Iterator[bytes]:
        """The bytes of the answer, once. Raises ``HarvestFailure``."""
        ...


class RawRecord(NamedTuple):
    """One record cut from an answer, not yet parsed.

    ``element`` is the metadata element (None for a deleted record or where only headers were asked for),
    ``raw`` the whole record as UTF-8 XML with its namespaces, ``identifier`` empty where the format's own
    key must mint it, ``place`` where it stood (``record 17, line 240``). ``path``: the levels that the
    record says it passed before it came to this source, origin first (OAI provenance). ``sets``: the
    setSpecs of its header. ``inner``: the part of ``raw`` that is the element, where that is known.
    """

    identifier: str
    datestamp: datetime | None
    deleted: bool
    element: etree._Element | None
    raw: bytes
    place: str
    issues: tuple[Issue, ...] = ()
    path: tuple[Hop, ...] = ()
    sets: tuple[str, ...] = ()
    inner: bytes = b""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a repository says it is (Identify). ``deleted_record``: no, transient or persistent."""

    name: str
    base_url: str
    granularity: Granularity
    deleted_record: str
    earliest: datetime | None = None


class OfferedFormat(NamedTuple):
    """One row of ListMetadataFormats."""

    prefix: str
    schema: str
    namespace: str


class OfferedSet(NamedTuple):
    """One row of ListSets."""

    spec: str
    name: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an answer says about itself once it has been read to its end.

    ``token``: the resumption token, empty where the list ends here; ``complete``: the answer ended as
    the protocol says it must, and is one from which something may be concluded; ``error_codes``: errors
    that the protocol itself reports (OAI-PMH); ``name``: the repository's name or the like (to notice that
    a source became another); ``scope``: what a delivery itself says that it lists, None where it says
    nothing; ``answered``: which question the answer is one to, where it says so (an OAI-PMH verb);
    ``end_told``: whether an answer without a token says that the list ends there.
    ``identity``, ``formats`` and ``sets`` answer the questions of a probe.
    """

    token: str = ""
    declared_total: int | None = None
    response_date: datetime | None = None
    complete: bool = True
    error_codes: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    name: str = ""
    scope: Scope | None = None
    answered: str = ""
    end_told: bool = True
    identity: Identity | None = None
    formats: tuple[OfferedFormat, ...] = ()
    sets: tuple[OfferedSet, ...] = ()


class Reader(Protocol):
    """Reads one answer from its bytes, as a stream (memory does not grow with the answer)."""

    def feed(self, chunk: bytes) -> Iterator[RawRecord]:
        """Take some bytes; hand out the records that are now whole. Raises ``schemas.xml.XmlRefused``, after
        the records that stood before the fault."""
        ...

    def close(self) -> Envelope:
        """The answer has ended. Raises ``schemas.xml.XmlRefused`` where it broke off."""
        ...


class SourceProtocol(Protocol):
    """One row of ``PROTOCOLS``: how to ask a source for records, and how to read what it answers."""

    def ask(self, source: SourceDescription, window: Window, token: str) -> Request:
        """The next question of a walk: the first where ``token`` is empty, else its continuation."""
        ...

    def misfit(self, token: str, envelope: Envelope, records: int) -> Issue | None:
        """Why an answer with this envelope and so many records cannot be the answer to the question that
        ``token`` asked; None where it can. Nothing may be concluded from one that does not fit."""
        ...

    def doubt(self, token: str, envelope: Envelope) -> Issue | None:
        """Why nobody can say whether the list, which was continued with ``token``, ends with this answer; None
        where it goes on, or says that it ends."""
        ...

    def refuses(self, token: str, envelope: Envelope) -> bool:
        """Whether the source no longer knows the ``token``, so that the list must begin anew."""
        ...

    @property
    def single(self) -> SingleRecords | None:
        """How records are asked for one by one; None where they cannot be. A source that can be asked so hands
        out its tokens itself, as many as it likes."""
        ...

    def reader(self, source: SourceDescription, limits: TreeLimits = TreeLimits()) -> Reader:
        """A fresh reader for one answer. Runs in the child."""
        ...


class SingleRecords(Protocol):
    """Questions for records one by one."""

    def ask_identifiers(
        self, source: SourceDescription, window: Window, beginning: str, token: str
    ) -> Request:
        """A page of the identifiers in ``window``, the first where ``token`` is empty. ``beginning``: the token
        with which the walk began its list."""
        ...

    def ask_record(self, source: SourceDescription, identifier: str) -> Request:
        """One record."""
        ...

    def misfit(self, request: Request, envelope: Envelope) -> Issue | None:
        """Why an answer cannot be the one to such a ``request``; None where it can."""
        ...

    def is_unknown(self, envelope: Envelope) -> bool:
        """Whether the source says that there is no such record."""
        ...

    def token_behind(self, end: bytes) -> str:
        """The token that stands where an answer ends that could not be read (``end``: its last bytes); empty
        where none does. It is the source's own word, and goes back to nobody else."""
        ...

    def identifier_reader(self, limits: TreeLimits = TreeLimits()) -> Reader:
        """A fresh reader for a page of identifiers: records without an element. Runs in the child."""
        ...


class WithoutTokens:
    """What a protocol need not say whose tokens, if any, are our own."""

    single: SingleRecords | None = None

    def misfit(self, token: str, envelope: Envelope, records: int) -> Issue | None:
        """Every answer fits."""
        return None

    def doubt(self, token: str, envelope: Envelope) -> Issue | None:
        """A list ends where it ends."""
        return None

    def refuses(self, token: str, envelope: Envelope) -> bool:
        """Our own tokens hold."""
        return False
