"""What was found where an endpoint was looked at and nothing was written: the outcome of an order that inspects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from registry.model.issue import Severity, Text
from registry.model.run import Scope, Tally, Verdict

ANSWERED = "answered"
"""The ending of a look that the endpoint answered."""
RECORDS_SHOWN = 5
"""So many records are shown as they would appear."""
VALUE_LIMIT = 500
"""Characters of one value that are kept of them."""


@dataclass(frozen=True, slots=True)
class Identified:
    """What an OAI-PMH endpoint says it is."""

    name: str = ""
    base_url: str = ""
    granularity: str = ""
    deleted_record: str = ""
    earliest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """A metadata format that an endpoint offers."""

    prefix: str
    schema: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class OfferedSet:
    """A set that an endpoint offers."""

    spec: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often one issue was found, with the first time that it was."""

    code: str
    severity: Severity
    count: int
    message: Text = Text("", "")
    hint: Text = Text("", "")
    identifier: str = ""
    place: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class ShownField:
    """One text of a record: what the schema calls it, and what it stands for where it is a code."""

    label: Text
    value: str
    meaning: Text = Text("", "")


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record as it would appear: checked and masked."""

    identifier: str
    title: str
    fields: tuple[ShownField, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """How an endpoint was reached. ``address``: where the connection went (empty: through a proxy, or nowhere);
    ``tls``: the version that was spoken, empty for none; ``seconds`` and ``bytes`` of all answers, and how many
    ``answers`` there were."""

    address: str = ""
    tls: str = ""
    seconds: float = 0.0
    bytes: int = 0
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe found. ``ending``: ``answered``, or how it failed; ``failures``: what could not be asked."""

    ending: str
    message: Text
    identity: Identified | None = None
    formats: tuple[Offered, ...] = ()
    sets: tuple[OfferedSet, ...] = ()
    received: int = 0
    accepted: int = 0
    refused: int = 0
    issues: tuple[RuleCount, ...] = ()
    records: tuple[ShownRecord, ...] = ()
    failures: tuple[Text, ...] = ()
    endpoint: EndpointFacts = field(default_factory=EndpointFacts)

    @property
    def has_answered(self) -> bool:
        """Whether the endpoint answered at all."""
        return self.ending == ANSWERED


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a source a trial looks at, or so: it stops behind the answer that it is reading then."""

    records: int = 20_000
    seconds: float = 180.0


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many identifiers another source holds too, and the first of them."""

    source: str
    count: int
    identifier: str


@dataclass(frozen=True, slots=True)
class SameAs:
    """A record and an entry that may be the same thing under two identifiers: what they share (``kind``: ``document``
    with its number and authority, or ``project`` with its code)."""

    kind: str
    number: str
    authority: str
    identifier: str
    title: str
    other: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial found. ``whole``: the list was read to its end (else as far as the ``budget`` went); ``tally``: what
    would become of the records; ``holds``: why the brake would hold the harvest; ``overlaps``: by each other source
    that holds records of it, ``overlapping``: how many any of them holds; ``out_of_scope``: records for which the
    source may not speak; ``upward`` and ``public``: how many peers, and how many everybody, could see."""

    ending: str
    message: Text
    whole: bool
    budget: Budget
    verdict: Verdict | None
    tally: Tally
    holds: tuple[Text, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    overlapping: int = 0
    same: tuple[SameAs, ...] = ()
    out_of_scope: int = 0
    issues: tuple[RuleCount, ...] = ()
    upward: int = 0
    public: int = 0
    records: tuple[ShownRecord, ...] = ()
    endpoint: EndpointFacts = field(default_factory=EndpointFacts)

    @property
    def has_answered(self) -> bool:
        """Whether the endpoint answered at all."""
        return self.ending == ANSWERED


@dataclass(frozen=True, slots=True)
class RowIssue:
    """An issue of one record. ``place``: where that stood in what was handed in; ``path``: the field."""

    place: str
    identifier: str
    code: str
    severity: Severity
    message: Text
    hint: Text
    path: str


@dataclass(frozen=True, slots=True)
class Previewed:
    """What would become of a delivery. ``scope``: what it says that it lists; ``tally``: what would become of its
    records, and of those that it leaves out; ``holds``: why the brake would hold it; ``rows``: the first issues one by
    one, ``issues`` all of them by rule."""

    ending: str
    message: Text
    scope: Scope
    verdict: Verdict | None
    tally: Tally
    holds: tuple[Text, ...] = ()
    issues: tuple[RuleCount, ...] = ()
    rows: tuple[RowIssue, ...] = ()
    records: tuple[ShownRecord, ...] = ()

    @property
    def was_read(self) -> bool:
        """Whether it could be read to its end."""
        return self.ending == ANSWERED


class Place(StrEnum):
    """Where the word that proves control was found."""

    WELL_KNOWN = "well-known"  # in a file of the host
    IDENTIFY = "identify"  # in what the endpoint says of itself


@dataclass(frozen=True, slots=True)
class Proved:
    """Whether the ``word`` of a source was found: where, and at which address; else why not."""

    word: str
    place: Place | None
    url: str = ""
    failures: tuple[Text, ...] = ()
    endpoint: EndpointFacts = field(default_factory=EndpointFacts)
