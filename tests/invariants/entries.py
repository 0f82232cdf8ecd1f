"""Entries: each is the winner of the records held under its identifier, and the head of its versions."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

import msgspec
from sqlalchemy import Row

from registry.model.identifier import comparable
from registry.model.merge import winner
from registry.model.record import HeldRecord, Pin, route_of
from registry.model.register import Policy
from registry.model.source import Protocol, SourceStatus
from registry.store.documents import FACT_COLUMNS, facts_from
from registry.store.records import path_from
from tests.invariants.store import Store, Violation, grouped

_HEAD_FIELDS = ("document_id", "deleted", "source_id", "membership_id", "was_public", "was_peer")


def check(store: Store) -> Iterator[Violation]:
    """Violations of I2 among the entries."""
    by_entry = grouped(store.records, "register_id", "identifier")
    for register in store.registers:
        name = f"register {register.code}"
        policy = msgspec.convert(register.policy, Policy)
        entries = {entry.identifier: entry for entry in store.entries.get(register.id, [])}
        heads = {version.identifier: version for version in store.versions.get(register.id, [])}
        held = {identifier for at, identifier in by_entry if at == register.id}
        if entries.keys() != heads.keys() or entries.keys() - held:
            yield Violation("I2", f"{name}: entries, versions and records name different identifiers")
            continue
        for identifier, entry in entries.items():
            yield from _head(entry, heads[identifier], f"{name}, {identifier}")
            rows = by_entry[register.id, identifier]
            owning = _owning(store, comparable(identifier), {row.source_id for row in rows})
            candidates = [_held(store, row, owning) for row in rows]
            best = winner(candidates, policy.authority)
            yield from _winner(store, entry, best, f"{name}, {identifier}")


def _head(entry: Row[Any], head: Row[Any], name: str) -> Iterator[Violation]:
    differing = [field for field in _HEAD_FIELDS if getattr(entry, field) != getattr(head, field)]
    if entry.head_sequence != head.sequence or differing:
        yield Violation("I2", f"{name}: the entry is not its newest version: {differing}")
    if entry.route != " ".join(route_of(path_from(head.path))):
        yield Violation("I2", f"{name}: the entry came another way than its newest version")


def _held(store: Store, row: Row[Any], owning: Set[int]) -> HeldRecord:
    source = next(each for each in store.sources if each.id == row.source_id)
    document = store.documents.get(row.document_id)
    facts = None
    if document is not None:
        facts = facts_from([getattr(document, column.name) for column in FACT_COLUMNS])
    digest = bytes(document.digest) if document is not None else b""
    pin = store.pins.get((row.register_id, row.identifier, row.source_id))
    return HeldRecord(
        row.source_id, source.code, digest, row.deleted, facts, path_from(row.path), row.received_at,
        retired=source.status == SourceStatus.RETIRED, owned=source.id in owning,
        pinned=None if pin is None else Pin(pin.actor, pin.reason), stale=row.stale,
    )  # fmt: skip


def _owning(store: Store, form: str, holders: Set[int]) -> Set[int]:
    """The holders with the longest prefix of an identifier, and those that report together with them."""
    held = {each.id: each for each in store.sources if each.id in holders}
    codes = {register.code: register.id for register in store.registers}
    longest: dict[int, int] = {}
    for source in held.values():
        prefixes = _owned(store, source, codes, {source.register_id})
        reaching = [len(each) for each in map(comparable, prefixes) if form.startswith(each)]
        if reaching:
            longest[source.id] = max(reaching)
    return {
        one
        for one, length in longest.items()
        if all(length >= more or _together(held[one], held[other]) for other, more in longest.items())
    }


def _owned(store: Store, source: Row[Any], codes: dict[str, int], seen: set[int]) -> set[str]:
    """The identifier prefixes that a source was approved for; where it reads a register and was approved for none,
    those of the sources there."""
    if source.approved_scope is None or source.status == SourceStatus.RETIRED:
        return set()
    own = set(source.approved_scope["identifier_prefixes"])
    below = codes.get(source.location)
    if own or source.protocol != Protocol.REGISTER or below is None or below in seen:
        return own
    seen.add(below)
    return set().union(
        *(_owned(store, each, codes, seen) for each in store.sources if each.register_id == below)
    )


def _together(one: Row[Any], other: Row[Any]) -> bool:
    return all(
        theirs.code in own.approved_scope.get("co_reports_with", ())
        for own, theirs in ((one, other), (other, one))
    )


def _winner(store: Store, entry: Row[Any], best: HeldRecord | None, name: str) -> Iterator[Violation]:
    if best is None:
        yield Violation("I2", f"{name}: an entry without a record")
        return
    by_calendar = best.facts is not None and (best.facts.published_from or best.facts.published_until)
    if best.deleted != entry.deleted and not by_calendar:
        yield Violation("I2", f"{name}: deleted here, live there")
    if best.deleted or entry.deleted:
        return
    document = store.documents.get(entry.document_id)
    if best.source_id != entry.source_id or document is None or bytes(document.digest) != best.digest:
        yield Violation("I2", f"{name}: another record than the winner stands for the entry")
