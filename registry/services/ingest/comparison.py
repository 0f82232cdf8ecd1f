"""One page compared with what is held: what each record means. Pure: what to look up and to write is staging's.

A record that came twice is judged by ``repeats``, whichever page its first copy stood on, and whatever was made
of it; each record that came counts once in the tally.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from registry.model.diff import CHANGING, Action, compare
from registry.model.issue import Issue
from registry.model.record import CheckedRecord, Condition, KnownRecord, route_of
from registry.model.run import Tally
from registry.services.ingest import repeats
from registry.services.ingest.repeats import Earlier
from registry.store.changes import Change
from registry.store.declines import of_deletion
from registry.store.issues import FoundIssue
from registry.store.records import KnownKey

STAGED = (*CHANGING, Action.REFUSED, Action.DECLINED)
"""What is kept in a run's change set (the last two for people only)."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a page's identifiers: by the source (``keys`` for KNOWN records, ``known`` with the
    document's id for all others and for those that came before), staged by this run, declined by people, erased."""

    keys: dict[str, KnownKey]
    known: dict[str, tuple[KnownRecord, int | None]]
    staged: dict[str, tuple[Change, bytes]]
    declined: set[tuple[str, bytes]]
    erased: set[tuple[str, bytes]] = field(default_factory=set)

    def record(self, identifier: str) -> KnownRecord | None:
        """The record that the source holds under this identifier."""
        return self.known.get(identifier, (None, None))[0]


@dataclass(slots=True)
class Comparison:
    """What one page comes to.

    ``page`` names it in messages where its pages are answers of their own (empty: places are unique in the
    whole list, which cannot move under the walk either). ``fresh`` counts the records that came for the first
    time in this run.
    """

    run_id: int
    register_code: str
    held: Held
    page: str = ""
    tally: Tally = field(default_factory=Tally)
    fresh: int = 0
    seen: set[int] = field(default_factory=set)
    stale: set[int] = field(default_factory=set)
    refreshed: dict[int, CheckedRecord] = field(default_factory=dict)
    staged: dict[str, tuple[CheckedRecord, Action]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    refused_after_all: set[str] = field(default_factory=set)
    issues: list[FoundIssue] = field(default_factory=list)
    _here: dict[str, tuple[CheckedRecord, Action]] = field(default_factory=dict)
    _passed: dict[str, CheckedRecord] = field(default_factory=dict)
    _contradicting: dict[str, tuple[str, ...]] = field(default_factory=dict)  # where, by identifier

    def add(self, record: CheckedRecord, fallback_key: str) -> None:
        """Compare one record; ``fallback_key`` stands for an identifier that it has not."""
        self.tally.received += 1
        identifier = record.identifier or fallback_key
        if record.condition is Condition.KNOWN:
            key = self.held.keys[identifier]
            if (
                key.seen_run != self.run_id
                and identifier not in self._passed
                and identifier not in self._here
            ):
                self._passed[identifier] = record
                self.seen.add(key.id)
                self.tally.unchanged += 1
                self.fresh += 1
                return
        record = self._placed(record)
        for issue in record.issues:
            self._note(identifier, record, issue)
        said = self._said(identifier, record)
        earlier = self._earlier(identifier)
        if earlier is None:
            self.fresh += 1
            self._stage(identifier, record, said)
            return
        also = self._contradicting.get(identifier, ())
        ruling = repeats.judge(replace(earlier, also=also), said)
        self._note(identifier, record, ruling.issue)
        if ruling.replaces:
            self._withdraw(identifier, earlier)
            self._stage(identifier, record, said)
            return
        self._count(ruling.action)
        if ruling.action is Action.REFUSED:
            self._contradicting[identifier] = (*also, said.place)
            self.staged[fallback_key] = (said._replace(condition=Condition.REFUSED), Action.REFUSED)
            if ruling.refuses_earlier:
                self._refuse_earlier(identifier, earlier)

    def erased(self) -> set[str]:
        """Those staged identifiers under which exactly this content was erased: nothing of it is kept."""
        return {
            identifier
            for identifier, (record, _) in self.staged.items()
            if (identifier, record.document_digest) in self.held.erased
        }

    def came_another_way(self) -> list[str]:
        """Those staged identifiers whose record passed other registers than the one that is held."""
        return [
            identifier
            for identifier, (record, action) in self.staged.items()
            if action in CHANGING
            and (known := self.held.record(identifier)) is not None
            and record.path
            and known.route != route_of(record.path)
        ]

    def _said(self, identifier: str, record: CheckedRecord) -> CheckedRecord:
        """The record with what it says: a known one says what is held, one that was here before comes from
        us, so that its source has nothing of its own to say."""
        if record.condition is Condition.KNOWN:
            known = self.held.known[identifier][0]
            stamp = record.datestamp or known.datestamp
            return record._replace(condition=Condition.LIVE, document_digest=known.digest, datestamp=stamp)
        if record.condition is Condition.LIVE and self._is_looped(record):
            return record._replace(condition=Condition.DELETED, document=None, document_digest=b"")
        return record

    def _is_looped(self, record: CheckedRecord) -> bool:
        return any(hop.register == self.register_code for hop in record.path)

    def _earlier(self, identifier: str) -> Earlier | None:
        """What came under this identifier earlier in this run, on this page or another."""
        if identifier in self._here:
            said, action = self._here[identifier]
            return Earlier.of(said, action)
        known = self.held.record(identifier)
        if (first := self._passed.get(identifier)) is not None:
            return Earlier.of(self._said(identifier, self._placed(first)), Action.UNCHANGED)
        earlier = None
        if identifier in self.held.staged:
            earlier = _earlier_of(*self.held.staged[identifier])
        elif known is not None and known.seen_run == self.run_id:
            earlier = Earlier(
                Action.UNCHANGED, known.deleted, known.digest, known.raw_digest, known.datestamp, ""
            )
        if earlier is not None and self.page:
            self.tally.moved += 1
        return earlier

    def _withdraw(self, identifier: str, earlier: Earlier) -> None:
        """A newer text of the same answer takes the place of an earlier one."""
        self._count(earlier.action, by=-1)
        self._count(Action.REPEATED)
        self.staged.pop(identifier, None)
        self.refused_after_all.discard(identifier)
        if identifier in self.held.staged:
            self.replaced.add(identifier)
        if (known := self.held.record(identifier)) is not None:
            self.stale.discard(known.id)
            self.refreshed.pop(known.id, None)

    def _refuse_earlier(self, identifier: str, earlier: Earlier) -> None:
        """None of two texts is accepted: what was made of the first is taken back."""
        self._count(earlier.action, by=-1)
        self._count(Action.REFUSED)
        first = CheckedRecord(
            identifier, Condition.REFUSED, earlier.raw_digest, datestamp=earlier.datestamp,
            place=earlier.place,
        )  # fmt: skip
        self._here[identifier] = (first, Action.REFUSED)
        if identifier in self.staged:
            self.staged[identifier] = (self.staged[identifier][0], Action.REFUSED)
        elif identifier in self.held.staged and identifier not in self.replaced:
            self.refused_after_all.add(identifier)
        else:
            self.staged[identifier] = (first, Action.REFUSED)
        if (known := self.held.record(identifier)) is not None:
            self.stale.add(known.id)

    def _stage(self, identifier: str, record: CheckedRecord, said: CheckedRecord) -> None:
        known = self.held.record(identifier)
        deletes = said.condition is Condition.DELETED and known is not None
        digest = of_deletion(known.digest) if deletes and known is not None else said.document_digest
        compared = record if record.condition is Condition.KNOWN else said
        told_before = (identifier, digest)
        unwanted = told_before in self.held.declined or told_before in self.held.erased
        action = compare(known, compared, declined=unwanted)
        if action is Action.UNCHANGED and record.condition is Condition.LIVE and self._is_looped(record):
            action = Action.LOOPED
        if action in (Action.UPDATED, Action.RESTORED) and known is not None:
            older = repeats.falls_back(known, record)
            if older is not None:
                self._note(identifier, record, older)
        self._count(action)
        self._here[identifier] = (said, action)
        if known is not None:
            self.seen.add(known.id)
        if action in STAGED:
            self.staged[identifier] = (said, action)
            if action is Action.REFUSED and known is not None:
                self.stale.add(known.id)
        elif action is Action.UNCHANGED and known is not None and record.condition is Condition.LIVE:
            self.refreshed[known.id] = record

    def _count(self, action: Action, by: int = 1) -> None:
        setattr(self.tally, action, getattr(self.tally, action) + by)

    def _note(self, identifier: str, record: CheckedRecord, issue: Issue) -> None:
        self.issues.append(FoundIssue(identifier, record.place, record.raw_digest, issue))

    def _placed(self, record: CheckedRecord) -> CheckedRecord:
        """The record with a place that is unique in the whole list."""
        return record.standing_at(f"{self.page}, {record.place}") if self.page and record.place else record


def _earlier_of(change: Change, digest: bytes) -> Earlier:
    """What this run staged on an earlier page, as the first of two."""
    action = Action(change.action)
    goes = change.document_id == change.previous_document_id and not change.previous_deleted
    deleted = action is Action.DELETED or (action is Action.DECLINED and goes)
    return Earlier(
        action, deleted, b"" if deleted else digest, change.raw_digest, change.datestamp, change.place
    )
