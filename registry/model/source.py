"""Sources: registered endpoints, what they may speak for, and the fingerprint that was approved."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from registry.model.identifier import comparable


class Protocol(StrEnum):
    """How a source is asked. A row of ``harvester.protocols.PROTOCOLS`` carries each member out."""

    OAI_PMH = "oai-pmh"  # OAI-PMH 2.0 over HTTP
    XML_DOCUMENT = "xml-document"  # one XML file over HTTP, read as a complete list
    FOLDER = "folder"  # XML or zip files in a folder of this installation
    CONSOLE = "console"  # what an office without an endpoint hands in through the console, kept in the store
    REGISTER = "register"  # the log of another register in this installation


class SourceStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    RETIRED = "retired"


_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class SourceScope:
    """What a source may speak for. An empty ``divisions`` or ``categories`` means all of them.

    ``identifier_prefixes``: identifiers must begin with one of them; ``divisions``: six-digit codes,
    each standing for itself and everything below it; ``categories``: ``project``, ``credit``, or an item
    as ``credit:6.2`` (standing for the items below it too). ``co_reports_with``: codes of sources whose prefixes
    may overlap with its own, where they declare the same.
    """

    identifier_prefixes: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    co_reports_with: tuple[str, ...] = ()


class OwnedPrefix(NamedTuple):
    """An identifier prefix as it is compared, the code of the source that owns it, and the prefix as approved."""

    form: str
    owner: str
    prefix: str

    @classmethod
    def of(cls, prefix: str, owner: str) -> OwnedPrefix:
        """The prefix of an owner, as both."""
        return cls(comparable(prefix), owner, prefix)


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """A source as one order sees it: frozen when the order is placed, whatever happens to the row later.

    ``location``: a URL, a folder's path, or a register's code, after ``protocol`` (of CONSOLE: empty; an order about
    one delivery has its number there). ``namespace`` mints
    identifiers for formats with local keys only. ``allowed_networks`` are CIDR ranges that this source
    may live in beyond what the installation allows. ``credentials`` and ``ca_bundle`` are references
    (``env:NAME`` or ``file:PATH``), never secrets. ``owned``: the prefixes that are its own, and ``owned_elsewhere``:
    what other sources of the register own and this one may not bring, both sorted; they are looked up when a walk
    begins, and are no part of what is approved.
    """

    id: int
    code: str
    register_id: int
    register_code: str
    protocol: Protocol
    location: str
    metadata_prefix: str
    namespace: str
    scope: SourceScope = field(default_factory=SourceScope)
    set_spec: str = ""
    credentials: str = ""
    ca_bundle: str = ""
    allowed_networks: tuple[str, ...] = ()
    owned: tuple[OwnedPrefix, ...] = ()
    owned_elsewhere: tuple[OwnedPrefix, ...] = ()

    @property
    def is_internal(self) -> bool:
        """Whether this is a hop inside the installation (brakes stand only where data enter it)."""
        return self.protocol is Protocol.REGISTER

    @property
    def has_endpoint(self) -> bool:
        """Whether anything is asked for it: else all of it lies in the store of this installation."""
        return self.protocol not in (Protocol.REGISTER, Protocol.CONSOLE)

    @property
    def is_delivered(self) -> bool:
        """Whether it comes in deliveries: each is read once, one a run, and says itself whether it is a whole list."""
        return self.protocol in (Protocol.FOLDER, Protocol.CONSOLE)

    @property
    def host(self) -> str:
        """Whom asking it would burden: scheme, name and port of a URL; empty for what is in this installation."""
        if self.is_internal or self.is_delivered:
            return ""
        parts = urlsplit(self.location)
        name = (parts.hostname or "").rstrip(".")  # a name that is written as absolute is the same one
        return f"{parts.scheme}://{name}:{parts.port or _PORTS.get(parts.scheme, 0)}"

    @property
    def _place(self) -> tuple[object, ...]:
        """Where the source is asked; of a URL what is sent (no fragment), host names without case."""
        if self.is_internal or self.is_delivered:
            return (self.location,)
        parts = urlsplit(self.location)
        return (
            parts.scheme,
            parts.username,
            parts.password,
            parts.hostname,
            parts.port,
            parts.path,
            parts.query,
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of everything an approver approves; any change asks for approval again."""
        approved = (
            self.protocol,
            self._place,
            self.metadata_prefix,
            self.namespace,
            tuple(sorted(getattr(self.scope, each.name)) for each in fields(SourceScope)),
            self.set_spec,
            self.credentials,
            self.ca_bundle,
            tuple(sorted(self.allowed_networks)),
        )
        return sha256(repr(approved).encode()).hexdigest()
