"""Staging: a sink that compares each page with what the source holds and stages what would change.

One short transaction a page: the checkpoint, the documents, the raw bytes, the changes, the issues and the
seen-marks move together, or not at all. Nothing staged is visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from registry.model.datestamp import format_datestamp
from registry.model.diff import CHANGING, Action, compare
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue
from registry.model.order import Order
from registry.model.record import CheckedRecord, Condition, KnownRecord, Page
from registry.model.run import Tally, Verdict, Walk
from registry.services.ingest import closing, repeats
from registry.services.ordering import Claims
from registry.store import changes, declines, documents, issues, raw, records, runs, sources
from registry.store.changes import Change
from registry.store.engine import Engines, transaction

_KEEPS_RAW = (*CHANGING, Action.REFUSED)


@dataclass(slots=True)
class _Staging:
    """What one page comes to, before it is written."""

    tally: Tally = field(default_factory=Tally)
    seen: set[int] = field(default_factory=set)
    stale: set[int] = field(default_factory=set)
    refreshed: list[tuple[bytes, datetime | None, int]] = field(default_factory=list)
    staged: dict[str, tuple[CheckedRecord, Action]] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)
    refused_after_all: list[str] = field(default_factory=list)
    issues: list[issues.FoundIssue] = field(default_factory=list)

    def count(self, action: Action, by: int = 1) -> None:
        setattr(self.tally, action, getattr(self.tally, action) + by)


@dataclass(frozen=True, slots=True)
class _Held:
    """What is held of a page's identifiers: by the source, by this run, and by people's declines."""

    keys: dict[str, records.KnownKey]
    known: dict[str, tuple[KnownRecord, int | None]]
    staged: dict[str, tuple[Change, bytes]]
    declined: set[tuple[str, bytes]]


class RegisterSink:
    """Where a harvest of one source ends: its register. Fulfils ``registry.model.harvesting.Sink``."""

    def __init__(self, engines: Engines, claims: Claims, order: Order, run: runs.Run) -> None:
        assert order.source is not None
        self._engines, self._claims, self._order, self._run = engines, claims, order, run
        self._source = order.source
        self._harvested_at = format_datestamp(run.started_at)
        with engines.read.connect() as connection:
            self._has_declines = sources.by_id(connection, run.source_id).declines > 0
        self._keys: dict[str, records.KnownKey] = {}

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        """Whether exactly these bytes were accepted before, under the rules of today."""
        with self._engines.read.connect() as connection:
            found = records.known_keys(
                connection, self._run.register_id, self._run.source_id, [key.identifier for key in keys]
            )
        self._keys.update(found)
        return [
            key.identifier in found and found[key.identifier].says(key.raw_digest, self._run.rules_version)
            for key in keys
        ]

    def take(self, page: Page) -> None:
        """Stage one page. Raises ``LeaseLost`` where the order has passed to another worker."""
        now = self._claims.clock()
        with transaction(self._engines.write) as connection:
            self._claims.renew(connection, self._order)
            held = self._look_up(connection, page)
            staging = _Staging()
            for place, record in enumerate(page.records):
                self._classify(record, held, staging, fallback_key=f"#{page.number}:{place + 1}")
            staging.issues.extend(issues.FoundIssue("", "", b"", each) for each in page.issues)
            self._write(connection, held, staging, now)
            self._advance(connection, page, staging.tally)
        self._keys.clear()

    def finish(self, walk: Walk) -> Verdict:
        """The walk has ended: verdict, absences, brake. What follows is decided there."""
        return closing.close_run(self._engines, self._claims, self._order, self._run.id, walk)

    def _look_up(self, connection: Connection, page: Page) -> _Held:
        run = self._run
        unknown = [each.identifier for each in page.records if each.condition is not Condition.KNOWN]
        missing = [
            each.identifier
            for each in page.records
            if each.condition is Condition.KNOWN and each.identifier not in self._keys
        ]
        if missing:
            self._keys.update(records.known_keys(connection, run.register_id, run.source_id, missing))
        if not unknown:
            return _Held(self._keys, {}, {}, set())
        return _Held(
            self._keys,
            records.known_records(connection, run.register_id, run.source_id, unknown),
            changes.staged(connection, run.id, unknown),
            declines.declined(connection, run.source_id, unknown) if self._has_declines else set(),
        )

    def _classify(self, record: CheckedRecord, held: _Held, staging: _Staging, fallback_key: str) -> None:
        staging.tally.received += 1
        identifier = record.identifier or fallback_key
        for issue in record.issues:
            self._note(staging, identifier, record, issue)
        if record.condition is Condition.KNOWN:
            self._classify_known(record, held, staging)
            return
        known, _document = held.known.get(identifier, (None, None))
        earlier = self._earlier(identifier, known, held, staging)
        if earlier is not None:
            ruling = repeats.judge(earlier, record)
            if ruling.issue is not None:
                self._note(staging, identifier, record, ruling.issue)
            if not ruling.replaces:
                self._settle_repeat(ruling, identifier, record, known, staging)
                if ruling.action is Action.REFUSED:
                    staging.staged[fallback_key] = (record, Action.REFUSED)
                return
            self._withdraw(identifier, earlier, staging)
        if any(hop.register == self._source.register_code for hop in record.path):
            staging.count(Action.LOOPED)
            return
        digest = record.document_digest
        action = compare(known, record, declined=(identifier, digest) in held.declined)
        self._stage(identifier, record, action, known, staging)

    def _classify_known(self, record: CheckedRecord, held: _Held, staging: _Staging) -> None:
        key = held.keys[record.identifier]
        if key.seen_run == self._run.id or record.identifier in staging.staged:
            staging.count(Action.REPEATED)
            self._note(staging, record.identifier, record, repeats.EQUAL_REPEAT)
            return
        held.keys[record.identifier] = key._replace(seen_run=self._run.id)
        staging.seen.add(key.id)
        staging.count(Action.UNCHANGED)

    def _earlier(
        self, identifier: str, known: KnownRecord | None, held: _Held, staging: _Staging
    ) -> repeats.Earlier | None:
        """What came under this identifier earlier in this run, on this page or another."""
        if identifier in staging.staged:
            record, action = staging.staged[identifier]
            return repeats.Earlier(str(action), record.document_digest, record.datestamp, record.place)
        if identifier in held.staged and identifier not in staging.replaced:
            change, digest = held.staged[identifier]
            return repeats.Earlier(change.action, digest, change.datestamp, change.place)
        key = held.keys.get(identifier)
        seen = self._run.id in (known.seen_run if known else None, key.seen_run if key else None)
        if known is not None and (seen or known.id in staging.seen):
            return repeats.Earlier(str(Action.UNCHANGED), known.digest, known.datestamp, "")
        return None

    def _settle_repeat(
        self,
        ruling: repeats.Ruling,
        identifier: str,
        record: CheckedRecord,
        known: KnownRecord | None,
        staging: _Staging,
    ) -> None:
        staging.count(ruling.action)
        if not ruling.refuses_earlier:
            return
        if identifier in staging.staged:
            first, action = staging.staged[identifier]
            staging.count(action, by=-1)
            staging.staged[identifier] = (first, Action.REFUSED)
        elif ruling.earlier.action == Action.UNCHANGED:
            staging.count(Action.UNCHANGED, by=-1)
        else:
            staging.count(Action(ruling.earlier.action), by=-1)
            staging.refused_after_all.append(identifier)
        staging.count(Action.REFUSED)
        if known is not None:
            staging.stale.add(known.id)

    def _withdraw(self, identifier: str, earlier: repeats.Earlier, staging: _Staging) -> None:
        """A newer text of the same answer takes the place of an earlier one."""
        staging.count(Action(earlier.action), by=-1)
        staging.count(Action.REPEATED)
        if identifier in staging.staged:
            del staging.staged[identifier]
        else:
            staging.replaced.append(identifier)

    def _stage(
        self,
        identifier: str,
        record: CheckedRecord,
        action: Action,
        known: KnownRecord | None,
        staging: _Staging,
    ) -> None:
        staging.count(action)
        if known is not None:
            staging.seen.add(known.id)
        if action in CHANGING or action is Action.REFUSED:
            staging.staged[identifier] = (record, action)
            if action is Action.REFUSED and known is not None:
                staging.stale.add(known.id)
        elif action is Action.UNCHANGED and known is not None and record.condition is Condition.LIVE:
            staging.refreshed.append((record.raw_digest, record.datestamp, known.id))

    def _note(self, staging: _Staging, identifier: str, record: CheckedRecord, issue: Issue) -> None:
        staging.issues.append(issues.FoundIssue(identifier, record.place, record.raw_digest, issue))

    def _write(self, connection: Connection, held: _Held, staging: _Staging, now: datetime) -> None:
        run_id = self._run.id
        changing = [record for record, action in staging.staged.values() if action in CHANGING]
        ids = documents.store(connection, (each.document for each in changing if each.document is not None))
        elsewhere = {each.document_digest for each in changing if each.document is None} - ids.keys() - {b""}
        ids.update(documents.ids_of(connection, elsewhere))
        kept = (record.raw for record, action in staging.staged.values() if action in _KEEPS_RAW)
        raw.store(connection, (each for each in kept if each is not None), now)
        if staging.replaced:
            changes.remove(connection, run_id, staging.replaced)
        if staging.refused_after_all:
            changes.reclassify(connection, run_id, staging.refused_after_all, Action.REFUSED)
        changes.add(
            connection,
            run_id,
            [
                self._change(identifier, record, action, held, ids)
                for identifier, (record, action) in staging.staged.items()
            ],
        )
        records.mark_seen(connection, run_id, list(staging.seen))
        records.mark_stale(connection, list(staging.stale))
        records.refresh_raw(connection, self._run.rules_version, staging.refreshed)
        issues.add(connection, run_id, staging.issues)

    def _change(
        self, identifier: str, record: CheckedRecord, action: Action, held: _Held, ids: dict[bytes, int]
    ) -> Change:
        known, previous = held.known.get(identifier, (None, None))
        path = record.path
        if path:
            path = (*path[:-1], replace(path[-1], harvested_at=self._harvested_at))
        deleted = record.condition is Condition.DELETED
        return Change(
            identifier,
            str(action),
            known.id if known else None,
            known.version if known else 0,
            previous if deleted else ids.get(record.document_digest),
            previous,
            known.deleted if known else False,
            b"" if deleted else record.raw_digest,
            record.datestamp,
            records.path_text(path),
            record.place,
        )

    def _advance(self, connection: Connection, page: Page, tally: Tally) -> None:
        run = runs.get(connection, self._run.id)
        tally.pages = 1
        run.tally.add(tally)
        values: dict[str, object] = {"tally": run.tally, "mid_answer": page.checkpoint is None}
        if page.checkpoint is not None:
            values["checkpoint"] = page.checkpoint
        runs.change(connection, run.id, **values)
