"""Seals: what makes the book of acts tamper-evident. A seal covers one event and the seal before it.

Seals are numbered from 1 without a gap; the events they cover come in the order of their ids, as far as they had
been committed when they were sealed (ids of transactions that were rolled back are missing, which is normal).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple, Protocol

from registry.model.event import Entered

BEGINNING = bytes(32)
"""What stands for the seal before the first one."""


class Seal(NamedTuple):
    """``digest`` covers the event's :func:`canonical` bytes and the digest before; ``signature`` covers
    :func:`signed`; ``key`` names the public key that proves it."""

    number: int
    event_id: int
    digest: bytes
    signature: bytes
    key: str


class Head(NamedTuple):
    """The newest seal, to be kept elsewhere: without it, a book that was cut off at its end looks whole."""

    number: int
    digest: bytes


class Signer(Protocol):
    """Signs with the key of the installation."""

    @property
    def key(self) -> str: ...
    def sign(self, message: bytes) -> bytes: ...


class Prover(Protocol):
    """Says whether ``signature`` is that of ``key`` under ``message``; never for a key it does not trust."""

    def proves(self, key: str, message: bytes, signature: bytes) -> bool: ...


def canonical(entered: Entered) -> bytes:
    """The bytes of an event: JSON with sorted keys, the moment as microseconds UTC."""
    event = entered.event
    moment = entered.happened_at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [
        entered.id, moment, event.actor.name, event.actor.address, event.action, event.subject, event.reason,
        event.before, event.after, event.register_id,
    ]  # fmt: skip
    return json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def link(before: bytes, entered: Entered) -> bytes:
    """The digest of the seal over ``entered`` behind the seal with the digest ``before``."""
    return sha256(before + sha256(canonical(entered)).digest()).digest()


def signed(number: int, digest: bytes) -> bytes:
    """What the signature of a seal covers."""
    return b"mulu-seal:%d:" % number + digest


def sealed(before: Head, events: Iterable[Entered], signer: Signer) -> Iterator[Seal]:
    """The seals of ``events`` behind ``before`` (number 0 and :data:`BEGINNING` for the first)."""
    number, digest = before
    for entered in events:
        number, digest = number + 1, link(digest, entered)
        yield Seal(number, entered.id, digest, signer.sign(signed(number, digest)), signer.key)


class Breach(StrEnum):
    """What can be wrong with the book."""

    MISSING_SEAL = "missing seal"  # numbers have a gap
    MISSING_EVENT = "missing event"  # a seal covers an event that is gone
    ALTERED = "altered"  # the event, or the order of events, is not what was sealed
    FORGED = "forged"  # the signature is not of a trusted key
    CUT = "cut"  # the head that was kept elsewhere is not in the book


class Finding(NamedTuple):
    """One breach, and at which number of seal and event."""

    breach: Breach
    number: int
    event_id: int


def breaches(
    book: Iterable[tuple[Seal, Entered | None]], prover: Prover, heads: Iterable[Head] = ()
) -> Iterator[Finding]:
    """What is wrong with a ``book`` of seals in the order of their numbers, each with the event it covers.

    ``heads``: what was exported earlier. Behind a breach the chain goes on from the seal's own digest, so that
    each breach is told once.
    """
    number, digest = 0, BEGINNING
    awaited: dict[int, set[bytes]] = {}
    for head in heads:
        if head.number:
            awaited.setdefault(head.number, set()).add(head.digest)
    for seal, entered in book:
        if seal.number != number + 1:
            yield Finding(Breach.MISSING_SEAL, number + 1, 0)
        elif entered is None:
            yield Finding(Breach.MISSING_EVENT, seal.number, seal.event_id)
        elif link(digest, entered) != seal.digest:
            yield Finding(Breach.ALTERED, seal.number, seal.event_id)
        if not prover.proves(seal.key, signed(seal.number, seal.digest), seal.signature):
            yield Finding(Breach.FORGED, seal.number, seal.event_id)
        number, digest = seal.number, seal.digest
        if awaited.pop(number, {digest}) != {digest}:
            yield Finding(Breach.CUT, number, seal.event_id)
    for missing in awaited:
        yield Finding(Breach.CUT, missing, 0)


@dataclass(frozen=True, slots=True)
class Examination:
    """What :func:`breaches` found over a whole book, and how much of it has no seal yet."""

    sealed: int
    unsealed: int
    oldest_unsealed: datetime | None
    findings: tuple[Finding, ...]
