"""Traces: from every version to a source, a run and raw bytes; from every act to one event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from registry.model.acts import ACTS_ON_ENTRIES
from registry.model.diff import Action
from registry.model.run import RunStatus
from registry.model.seal import breaches
from registry.model.source import Protocol
from tests.invariants.store import Store, Violation, event_of, grouped, run_of

_WITH_BYTES = (Action.CREATED, Action.UPDATED, Action.RESTORED)


def check(store: Store) -> Iterator[Violation]:
    """Violations of I6 and I7."""
    yield from _versions(store)
    yield from _raw_bytes(store)
    yield from _kept_answers(store)
    yield from _events(store)
    yield from _seals(store)


class _Any:
    """Lets every signature pass: the chain is looked at, not the key."""

    def proves(self, key: str, message: bytes, signature: bytes) -> bool:
        return True


def _seals(store: Store) -> Iterator[Violation]:
    for breach in breaches(store.seals, _Any()):
        yield Violation("I7", f"the chain of acts: {breach}")


def _versions(store: Store) -> Iterator[Violation]:
    changed = {(change.run_id, change.identifier) for change in store.changes}
    sources = {source.id for source in store.sources}
    acts = {event.id for event in store.events if event.action in (*ACTS_ON_ENTRIES, "approve", "retire")}
    for register_id, log in store.versions.items():
        for version in log:
            name = f"register {register_id}, version {version.sequence}"
            run_id = run_of(version.cause)
            if version.source_id not in sources:
                yield Violation("I6", f"{name}: no source")
            elif (event_id := event_of(version.cause)) is not None and event_id not in acts:
                yield Violation("I6", f"{name}: caused by an act that is not in the book: {version.cause}")
            elif run_id is None and event_id is None and not version.cause.startswith("clock:"):
                yield Violation("I6", f"{name}: caused by nothing known: {version.cause}")
            elif run_id is not None and (run_id, version.identifier) not in changed:
                yield Violation("I6", f"{name}: run {run_id} changed no {version.identifier}")
            if not version.deleted and version.document_id not in store.documents:
                yield Violation("I6", f"{name}: live without a document")


def _raw_bytes(store: Store) -> Iterator[Violation]:
    """What came from outside is archived under the digest that its change names."""
    internal = {source.id for source in store.sources if source.protocol == Protocol.REGISTER}
    for change in store.changes:
        run = store.runs[change.run_id]
        if run.cause != "order" or run.source_id in internal or change.action not in _WITH_BYTES:
            continue
        if bytes(change.raw_digest) not in store.raw_records:
            yield Violation(
                "I6", f"change {change.id} of run {run.id}: the bytes of {change.identifier} are gone"
            )


def _kept_answers(store: Store) -> Iterator[Violation]:
    """An answer that could not be read is kept from its first piece on, if an issue names its bytes."""
    for digest, pieces in store.raw_pages.items():
        if sorted(piece.number for piece in pieces) != list(range(len(pieces))):
            yield Violation("I6", f"pieces of the answer {bytes(digest).hex()} are missing")
    for issue in store.issues:
        if not issue.identifier and issue.raw_digest and issue.raw_digest not in store.raw_pages:
            yield Violation("I6", f"issue {issue.id} names an answer that is not kept")


_DECIDED = {RunStatus.REFUSED: "refuse", RunStatus.CANCELLED: "cancel"}
"""What people did to runs in these states."""


def _events(store: Store) -> Iterator[Violation]:
    seen = Counter((event.action, event.subject) for event in store.events)
    wanted = Counter(
        {
            **{("create", f"register:{register.code}"): 1 for register in store.registers},
            **{("add", f"source:{source.code}"): 1 for source in store.sources},
        }
    )
    undone = grouped((run for run in store.runs.values() if run.undoes_run_id), "undoes_run_id")
    for run in store.runs.values():
        if run.status in _DECIDED:
            wanted[_DECIDED[run.status], f"run:{run.id}"] = 1
        if run.status == RunStatus.UNDONE:
            wanted["undo", f"run:{run.id}"] = len(undone[run.id])
        elif run.id in undone:
            yield Violation("I7", f"run {run.id} was undone by another run, and does not say so")
        # A newer run decides too: it takes the place of one that is held.
        by_person = run.decided_by and not run.decided_by.startswith("run:")
        if run.cause == "order" and by_person and run.status not in _DECIDED:
            wanted["release", f"run:{run.id}"] = 1
    for (action, subject), count in wanted.items():
        if seen[action, subject] != count:
            yield Violation("I7", f"{seen[action, subject]} events say {action} of {subject}, not {count}")
    for action, subject in seen:
        by_people = action in ("undo", "release", "refuse") or (
            action == "cancel" and subject.startswith("run:")
        )
        if by_people and (action, subject) not in wanted:
            yield Violation("I7", f"an event says {action} of {subject}, and nothing came of it")
