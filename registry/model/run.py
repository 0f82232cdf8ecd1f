"""Runs: one execution of a harvest order, and everything that is counted and decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum

from registry.model.issue import Issue, Text


class Scope(StrEnum):
    """Whether a run's answer is the whole list or only what changed."""

    FULL = "full"
    DELTA = "delta"


class Verdict(StrEnum):
    """How complete an answer was found to be. Only COMPLETE may delete by absence."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


class RunStatus(StrEnum):
    """Where a run stands. Under way (one per source at most): COLLECTING, SETTLING; besides, one may be HELD."""

    COLLECTING = "collecting"  # pages are being taken; resumes at the checkpoint
    HELD = "held"  # the brake holds it for a person
    SETTLING = "settling"  # decided; slices are being written, invisible
    PUBLISHED = "published"  # visible (or: nothing had changed)
    REFUSED = "refused"  # a person refused it
    SUPERSEDED = "superseded"  # a newer full run took its place
    CANCELLED = "cancelled"  # a person had it left while it was being collected
    FAILED = "failed"  # ended without an answer that could be settled
    UNDONE = "undone"  # published once, inverted since


UNSETTLED = (RunStatus.COLLECTING, RunStatus.HELD, RunStatus.SETTLING)


class Ending(StrEnum):
    """Why the walk ended, in one word; the run's message says more."""

    FINISHED = "finished"
    NOT_MODIFIED = "not modified"
    TRANSPORT = "transport"  # the connection or the server failed, retries are used up
    PROTOCOL = "protocol"  # the answer is not what the protocol promises
    FATAL = "fatal"  # nothing that trying again could mend (address refused, bad settings)
    INTERRUPTED = "interrupted"  # stopped here; resumes at its checkpoint


@dataclass(frozen=True, slots=True)
class Window:
    """What a harvest asks for: changes from ``since`` (inclusive, UTC) on, or everything (None).

    For a source of protocol ``register`` the window is a sequence: ``after_sequence`` (exclusive).
    """

    scope: Scope
    since: datetime | None = None
    after_sequence: int = 0
    etag: str = ""
    last_modified: str = ""


@dataclass(slots=True)
class Tally:
    """Counts of a run. ``received`` is the sum of ``created`` to ``looped``: each record that came counts once.

    ``declined`` are changes that a person undid or refused before. ``absent`` are newly missed records
    (first time, no effect yet), ``vanished`` absences confirmed. ``outdated`` were changed by something
    newer while the run was held. ``moved`` are repeats that stood on another page than the first copy: the
    list moved under the walk. ``singly`` of those received were asked for one by one. ``confirmed`` are newly
    missed records that the source, asked for each, does not know: they vanish at once. ``kept`` are missed
    records whose deletion people refused or undid before: they came in no answer, and stay.
    """

    pages: int = 0
    received: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    restored: int = 0
    refused: int = 0
    repeated: int = 0
    declined: int = 0
    looped: int = 0
    absent: int = 0
    vanished: int = 0
    outdated: int = 0
    moved: int = 0
    singly: int = 0
    confirmed: int = 0
    kept: int = 0

    def add(self, other: Tally) -> None:
        """Add ``other`` to this tally, count by count."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def without(self, set_aside: Mapping[str, int]) -> Tally:
        """The tally once so many changes (by action) are not to be made: they count as declined, or as kept where
        they vanished (and came in no answer)."""
        left = replace(self)
        for action, count in set_aside.items():
            setattr(left, action, getattr(left, action) - count)
            instead = "kept" if action == "vanished" else "declined"
            setattr(left, instead, getattr(left, instead) + count)
        return left

    def overtaken(self, actions: Mapping[str, int]) -> Tally:
        """The tally of an act once so many of its changes (by action) turned out to be overtaken by newer ones: it made
        the others only. (What came in an answer stays counted as what it was when it came.)"""
        left = replace(self, outdated=self.outdated + sum(actions.values()))
        for action, count in actions.items():
            setattr(left, action, getattr(left, action) - count)
        return left

    @property
    def made(self) -> int:
        """Records that were changed."""
        return self.created + self.updated + self.restored + self.deleted + self.vanished

    @property
    def listed(self) -> int:
        """Records that came in the list."""
        return self.received - self.singly

    @property
    def going(self) -> int:
        """Records that the brake looks at: missed for the first time, or told to be deleted."""
        return self.absent + self.confirmed + self.deleted

    @property
    def not_proposed(self) -> int:
        """What people refused or undid before: changes that came again, and records that are missing again."""
        return self.declined + self.kept

    @property
    def nothing_accepted(self) -> bool:
        """Whether records came and all that counted was refused."""
        return self.refused > 0 and not self.accepted and not self.looped

    @property
    def accepted(self) -> int:
        """Records whose text (or deletion) stands, new or known."""
        return self.created + self.updated + self.unchanged + self.deleted + self.restored + self.declined


BROKEN_OFF = (Ending.TRANSPORT, Ending.PROTOCOL, Ending.FATAL)
"""Endings that are failures of the source, as they are counted."""


@dataclass(frozen=True, slots=True)
class Failures:
    """How often asking failed in a run, by consequence, those failures included that trying again overcame.

    ``gave_way``: how many of the transport failures were a stall at which the walk left its worker to others.
    """

    transport: int = 0
    protocol: int = 0
    fatal: int = 0
    gave_way: int = 0

    def __add__(self, other: Failures) -> Failures:
        return Failures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Pause:
    """Why and until when an interrupted walk is not to go on: for ``seconds``, behind ``attempts`` at the same
    answer that failed in a row; or because it ``gave_way`` to others."""

    seconds: float
    attempts: int = 0
    gave_way: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """How a walk ended, as the pipeline tells its sink.

    ``declared_total``: the source's last count of its list; ``total_changed``: the count moved during
    the walk; ``end_untold``: it was resumed and did not say that it ends; ``pages_lost``: pages that could not be
    read; ``missed``: known records that the list did not hold although the source has them; ``gone``: those that
    it says it has not; ``issues``: what else was found of the walk as a whole; ``cursor_since``: the response date
    of the *first* answer (UTC), from which the next DELTA asks; ``message``: what happened, for people; ``scope``:
    what the answer itself said that it lists, None where it said nothing; ``name``: what the source called
    itself; ``failures``: of this walk;
    ``pause``: where it was interrupted, and is to go on later; ``asked_seconds``: for how long the source
    asked to be left alone when it broke off, None where it did not.
    """

    ending: Ending
    message: Text = Text("", "")
    scope: Scope | None = None
    name: str = ""
    declared_total: int | None = None
    total_changed: bool = False
    end_untold: bool = False
    pages_lost: int = 0
    missed: int = 0
    gone: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    cursor_since: datetime | None = None
    cursor_sequence: int = 0
    etag: str = ""
    last_modified: str = ""
    failures: Failures = Failures()
    pause: Pause | None = None
    asked_seconds: float | None = None

    @property
    def broke_off(self) -> bool:
        """Whether the source failed it."""
        return self.ending in BROKEN_OFF
