"""A sink that only compares: what a harvest would do, and whether it would be held. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from registry.model.brake import BrakeReason
from registry.model.completeness import verdict
from registry.model.diff import Action, compare
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue
from registry.model.record import CheckedRecord, Condition, Page
from registry.model.run import Ending, Scope, Tally, Verdict, Walk, Window
from registry.services.ingest import repeats
from registry.services.ingest.closing import brake
from registry.store import declines, records, sources
from registry.store.engine import Engines
from registry.store.issues import FoundIssue


class TrialSink:
    """Where a trial or a probe of one source ends. Fulfils ``registry.model.harvesting.Sink``.

    After the walk: ``tally`` what would become of the records, ``issues`` the first ``issue_limit`` that
    were found, ``reasons`` why the brake would hold it. ``rules_version`` None: every record is checked,
    known or not.
    """

    def __init__(
        self,
        engines: Engines,
        source: sources.Source,
        window: Window,
        *,
        rules_version: int | None,
        now: datetime,
        issue_limit: int = 1000,
    ) -> None:
        self.tally = Tally()
        self.issues: list[FoundIssue] = []
        self.reasons: tuple[BrakeReason, ...] = ()
        self.verdict: Verdict | None = None
        self._engines, self._source, self._window = engines, source, window
        self._rules_version, self._now, self._issue_limit = rules_version, now, issue_limit
        self._earlier: dict[str, repeats.Earlier] = {}
        self._live_seen = 0

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        """Whether exactly these bytes were accepted before, under the rules of today."""
        if self._rules_version is None:
            return [False] * len(keys)
        description = self._source.description
        with self._engines.read.connect() as connection:
            held = records.known_keys(
                connection, description.register_id, description.id, [key.identifier for key in keys]
            )
        return [
            key.identifier in held and held[key.identifier].says(key.raw_digest, self._rules_version)
            for key in keys
        ]

    def take(self, pages: Sequence[Page]) -> None:
        """Compare some pages."""
        for page in pages:
            self._compare(page)

    def _compare(self, page: Page) -> None:
        description = self._source.description
        identifiers = [each.identifier for each in page.records]
        with self._engines.read.connect() as connection:
            held = records.known_records(connection, description.register_id, description.id, identifiers)
            declined = declines.declined(connection, description.id, identifiers)
        self.tally.pages += 1
        for each in page.issues:
            self._note("", "", each)
        for record in page.records:
            known, _ = held.get(record.identifier, (None, None))
            self._live_seen += known is not None and not known.deleted and self._is_first(record)
            for issue in record.issues:
                self._note(record.identifier, record.place, issue)
            if any(hop.register == description.register_code for hop in record.path):
                action = Action.LOOPED
            else:
                deleted = known is not None and record.condition is Condition.DELETED
                digest = declines.of_deletion(known.digest) if known and deleted else record.document_digest
                action = compare(known, record, declined=(record.identifier, digest) in declined)
            self._count(record, action)

    def finish(self, walk: Walk) -> Verdict:
        """The walk has ended: how complete it was, and whether the brake would hold it."""
        self.verdict = verdict(walk, self.tally.received)
        scope = walk.scope or self._window.scope
        complete = scope is Scope.FULL and self.verdict is Verdict.COMPLETE
        if complete:
            self.tally.absent = max(0, self._source.live - self._live_seen)
        if not self._source.description.is_internal and walk.ending is Ending.FINISHED:
            self.reasons = self._brake(Scope.FULL if complete else Scope.DELTA)
        return self.verdict

    def _is_first(self, record: CheckedRecord) -> bool:
        return record.identifier not in self._earlier

    def _count(self, record: CheckedRecord, action: Action) -> None:
        self.tally.received += 1
        earlier = self._earlier.get(record.identifier) if record.identifier else None
        if earlier is not None and record.condition is Condition.KNOWN:
            action = Action.REPEATED
        elif earlier is not None:
            action = self._rule(earlier, record, action)
        self._add(action, 1)
        self._earlier[record.identifier] = repeats.Earlier.of(record, action)

    def _rule(self, earlier: repeats.Earlier, record: CheckedRecord, action: Action) -> Action:
        """What becomes of a second record under an identifier; the first one is counted anew."""
        ruling = repeats.judge(earlier, record)
        self._note(record.identifier, record.place, ruling.issue)
        if not ruling.refuses_earlier and not ruling.replaces:
            return ruling.action
        self._add(earlier.action, -1)
        self._add(ruling.action, 1)
        return action if ruling.replaces else ruling.action

    def _add(self, action: Action, by: int) -> None:
        setattr(self.tally, action, getattr(self.tally, action) + by)

    def _note(self, identifier: str, place: str, issue: Issue) -> None:
        if len(self.issues) < self._issue_limit:
            self.issues.append(FoundIssue(identifier, place, b"", issue))

    def _brake(self, scope: Scope) -> tuple[BrakeReason, ...]:
        description = self._source.description
        with self._engines.read.connect() as connection:
            return brake(connection, description.register_id, description.id, self.tally, scope, self._now)
