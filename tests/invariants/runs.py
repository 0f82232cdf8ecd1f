"""Runs: what is published of one is the whole of it, one that stands still says why, and none keeps more issues than
it may."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Row

from registry.model.diff import Action
from registry.model.issue import Severity
from registry.model.issue_ledger import KEEPING, Counted, IssueLedger
from registry.model.run import BROKEN_OFF, RunStatus, Tally
from registry.services.ingest.keeping import BYTES_LEFT, ONLY_COUNTED
from tests.invariants.store import Rows, Store, Violation, run_of

_SETTLED = (RunStatus.PUBLISHED, RunStatus.UNDONE)
_COUNTED = [
    Action.CREATED, Action.UPDATED, Action.UNCHANGED, Action.DELETED, Action.RESTORED, Action.REFUSED,
    Action.REPEATED, Action.DECLINED, Action.LOOPED,
]  # fmt: skip
_STAGED = [Action.CREATED, Action.UPDATED, Action.DELETED, Action.RESTORED, Action.VANISHED, Action.ABSENT]


def check(store: Store) -> Iterator[Violation]:
    """Violations of I1, I3, I8 and I11 among the runs."""
    versions: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for register_id, log in store.versions.items():
        for version in log:
            run_id = run_of(version.cause)
            if run_id is not None:
                versions[run_id].append((register_id, version.sequence))
    changes: dict[int, Rows] = defaultdict(list)
    for change in store.changes:
        changes[change.run_id].append(change)
    blamed = Counter(issue.run_id for issue in store.issues if issue.severity == Severity.ERROR)
    for run in store.runs.values():
        yield from _published_whole(store, run, versions[run.id], changes[run.id])
        yield from _reasons(run)
        yield from _tally(run, changes[run.id])
        if msgspec.convert(run.tally, Tally).refused and not blamed[run.id]:
            yield Violation("I11", f"run {run.id} refused records, and does not say why")
    yield from _publications(store)
    yield from _issues(store)


def _issues(store: Store) -> Iterator[Violation]:
    """No more of a code is kept than may be, and the ledger of the run counts it (an erasure takes some away)."""
    own = (ONLY_COUNTED.code, BYTES_LEFT.code)
    of_answers = Counter(
        (issue.run_id, issue.code) for issue in store.issues if issue.raw_digest and not issue.identifier
    )
    kept = Counter((issue.run_id, issue.code) for issue in store.issues if issue.code not in own)
    for (run_id, code), count in kept.items():
        told = store.runs[run_id].issue_ledger
        ledger = msgspec.convert(told, IssueLedger) if told else IssueLedger()
        if count > ledger.codes.get(code, Counted(Severity.NOTE)).kept:
            yield Violation("I8", f"run {run_id} keeps {count} issues {code}, and did not count them: {told}")
        if count - of_answers[run_id, code] > KEEPING.issues:
            yield Violation("I8", f"run {run_id} keeps {count} issues {code}")


def _published_whole(
    store: Store, run: Row[Any], versions: list[tuple[int, int]], changes: Rows
) -> Iterator[Violation]:
    name = f"run {run.id} ({run.status})"
    if versions and {register_id for register_id, _ in versions} != {run.register_id}:
        yield Violation("I3", f"{name}: wrote versions of another register")
    sequences = {sequence for _, sequence in versions}
    mark = next(register.mark for register in store.registers if register.id == run.register_id)
    if run.status in _SETTLED:
        if changes and run.settled_through < changes[-1].id:
            yield Violation("I3", f"{name}: published before all of it was settled")
        shown = _shown(store, run)
        if not sequences <= shown:
            yield Violation("I3", f"{name}: {sorted(sequences - shown)} are not in its publication")
    elif run.status == RunStatus.SETTLING:
        if sequences and min(sequences) <= mark:
            yield Violation("I3", f"{name}: a part of it is published")
    elif sequences:
        yield Violation("I3", f"{name}: wrote versions without being settled")


def _shown(store: Store, run: Row[Any]) -> set[int]:
    for publication in store.publications.get(run.register_id, []):
        if publication.id == run.publication_id:
            return set(range(publication.first_sequence, publication.last_sequence + 1))
    return set()


def _publications(store: Store) -> Iterator[Violation]:
    """A publication holds one run, and what the calendar left over before it."""
    for register_id, publications in store.publications.items():
        log = {version.sequence: version.cause for version in store.versions[register_id]}
        for publication in publications:
            covered = range(publication.first_sequence, publication.last_sequence + 1)
            found = {run_of(log[sequence]) for sequence in covered if sequence in log} - {None}
            if found - {run_of(publication.cause)}:
                yield Violation(
                    "I3", f"publication {publication.id} ({publication.cause}) holds runs {found}"
                )


def _reasons(run: Row[Any]) -> Iterator[Violation]:
    if run.status == RunStatus.HELD and not run.hold_reasons:
        yield Violation("I11", f"run {run.id} is held, and does not say why")
    if run.status == RunStatus.FAILED and not run.ending:
        yield Violation("I11", f"run {run.id} failed, and does not say how")
    message = (run.walk or {}).get("message") or {}
    if run.ending in BROKEN_OFF and not (message.get("zh") and message.get("en")):
        yield Violation("I11", f"run {run.id} broke off ({run.ending}), and does not say why")


def _tally(run: Row[Any], changes: Rows) -> Iterator[Violation]:
    tally = msgspec.convert(run.tally, Tally)
    staged = Counter(change.action for change in changes)
    if run.cause != "order":
        act = {str(each): (getattr(tally, each), staged[each]) for each in (*_STAGED, Action.OUTDATED)}
        if tally.received or any(counted != kept for counted, kept in act.values()):
            yield Violation("I1", f"run {run.id} of an act: (counted, staged) differ: {act}, {tally}")
        return
    if tally.received != sum(getattr(tally, action) for action in _COUNTED):
        yield Violation("I1", f"run {run.id}: what it received does not add up: {tally}")
    if tally.outdated or run.status == RunStatus.COLLECTING:
        return
    differing = {
        str(action): (getattr(tally, action), staged[action])
        for action in _STAGED
        if getattr(tally, action) != staged[action]
    }
    if differing and run.status != RunStatus.FAILED:
        yield Violation("I1", f"run {run.id}: (counted, staged) differ: {differing}")
