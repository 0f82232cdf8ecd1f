"""A sink that only compares: what a harvest would do, and whether it would be held. Writes nothing.

Pages are compared by ``comparison``, like those of a harvest; what a harvest stages is remembered here instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from registry.model.brake import BrakeReason
from registry.model.completeness import verdict
from registry.model.diff import Action
from registry.model.harvesting import RecordKey
from registry.model.record import CheckedRecord, Condition, KnownRecord, Page, RawPage
from registry.model.run import Ending, Scope, Tally, Verdict, Walk, Window
from registry.model.source import Protocol
from registry.services.ingest import gaps
from registry.services.ingest.absences import absence_action, kept_by_people
from registry.services.ingest.closing import brake, told_of_all
from registry.services.ingest.comparison import Comparison, Held
from registry.store import declines, erasures, records, registers, sources
from registry.store.changes import Change
from registry.store.engine import Engines
from registry.store.issues import FoundIssue

_NO_RUN = 0
"""What stands for the run's id where there is none."""
_BATCH = 2000


class TrialSink:
    """Where a trial or a probe of one source ends. Fulfils ``registry.model.harvesting.Sink``.

    After the walk: ``tally`` what would become of the records, ``issues`` the first ``issue_limit`` that
    were found, ``reasons`` why the brake would hold it, ``verdict``. ``rules_version`` None: every record is
    checked, known or not.
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
        self._staged: dict[str, tuple[Change, bytes]] = {}
        self._seen: set[int] = set()

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        """Whether exactly these bytes were accepted before, under the rules of today."""
        version = self._rules_version
        if version is None:
            return [False] * len(keys)
        held = self._keys([key.identifier for key in keys])
        return [key.identifier in held and held[key.identifier].says(key.raw_digest, version) for key in keys]

    def take(self, pages: Sequence[Page]) -> list[int]:
        """Compare some pages."""
        description = self._source.description
        fresh = []
        for page in pages:
            number = self.tally.pages + 1
            answers = description.protocol is Protocol.OAI_PMH and not page.singly
            name = f"page {number}" if answers else ""
            found = Comparison(_NO_RUN, description.register_code, self._look_up(page), page=name)
            found.issues.extend(FoundIssue("", name, page.raw_digest, each) for each in page.issues)
            for place, record in enumerate(page.records, start=1):
                found.add(record, fallback_key=f"#{number}:{place}")
            found.tally.singly = found.tally.received if page.singly else 0
            self._remember(found)
            fresh.append(found.fresh)
        return fresh

    def keep(self, page: RawPage) -> None:
        """Nothing is kept."""

    def begin_anew(self) -> None:
        """Forget what was compared."""
        self.tally, self.issues = Tally(), []
        self._staged, self._seen = {}, set()

    def wanted(self, listed: Sequence[CheckedRecord]) -> list[bool]:
        """As a harvest would want them."""
        known = self._known([each.identifier for each in listed])
        held = {name: record for name, (record, _) in known.items()}
        return gaps.wanted(listed, held, self._staged, _NO_RUN)

    def missed(self, walk: Walk, limit: int) -> list[str]:
        """What a harvest would miss."""
        if not gaps.is_whole(walk, self._window.scope, self.tally):
            return []
        missing = (each.identifier for each, kept in self._unseen() if not kept)
        return list(islice(missing, limit))

    def finish(self, walk: Walk) -> Verdict:
        """The walk has ended: how complete it was, what is missing, and whether the brake would hold it."""
        description = self._source.description
        self.verdict = verdict(walk, self.tally.listed, self.tally.moved)
        complete = gaps.is_whole(walk, self._window.scope, self.tally)
        if complete and not description.is_internal:
            self._count_absences(walk.gone)
        found_of_all = told_of_all(walk, self.tally, self._source.told_name)
        self.issues.extend(FoundIssue("", "", b"", each) for each in found_of_all)
        judged = walk.ending is not Ending.NOT_MODIFIED and not (walk.broke_off and not self.tally.received)
        if (
            judged and description.id and not description.is_internal
        ):  # a source without an id is not registered
            with self._engines.read.connect() as connection:
                self.reasons = brake(
                    connection,
                    description.register_id,
                    description.id,
                    self.tally,
                    Scope.FULL if complete else Scope.DELTA,
                    self._now,
                )
        return self.verdict

    def _keys(self, identifiers: Sequence[str]) -> dict[str, records.KnownKey]:
        description = self._source.description
        with self._engines.read.connect() as connection:
            return records.known_keys(connection, description.register_id, description.id, identifiers)

    def _look_up(self, page: Page) -> Held:
        """What is held of the page's identifiers: by the source, and by the pages before."""
        description = self._source.description
        identifiers = [each.identifier for each in page.records]
        keys = self._keys([each.identifier for each in page.records if each.condition is Condition.KNOWN])
        with self._engines.read.connect() as connection:
            declined = declines.declined(connection, description.id, identifiers)
            declined |= erasures.erased(connection, identifiers)
        return Held(
            {name: key._replace(seen_run=self._seen_run(key.id)) for name, key in keys.items()},
            self._known(identifiers),
            {name: self._staged[name] for name in identifiers if name in self._staged},
            declined,
        )

    def _known(self, identifiers: Sequence[str]) -> dict[str, tuple[KnownRecord, int | None]]:
        description = self._source.description
        with self._engines.read.connect() as connection:
            known = records.known_records(connection, description.register_id, description.id, identifiers)
        return {
            name: (record._replace(seen_run=self._seen_run(record.id)), document_id)
            for name, (record, document_id) in known.items()
        }

    def _seen_run(self, record_id: int) -> int | None:
        return _NO_RUN if record_id in self._seen else None

    def _remember(self, found: Comparison) -> None:
        """Keep of a page what a harvest would have staged, counted and marked."""
        for identifier in found.replaced:
            self._staged.pop(identifier, None)
        for identifier in found.refused_after_all:
            change, digest = self._staged[identifier]
            self._staged[identifier] = (change._replace(action=str(Action.REFUSED)), digest)
        for identifier, (record, action) in found.staged.items():
            self._staged[identifier] = (
                _change(identifier, record, action, found.held),
                record.document_digest,
            )
        self._seen |= found.seen
        found.tally.pages = 1
        self.tally.add(found.tally)
        self.issues.extend(found.issues[: self._issue_limit - len(self.issues)])

    def _count_absences(self, gone: Collection[str]) -> None:
        """Count what the complete list did not hold, as the end of a harvest does."""
        with self._engines.read.connect() as connection:
            limits = registers.by_id(connection, self._source.description.register_id).policy.brake
        age = timedelta(hours=limits.absence_hours)
        for each, kept in self._unseen():
            if kept:
                self.tally.kept += 1
                continue
            action = absence_action(each.absent_since, self._now, age, gone=each.identifier in gone)
            self.tally.absent += action is Action.ABSENT
            self.tally.vanished += action is Action.VANISHED
            self.tally.confirmed += action is Action.VANISHED and each.absent_since is None

    def _unseen(self) -> Iterator[tuple[records.Unseen, bool]]:
        """Live records of the source that the walk did not bring, and whether people decided to keep them."""
        description = self._source.description
        with self._engines.read.connect() as connection:
            for batch in records.unseen(connection, description.id, _NO_RUN, _BATCH):
                kept = kept_by_people(connection, description.id, batch)
                yield from ((each, each.identifier in kept) for each in batch if each.id not in self._seen)


def _change(identifier: str, record: CheckedRecord, action: Action, held: Held) -> Change:
    """The change that a harvest would stage, as far as a second copy is judged by it."""
    known, previous = held.known.get(identifier, (None, None))
    deleted = record.condition is Condition.DELETED
    return Change(
        identifier,
        str(action),
        known.id if known else None,
        known.version if known else 0,
        previous if deleted else None,
        previous,
        known.deleted if known else False,
        b"" if deleted else record.raw_digest,
        record.datestamp,
        "",
        record.place,
    )
