"""Records are the sum of the changes that were settled: nothing lost, nothing applied twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from registry.model.diff import CHANGING, Action
from registry.model.run import RunStatus
from tests.invariants.store import Rows, Store, Violation

_DELETIONS = (Action.DELETED, Action.VANISHED)
_SETTLED = (RunStatus.PUBLISHED, RunStatus.UNDONE)


def check(store: Store) -> Iterator[Violation]:
    """Violations of I1 and I2 among the records."""
    settled = _settled(store)
    held = {(row.source_id, row.identifier): row for row in store.records}
    for key in settled.keys() | held.keys():
        yield from _sum(held.get(key), settled.get(key, []), f"source {key[0]}, {key[1]}")
    yield from _live_counts(store)
    for document in store.documents.values():
        if sha256(document.content).digest() != bytes(document.digest):
            yield Violation("I1", f"document {document.id} is not what its digest says")


def _settled(store: Store) -> dict[tuple[int, str], Rows]:
    """The changes that took effect, by record, in the order of the versions they were compared with."""
    found: dict[tuple[int, str], Rows] = defaultdict(list)
    for change in store.changes:
        run = store.runs[change.run_id]
        behind = run.status in _SETTLED or change.id <= run.settled_through
        if change.action in CHANGING and behind:
            found[run.source_id, change.identifier].append(change)
    for changes in found.values():
        changes.sort(key=lambda change: change.base_version)
    return found


def _sum(record: Row[Any] | None, changes: Rows, name: str) -> Iterator[Violation]:
    if [change.base_version for change in changes] != list(range(len(changes))):
        bases = [(change.run_id, change.base_version) for change in changes]
        yield Violation("I2", f"{name}: (run, base version) of its changes have a gap: {bases}")
        return
    if record is None or not changes or record.version != len(changes):
        version = None if record is None else record.version
        yield Violation("I1", f"{name}: {len(changes)} settled changes, version {version}")
        return
    deleted = changes[-1].action in _DELETIONS
    if (record.document_id, record.deleted) != (changes[-1].document_id, deleted):
        yield Violation("I1", f"{name}: the record is not what its last change made of it")


def _live_counts(store: Store) -> Iterator[Violation]:
    live = Counter(row.source_id for row in store.records if not row.deleted)
    for source in store.sources:
        coming = sum(
            run.live_change
            for run in store.runs.values()
            if run.source_id == source.id and run.status == RunStatus.SETTLING
        )
        if live[source.id] != source.live + coming:
            counted = f"{source.live} + {coming}"
            yield Violation(
                "I2", f"source {source.code}: counts {counted} live records, has {live[source.id]}"
            )
