"""What the left half needs from the right one, as protocols that the worker supplies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from registry.model.record import CheckedRecord, Page, RawPage
from registry.model.run import Verdict, Walk


class RecordKey(NamedTuple):
    """An identifier and the keyed digest of the raw bytes that came under it."""

    identifier: str
    raw_digest: bytes


class KnownDigests(Protocol):
    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        """For each key, whether exactly these bytes were accepted before under today's rules."""
        ...


class Sink(KnownDigests, Protocol):
    """Where a walk ends: the register (harvest), a comparison (trial), or a sample (probe)."""

    def take(self, pages: Sequence[Page]) -> Sequence[int]:
        """Accept some pages in their order, all or none of them; the checkpoint moves with the last. Returns for
        each how many of its records came for the first time in this walk."""
        ...

    def keep(self, page: RawPage) -> None:
        """Keep an answer that could not be read. A page with issues that name it follows."""
        ...

    def begin_anew(self) -> None:
        """The list begins anew: what was taken of it is left behind, and came never."""
        ...

    def wanted(self, listed: Sequence[CheckedRecord]) -> Sequence[bool]:
        """For records of which only the header is known, whether there is anything to gain by asking for each:
        it did not come in this walk, and is not held as the header has it."""
        ...

    def missed(self, walk: Walk, limit: int) -> Sequence[str]:
        """Up to ``limit`` known identifiers that a complete list of everything did not hold; none where the walk
        that ends so was not such a list."""
        ...

    def finish(self, walk: Walk) -> Verdict:
        """The walk has ended. Returns how complete its answer was found to be."""
        ...


class Onlooker:
    """What a sink need not do that holds nothing itself."""

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        """Nothing is known."""
        return [False] * len(keys)

    def keep(self, page: RawPage) -> None:
        """Nothing is kept."""

    def begin_anew(self) -> None:
        """Nothing was taken."""

    def wanted(self, listed: Sequence[CheckedRecord]) -> Sequence[bool]:
        """Whatever there is."""
        return [True] * len(listed)

    def missed(self, walk: Walk, limit: int) -> Sequence[str]:
        """Nothing is known that could be missed."""
        return ()


class Changes(NamedTuple):
    """A piece of a register's log: what the level above may see of it, and how far it reaches.

    ``last_sequence`` is the sequence from which to go on; the mark where nothing more is to come.
    """

    records: Sequence[CheckedRecord]
    last_sequence: int


class ChangeReader(Protocol):
    """The log of a register in this installation, as the level above reads it."""

    def mark(self, register_code: str) -> int:
        """The last published sequence of the register. Raises ``NotFound``."""
        ...

    def changes(self, register_code: str, after: int, mark: int, limit: int) -> Changes:
        """Up to ``limit`` current entries as of ``mark`` with a sequence in (after, mark], in sequence order.

        An entry that peers may no longer see is DELETED, one that they never saw is left out; documents
        travel as digests only.
        """
        ...
