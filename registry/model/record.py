"""Records: what crosses the middle of the road, from the harvester to the registry.

What there is one of for every record is a named tuple rather than a dataclass: a third of the time to make, half of
it to send from one process to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from registry.model.document import Document, Facts
from registry.model.issue import Issue


class Condition(StrEnum):
    """What the harvester found a record to be."""

    LIVE = "live"  # accepted, with a document
    DELETED = "deleted"  # the source says that it is deleted
    REFUSED = "refused"  # its issues refuse it; the raw bytes are kept
    KNOWN = "known"  # the raw bytes were accepted before under the same rules


@dataclass(frozen=True, slots=True)
class Hop:
    """One level that a record has passed: one ``originDescription`` of OAI provenance.

    ``register`` is the code of the register that published it there, empty for the origin itself
    (an endpoint that is not one of our registers).
    """

    register: str
    base_url: str
    datestamp: str
    namespace: str
    harvested_at: str

    def harvested(self, at: str) -> Hop:
        """The same level, from which we took the record at the datestamp ``at``."""
        return Hop(self.register, self.base_url, self.datestamp, self.namespace, at)


def route_of(path: Sequence[Hop]) -> tuple[str, ...]:
    """The registers that a path passed, origin first: what makes two ways different, whatever the dates."""
    return tuple(hop.register for hop in path)


class Raw(NamedTuple):
    """The bytes of one record as they came (an XML element), and the keyed digest under which they are
    archived."""

    digest: bytes
    content: bytes


PIECE_BYTES = 1 << 20
"""How long the pieces of a kept answer are, all but the last. Never changes: a broken attempt is continued."""


class RawPage(NamedTuple):
    """An answer that could not be read, or the beginning of one, as it came; and the keyed digest of its
    ``size`` bytes, which ``pieces`` hands out (once, :data:`PIECE_BYTES` at a time)."""

    digest: bytes
    size: int
    pieces: Iterator[bytes]


class CheckedRecord(NamedTuple):
    """One record after checking. ``document`` is set for LIVE records whose text is new here;
    ``document_digest`` for LIVE records always (a hop within one installation passes only digests).

    ``datestamp`` is the source's own (UTC), ``place`` where in the answer it stood (for messages),
    ``path`` the levels it passed before it came to us, origin first.
    """

    identifier: str
    condition: Condition
    raw_digest: bytes = b""
    raw: Raw | None = None
    document: Document | None = None
    document_digest: bytes = b""
    datestamp: datetime | None = None
    issues: tuple[Issue, ...] = ()
    path: tuple[Hop, ...] = ()
    place: str = ""

    def standing_at(self, place: str) -> CheckedRecord:
        """The same record, said to stand at ``place``."""
        return CheckedRecord(
            self.identifier, self.condition, self.raw_digest, self.raw, self.document, self.document_digest,
            self.datestamp, self.issues, self.path, place,
        )  # fmt: skip


class KnownRecord(NamedTuple):
    """What the registry holds of an identifier from one source, as the comparison needs it.

    ``digest`` is the document's; ``version`` counts changes of this row; ``seen_run`` is the run that saw
    it last; ``stale`` says that a later text was refused; ``route`` see :func:`route_of`; ``updated_on`` is
    the document's own date.
    """

    id: int
    identifier: str
    raw_digest: bytes
    rules_version: int
    digest: bytes
    deleted: bool
    version: int
    seen_run: int | None
    absent_since: datetime | None
    stale: bool
    datestamp: datetime | None
    route: tuple[str, ...]
    updated_on: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One batch of records on its way from the pipeline to a sink.

    ``checkpoint`` resumes the walk *behind* this page (opaque to the registry). It is None where the page
    ends inside an answer: such a walk cannot be resumed there and begins anew. ``issues`` concern the
    answer as a whole, whose bytes are kept under ``raw_digest`` where they could not be read. ``singly``: its
    records were asked for one by one, and are no part of the list.
    """

    number: int
    records: Sequence[CheckedRecord]
    checkpoint: str | None
    issues: tuple[Issue, ...] = field(default=())
    raw_digest: bytes = b""
    singly: bool = False


class Pin(NamedTuple):
    """Somebody's decision that a source's record stands for an entry: who, and why."""

    by: str
    reason: str


class HeldRecord(NamedTuple):
    """A record as a candidate for an entry: what :func:`registry.model.merge.winner` looks at.

    ``divisions``: the codes from the province down to the document's own, on the day of receipt.
    ``retired``: its source is, and says nothing any more. ``owned``: its source was approved for a prefix of its
    identifier. ``pinned``: the decision that it stands, if there is one. ``stale``: a later text of it was refused,
    this is its last good one (decides nothing, is told).
    """

    source_id: int
    source_code: str
    digest: bytes
    deleted: bool
    facts: Facts | None
    path: tuple[Hop, ...]
    received_at: datetime
    divisions: tuple[str, ...] = ()
    retired: bool = False
    owned: bool = False
    pinned: Pin | None = None
    stale: bool = False
