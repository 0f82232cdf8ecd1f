"""Staging: a sink that compares each page with what the source holds and stages what would change.

One short transaction a page: the checkpoint, the documents, the raw bytes, the changes, the issues and the
seen-marks move together, or not at all. Nothing staged is visible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from registry.model.datestamp import format_datestamp
from registry.model.diff import CHANGING, Action
from registry.model.harvesting import RecordKey
from registry.model.issue_ledger import KEEPING, Keeping
from registry.model.order import Order
from registry.model.record import CheckedRecord, Condition, Page, Raw, RawPage
from registry.model.run import Verdict, Walk
from registry.model.source import Protocol
from registry.services.ingest import closing, gaps
from registry.services.ingest.absences import kept_by_people
from registry.services.ingest.comparison import Comparison, Held
from registry.services.ingest.keeping import Found
from registry.services.ingest.opening import begin_anew, collecting
from registry.services.ordering import Claims
from registry.store import changes, declines, documents, erasures, issues, raw, records, runs, sources
from registry.store.changes import Change
from registry.store.engine import Connection, Engines, transaction

_KEEPS_DOCUMENT = (*CHANGING, Action.DECLINED)


class RegisterSink:
    """Where a harvest of one source ends: its register. Fulfils ``registry.model.harvesting.Sink``."""

    def __init__(
        self,
        engines: Engines,
        claims: Claims,
        order: Order,
        run: runs.Run,
        keeping: Keeping = KEEPING,
    ) -> None:
        assert order.source is not None
        self._keeping = keeping
        self._engines, self._claims, self._order, self._run = engines, claims, order, run
        self._source = order.source
        self._harvested_at = format_datestamp(run.started_at)
        with engines.read.connect() as connection:
            self._has_declines = sources.by_id(connection, run.source_id).declines > 0
            self._holds_records = records.any_of(connection, run.source_id)  # none are settled meanwhile
        self._keys: dict[str, records.KnownKey] = {}

    def known(self, keys: Sequence[RecordKey]) -> Sequence[bool]:
        """Whether exactly these bytes were accepted before, under the rules of today."""
        if not self._holds_records:
            return [False] * len(keys)
        with self._engines.read.connect() as connection:
            found = records.known_keys(
                connection, self._run.register_id, self._run.source_id, [key.identifier for key in keys]
            )
        self._keys.update(found)
        return [
            key.identifier in found and found[key.identifier].says(key.raw_digest, self._run.rules_version)
            for key in keys
        ]

    def take(self, pages: Sequence[Page]) -> list[int]:
        """Stage some pages in one transaction. Raises ``LeaseLost`` where the order has passed to another
        worker, or the run was given up meanwhile (its source was retired)."""
        now = self._claims.clock()
        with transaction(self._engines.write) as connection:
            self._claims.renew(connection, self._order)
            run = collecting(connection, self._run.id)
            fresh = [self._stage(connection, run, page, now) for page in pages]
            _advance(connection, run, pages)
        self._keys.clear()
        return fresh

    def _stage(self, connection: Connection, run: runs.Run, page: Page, now: datetime) -> int:
        """Stage one page, and count it in the run's tally; how many of its records came for the first time."""
        held = self._look_up(connection, page)
        number = run.tally.pages + 1
        answers = self._source.protocol is Protocol.OAI_PMH and not page.singly
        comparison = Comparison(
            run.id, self._source.register_code, held, page=f"page {number}" if answers else ""
        )
        for place, record in enumerate(page.records, start=1):
            comparison.add(record, fallback_key=f"#{number}:{place}")
        comparison.issues.extend(
            issues.FoundIssue("", comparison.page, page.raw_digest, each) for each in page.issues
        )
        self._write(connection, comparison, now)
        for record in page.records:
            if (key := self._keys.get(record.identifier)) is not None:
                self._keys[record.identifier] = key._replace(seen_run=run.id)
        comparison.tally.pages = 1
        comparison.tally.singly = comparison.tally.received if page.singly else 0
        run.tally.add(comparison.tally)
        return comparison.fresh

    def begin_anew(self) -> None:
        """Go on in another run. Raises ``LeaseLost``."""
        now = self._claims.clock()
        self._run = begin_anew(self._engines.write, self._claims, self._order, self._run.id, now)
        self._keys.clear()

    def wanted(self, listed: Sequence[CheckedRecord]) -> list[bool]:
        """See ``gaps.wanted``."""
        run, names = self._run, [each.identifier for each in listed]
        with self._engines.read.connect() as connection:
            known = records.known_records(connection, run.register_id, run.source_id, names)
            staged = changes.staged(connection, run.id, names)
        held = {name: record for name, (record, _) in known.items()}
        return gaps.wanted(listed, held, staged, run.id)

    def missed(self, walk: Walk, limit: int) -> list[str]:
        """What a complete list did not hold, but for what people decided to keep."""
        with self._engines.read.connect() as connection:
            run = runs.get(connection, self._run.id)
            if not gaps.is_whole(walk, run.scope, run.tally):
                return []
            batch = next(records.unseen(connection, run.source_id, run.id, limit), ())
            kept = kept_by_people(connection, run.source_id, batch) if self._has_declines else set()
        return [each.identifier for each in batch if each.identifier not in kept]

    def keep(self, page: RawPage) -> None:
        """Archive an answer piece by piece, each in a transaction of its own. Raises ``LeaseLost``."""
        with self._engines.read.connect() as connection:
            if raw.page_size(connection, page.digest) == page.size:
                return
        for number, piece in enumerate(page.pieces):
            with transaction(self._engines.write) as connection:
                self._claims.renew(connection, self._order)
                raw.store_piece(connection, page.digest, number, piece, self._claims.clock())

    def finish(self, walk: Walk) -> Verdict:
        """The walk has ended: verdict, absences, brake. What follows is decided there."""
        return closing.close_run(self._engines, self._claims, self._order, self._run.id, walk, self._keeping)

    def _look_up(self, connection: Connection, page: Page) -> Held:
        """What is held of the page's identifiers. Known records that come for the first time, as nearly all
        do, need their keys only."""
        run = self._run
        known = [each.identifier for each in page.records if each.condition is Condition.KNOWN]
        if missing := [identifier for identifier in known if identifier not in self._keys]:
            self._keys.update(records.known_keys(connection, run.register_id, run.source_id, missing))
        others = [each.identifier for each in page.records if each.condition is not Condition.KNOWN]
        others += _repeated(known)
        others += [identifier for identifier in known if self._keys[identifier].seen_run == run.id]
        if not others:
            return Held(self._keys, {}, {}, set())
        return Held(
            self._keys,
            records.known_records(connection, run.register_id, run.source_id, others)
            if self._holds_records
            else {},
            changes.staged(connection, run.id, others),
            declines.declined(connection, run.source_id, others) if self._has_declines else set(),
            erasures.erased(connection, others),
        )

    def _write(self, connection: Connection, found: Comparison, now: datetime) -> None:
        run_id = self._run.id
        erased = found.erased()
        standing = [
            record
            for identifier, (record, action) in found.staged.items()
            if action in _KEEPS_DOCUMENT and identifier not in erased
        ]
        ids = documents.store(connection, (each.document for each in standing if each.document is not None))
        elsewhere = {each.document_digest for each in standing if each.document is None} - ids.keys() - {b""}
        ids.update(documents.ids_of(connection, elsewhere))
        wrong = Found(connection, run_id, self._keeping)
        wrong.keep(each for each in found.issues if each.identifier not in erased)
        raw.store(connection, _bytes_to_keep(found, wrong), now)
        wrong.close()
        if found.replaced:
            changes.remove(connection, run_id, list(found.replaced))
        if found.refused_after_all:
            changes.reclassify(connection, run_id, list(found.refused_after_all), Action.REFUSED)
        changes.add(
            connection,
            run_id,
            [
                self._change(identifier, record, action, found.held, ids)
                for identifier, (record, action) in found.staged.items()
            ],
        )
        if came_another_way := found.came_another_way():
            changes.keep_paths(connection, run_id, came_another_way)
        records.mark_seen(connection, run_id, list(found.seen))
        records.refresh_raw(
            connection,
            self._run.rules_version,
            [(record.raw_digest, record.datestamp, key) for key, record in found.refreshed.items()],
        )
        records.mark_stale(connection, list(found.stale))

    def _change(
        self, identifier: str, record: CheckedRecord, action: Action, held: Held, ids: dict[bytes, int]
    ) -> Change:
        known, previous = held.known.get(identifier, (None, None))
        path = record.path
        if path:
            path = (*path[:-1], path[-1].harvested(self._harvested_at))
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


def _bytes_to_keep(found: Comparison, wrong: Found) -> list[Raw]:
    """The bytes of what a page changes, and of what it refuses as far as that is shown."""
    kept = [
        record.raw
        for identifier, (record, action) in found.staged.items()
        if record.raw is not None
        and (action in CHANGING or (action is Action.REFUSED and wrong.keeps_bytes(identifier, record.raw)))
    ]
    kept += [record.raw for record in found.refreshed.values() if record.raw is not None]
    return kept


def _advance(connection: Connection, run: runs.Run, pages: Sequence[Page]) -> None:
    """Move the run's tally and checkpoint behind the pages."""
    values: dict[str, object] = {"tally": run.tally, "mid_answer": pages[-1].checkpoint is None}
    checkpoints = [page.checkpoint for page in pages if page.checkpoint is not None]
    if checkpoints:
        values["checkpoint"] = checkpoints[-1]
    runs.change(connection, run.id, **values)


def _repeated(identifiers: Sequence[str]) -> list[str]:
    """Those ``identifiers`` that are listed more than once."""
    if len(set(identifiers)) == len(identifiers):
        return []
    return [identifier for identifier, times in Counter(identifiers).items() if times > 1]
