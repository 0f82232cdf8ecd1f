"""Three levels over what origins say: cities, a province and a region over them, the nation over both.

``World`` hears statements through the real services; ``expected`` says, by the pure rules alone, what its registers
must come to, whatever came when. Examples do not clear the store: each speaks under identifiers of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import select

from registry.model.brake import BrakeLimits
from registry.model.document import Document
from registry.model.merge import AuthorityPolicy, AuthorityRule, winner
from registry.model.record import CheckedRecord, HeldRecord, Hop, route_of
from registry.model.register import Level, Policy
from registry.model.run import Scope
from registry.model.source import Protocol
from registry.model.visibility import Audience, day_of, visible
from registry.store.tables import versions
from schemas.codes import divisions
from tests.factories import COMPLETE_WALK, Installation, catalogue_document, deleted, live
from tests.integration.standing import Entry, Log, live_entries, log_of

REGISTERS = {
    "A": ("330100", Level.MUNICIPAL),
    "B": ("330200", Level.MUNICIPAL),
    "P": ("330000", Level.PROVINCIAL),
    "R": ("310000", Level.REGIONAL),
    "N": ("000000", Level.NATIONAL),
}
ORIGINS = {"a1": "A", "a2": "A", "b1": "B", "p1": "P"}
"""Endpoints, and the registers that harvest them; ``p1`` is a department of the province."""

HOPS = {
    "p-a": ("P", "A"),
    "p-b": ("P", "B"),
    "r-a": ("R", "A"),
    "r-b": ("R", "B"),
    "n-p": ("N", "P"),
    "n-r": ("N", "R"),
}
"""Sources that read a register, from the cities up: the register that they feed, and the one that they read."""

_OFFICE = "甲局"
AUTHORITIES = {
    "A": (AuthorityRule("a2", body=_OFFICE),),
    "P": (AuthorityRule("p-b", body=_OFFICE), AuthorityRule("p1", division="330100", category="credit")),
    "N": (AuthorityRule("n-r", division="330000", body=_OFFICE),),
}
_NO_BRAKE = BrakeLimits(vanish_floor=10**9, vanish_ceiling=10**9, rewrite_from=10**9, growth_factor=10**9)

TEXTS: Sequence[Document] = (
    catalogue_document("1", updated_on=date(2024, 1, 1)),
    catalogue_document("2", updated_on=date(2024, 2, 1)),
    catalogue_document("3", updated_on=date(2024, 2, 1), body=_OFFICE),
    catalogue_document("4", updated_on=date(2099, 1, 1), division="330200"),
    catalogue_document("5", body=_OFFICE, division="330200", catalogue="credit", item="6.2"),
    catalogue_document("6", catalogue="credit", item="6.2"),
    catalogue_document("7", updated_on=date(2024, 3, 1), sharing="3"),
)


class Statement(NamedTuple):
    """What an origin says: the text (an index into ``TEXTS``; None: deleted) under a key."""

    origin: str
    key: int
    text: int | None


class _Stand(NamedTuple):
    """What stands in a register under a key, and the way it came."""

    entry: Entry
    document: Document
    path: tuple[Hop, ...]


class Owned(NamedTuple):
    """Who is approved for everything, and who brings nothing then: at every level, but where nobody is approved."""

    owners: Mapping[str, str]
    barred: Set[str]


OWNED = {
    "stated": Owned({"a1": "oai:", "p-a": "oai:"}, frozenset(("a2", "p1", "p-b", "r-b"))),
    "inherited": Owned({"a1": "oai:"}, frozenset(("a2", "p1", "p-b", "r-b"))),
    "two cities": Owned({"a1": "oai:", "b1": "oai:"}, frozenset(("a2", "p1"))),
}
"""Where somebody owns something: an endpoint of a city, and perhaps that city in the province; or one endpoint of each
city, so that what they bring are variants above."""


def expected(
    statements: Sequence[Statement], now: datetime, barred: Set[str] = frozenset()
) -> dict[str, dict[int, Entry]]:
    """Register by register the live entry of each key, once all origins have said all this; those that are ``barred``
    say it in vain."""
    standing: dict[str, dict[int, _Stand]] = {}
    for name in REGISTERS:
        standing[name] = {}
        for key in {each.key for each in statements}:
            held = [
                held
                for origin, register in ORIGINS.items()
                if register == name and origin not in barred
                if (held := _said_by(origin, key, statements, now)) is not None
            ]
            for hop, (above, below) in HOPS.items():
                if above == name and key in standing[below] and hop not in barred:
                    held += _read_from(hop, below, standing[below][key], now)
            best = winner(held, AuthorityPolicy(AUTHORITIES.get(name, ())))
            if best is not None and not best.deleted:
                entry = Entry(best.digest, best.source_code, " ".join(route_of(best.path)))
                document = next(text for text in TEXTS if text.digest == best.digest)
                standing[name][key] = _Stand(entry, document, best.path)
    return {name: {key: each.entry for key, each in found.items()} for name, found in standing.items()}


def _said_by(origin: str, key: int, statements: Sequence[Statement], now: datetime) -> HeldRecord | None:
    """What a register holds from an origin: its last word; of a deletion, the last text too."""
    said = [each.text for each in statements if (each.origin, each.key) == (origin, key)]
    texts = [text for text in said if text is not None]
    if not texts:
        return None
    return _record(origin, TEXTS[texts[-1]], said[-1] is None, (Hop("", "", "", "", ""),), now)


def _read_from(hop: str, below: str, stand: _Stand, now: datetime) -> list[HeldRecord]:
    """What a register holds from the one below: what its peers may see, and what has not come from here."""
    if not visible(stand.document.facts, Audience.PEER, day_of(now)):
        return []
    return [_record(hop, stand.document, False, (*stand.path, Hop(below, "", "", "", "")), now)]


def _record(
    source: str, document: Document, is_deleted: bool, path: tuple[Hop, ...], now: datetime
) -> HeldRecord:
    above = divisions.path(document.facts.division, day_of(now))
    return HeldRecord(0, source, document.digest, is_deleted, document.facts, path, now, above)


@dataclass(slots=True)
class World:
    """The registers of all levels. ``namespace`` is the example's, ``said`` what each origin says now."""

    installation: Installation
    namespace: str = ""
    said: dict[str, dict[int, int | None]] = field(default_factory=dict)

    def found(self, owners: Mapping[str, str] = MappingProxyType({})) -> World:
        """Make the registers and sources of a new world; ``owners``: the prefix that a source is approved for."""
        for name, (division, level) in REGISTERS.items():
            policy = Policy(AuthorityPolicy(AUTHORITIES.get(name, ())), _NO_BRAKE)
            self.installation.register(name, name, level, division, policy)
        for origin, register in ORIGINS.items():
            self._add(origin, register, "", Protocol.OAI_PMH, owners)
        for hop, (above, below) in HOPS.items():
            self._add(hop, above, below, Protocol.REGISTER, owners)
        return self

    def _add(
        self, code: str, register: str, location: str, protocol: Protocol, owners: Mapping[str, str]
    ) -> None:
        prefixes = (owners[code],) if code in owners else ()
        self.installation.source(
            code, register, namespace="", location=location, protocol=protocol, prefixes=prefixes
        )

    def begin(self, namespace: str) -> None:
        """Another example begins."""
        self.namespace = namespace
        self.said = {origin: {} for origin in ORIGINS}

    def harvest(self, origin: str, statements: Iterable[Statement]) -> None:
        """Harvest what an origin says, in as many runs as it says something new under one key."""
        for answer in _answers(statements):
            self.said[origin] |= answer
            self._deliver(origin, answer)

    def repeat(self, origin: str) -> None:
        """Harvest an origin once more."""
        self._deliver(origin, self.said[origin])

    def read(self, hop: str, *, full: bool = False) -> None:
        """Read a register from the one above."""
        self.installation.read_upward(hop, full=full)

    def read_all(self, *, full: bool = False) -> None:
        """Read all registers from the ones above, from the cities up."""
        for hop in HOPS:
            self.read(hop, full=full)

    def _deliver(self, origin: str, answer: Mapping[int, int | None]) -> None:
        self.installation.harvest(
            origin,
            [self._record(key, text) for key, text in answer.items()],
            full=False,
            walk=replace(COMPLETE_WALK, scope=Scope.DELTA),
        )

    def _record(self, key: int, text: int | None) -> CheckedRecord:
        if text is None:
            return deleted(str(key), namespace=self.namespace)
        return live(str(key), TEXTS[text], namespace=self.namespace)

    def standing(self) -> dict[str, dict[int, Entry]]:
        """Register by register the live entry of each key of this example."""
        mine = f"oai:{self.namespace}:"
        return {
            name: {
                int(identifier.removeprefix(mine)): entry
                for identifier, entry in live_entries(self.installation.engines, name).items()
                if identifier.startswith(mine)
            }
            for name in REGISTERS
        }

    def logs(self) -> dict[str, Log]:
        """How far the logs have come."""
        return {name: log_of(self.installation.engines, name) for name in REGISTERS}

    def idle_versions(self) -> list[str]:
        """Versions of this example that say what the one before them said already."""
        v = versions.c
        query = (
            select(v.register_id, v.identifier, v.document_id, v.deleted, v.source_id, v.path)
            .where(v.identifier.startswith(f"oai:{self.namespace}:"))
            .order_by(v.register_id, v.identifier, v.sequence)
        )
        with self.installation.engines.read.connect() as connection:
            return [
                f"{newer.identifier}: {newer}"
                for older, newer in pairwise(connection.execute(query))
                if older == newer
            ]


def _answers(statements: Iterable[Statement]) -> Iterator[dict[int, int | None]]:
    answer: dict[int, int | None] = {}
    for statement in statements:
        if statement.key in answer:
            yield answer
            answer = {}
        answer[statement.key] = statement.text
    if answer:
        yield answer
