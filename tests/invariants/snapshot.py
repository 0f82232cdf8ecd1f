"""Two moments of a store compared: nothing that was published changes, and nothing goes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.store.engine import Engines
from tests.invariants.store import Store, Violation

_APPENDED = (
    "identifier", "document_id", "deleted", "previous", "cause", "source_id", "membership_id", "path",
    "was_public", "was_peer",
)  # fmt: skip
_HELD = ("identifier", "document_id", "deleted", "raw_digest", "datestamp", "version", "path", "stale")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was published at one moment, and what each source held."""

    marks: dict[str, int]
    published: dict[tuple[str, int], tuple[Any, ...]]
    stamps: dict[int, tuple[int, datetime, bool]]
    held: dict[str, list[tuple[Any, ...]]]
    last_run: int = 0

    @classmethod
    def take(cls, engines: Engines) -> Snapshot:
        """Now."""
        with engines.read.connect() as connection:
            return cls.of(Store.read(connection))

    @classmethod
    def of(cls, store: Store) -> Snapshot:
        """At the moment at which ``store`` was read."""
        codes = {source.id: source.code for source in store.sources}
        held: dict[str, list[tuple[Any, ...]]] = {code: [] for code in codes.values()}
        for row in store.records:
            held[codes[row.source_id]].append(tuple(getattr(row, column) for column in _HELD))
        return cls(
            marks={register.code: register.mark for register in store.registers},
            published={
                (register.code, version.sequence): tuple(getattr(version, column) for column in _APPENDED)
                for register in store.registers
                for version in store.versions.get(register.id, [])
                if version.sequence <= register.mark
            },
            stamps={
                row.id: (row.last_sequence, row.datestamp, row.verified)
                for rows in store.publications.values()
                for row in rows
            },
            held={code: sorted(rows) for code, rows in held.items()},
            last_run=max(store.runs, default=0),
        )

    def violations_in(self, later: Snapshot) -> Iterator[Violation]:
        """What of this moment is no longer true at a ``later`` one."""
        for code, mark in self.marks.items():
            if later.marks.get(code, -1) < mark:
                yield Violation("I5", f"register {code}: the mark went back from {mark}")
        for (code, sequence), version in self.published.items():
            if later.published.get((code, sequence)) != version:
                yield Violation("I5", f"register {code}: the published version {sequence} was changed")
        for key, (last, stamp, verified) in self.stamps.items():
            last_then, stamp_then, _ = later.stamps.get(key, (0, stamp, False))
            if last_then != last or stamp_then < stamp or (verified and stamp_then != stamp):
                yield Violation(
                    "I5", f"publication {key}: was {last} at {stamp}, is {last_then} at {stamp_then}"
                )

    def repeated(self, later: Snapshot) -> Iterator[Violation]:
        """What differs at a ``later`` moment, though all sources only said the same again (I9)."""
        for key in later.published.keys() - self.published.keys():
            yield Violation("I9", f"register {key[0]}: version {key[1]} says nothing new")
        for code in self.held:
            if self.held[code] != later.held[code]:
                yield Violation("I9", f"source {code}: its records changed by the same input")

    def untouched(self, later: Snapshot, *codes: str) -> Iterator[Violation]:
        """Sources ``codes`` of which some record differs (I4): nobody had touched them."""
        for code in codes:
            if self.held[code] != later.held[code]:
                yield Violation("I4", f"source {code}: its records changed while others were harvested")
