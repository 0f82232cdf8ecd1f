"""The log of each register: sequences, chains, publications, counters, sets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sqlalchemy import Row

from registry.model.record import route_of
from registry.store.memberships import Membership
from registry.store.records import path_from
from tests.invariants.store import Rows, Store, Violation, grouped


def check(store: Store) -> Iterator[Violation]:
    """Violations of I2, I5 and I9 in the logs."""
    for register in store.registers:
        versions = store.versions.get(register.id, [])
        name = f"register {register.code}"
        yield from _sequences(register, versions, name)
        for chain in grouped(versions, "identifier").values():
            yield from _chain(store, chain, name)
        yield from _publications(register, store.publications.get(register.id, []), name)
        yield from _counters(register, versions, name)
        yield from _sets(store, register, versions, name)


def _sequences(register: Row[Any], versions: Rows, name: str) -> Iterator[Violation]:
    sequences = [version.sequence for version in versions]
    if sequences != list(range(1, register.head + 1)):
        yield Violation("I2", f"{name}: sequences are not 1..{register.head}: {sequences}")
    if not 0 <= register.indexed_through <= register.mark <= register.head:
        yield Violation(
            "I5", f"{name}: index {register.indexed_through}, mark {register.mark}, head {register.head}"
        )


def _chain(store: Store, chain: Rows, name: str) -> Iterator[Violation]:
    name = f"{name}, {chain[0].identifier}"
    if chain[0].previous or chain[-1].superseded_by:
        yield Violation("I2", f"{name}: the chain of versions has a loose end")
    for older, newer in pairwise(chain):
        where = f"{name}: {older.sequence} -> {newer.sequence}"
        if older.superseded_by != newer.sequence or newer.previous != older.sequence:
            yield Violation("I2", f"{where}: not chained to each other")
        if older.deleted and newer.deleted:
            yield Violation("I9", f"{where}: a tombstone twice")
        if _said(older) == _said(newer):
            yield Violation("I9", f"{where}: the same version twice")
        if (older.was_public and not newer.was_public) or (older.was_peer and not newer.was_peer):
            yield Violation("I5", f"{where}: forgot who has seen it")
        before, after = (_membership(store, version) for version in (older, newer))
        if after != before.followed_by(after.sets):
            yield Violation("I2", f"{where}: {before} cannot become {after}")


def _said(version: Row[Any]) -> tuple[object, ...]:
    """What makes two versions of an entry different: dates on the way alone do not."""
    return version.deleted, version.document_id, version.source_id, route_of(path_from(version.path))


def _membership(store: Store, version: Row[Any]) -> Membership:
    row = store.memberships[version.membership_id]
    return Membership(tuple(row.sets), tuple(row.left))


def _publications(register: Row[Any], publications: Rows, name: str) -> Iterator[Violation]:
    through = 0
    for publication in publications:
        if (
            publication.first_sequence != through + 1
            or publication.last_sequence < publication.first_sequence
        ):
            yield Violation("I2", f"{name}: publication {publication.id} does not follow {through}")
        if publication.datestamp.microsecond:
            yield Violation("I5", f"{name}: publication {publication.id} is not stamped with a whole second")
        if publication is not publications[-1] and not publication.verified:
            yield Violation("I5", f"{name}: publication {publication.id} was never verified")
        through = publication.last_sequence
    for older, newer in pairwise(publications):
        if newer.datestamp < older.datestamp:
            yield Violation("I5", f"{name}: publication {newer.id} is dated before {older.id}")
    stamp = publications[-1].datestamp if publications else None
    if (register.mark, register.published_at) != (through, stamp):
        yield Violation("I3", f"{name}: the mark {register.mark} is not what was published ({through})")


def _counters(register: Row[Any], versions: Rows, name: str) -> Iterator[Violation]:
    def live(through: int) -> int:
        last = {version.identifier: version for version in versions if version.sequence <= through}
        return sum(not version.deleted for version in last.values())

    shown, coming = live(register.mark), live(register.head) - live(register.mark)
    if (register.entries, register.entries_to_come) != (shown, coming):
        counted = f"{register.entries} + {register.entries_to_come}"
        yield Violation("I2", f"{name}: counts {counted} live entries, has {shown} + {coming}")


def _sets(store: Store, register: Row[Any], versions: Rows, name: str) -> Iterator[Violation]:
    for version in versions:
        belongs = _membership(store, version)
        filed = {
            (store.sets[row.set_id], bool(row.gone))
            for row in store.version_sets.get((register.id, version.sequence), [])
        }
        wanted = {(spec, False) for spec in belongs.sets} | {(spec, True) for spec in belongs.left}
        if filed != wanted:
            yield Violation("I2", f"{name}: version {version.sequence} is filed under {filed}, not {wanted}")
