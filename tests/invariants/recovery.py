"""Sources whose fault has gone: within two cycles all is normal, and nobody had to do anything.

One thing a person must decide: what a source had published while it was at fault cannot be told from what it meant,
so where more of that vanishes than may vanish unseen, the brake holds, and says so. It holds for nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Row

from registry.model.diff import Action
from registry.model.health import Health
from registry.model.run import Ending, RunStatus
from tests.invariants.snapshot import Snapshot
from tests.invariants.store import Rows, Store, Violation

CYCLES = 2
_GOOD = (Ending.FINISHED, Ending.NOT_MODIFIED)
_GOING = (Action.DELETED, Action.VANISHED, Action.ABSENT)


def check(
    store: Store, since: Snapshot, codes: Collection[str], sound: Snapshot | None
) -> Iterator[Violation]:
    """Violations of I10 among the sources ``codes``, whose faults ended at ``since`` and had not begun at ``sound``
    (None: nobody knows what they published meanwhile, and none may be held)."""
    for source in store.sources:
        if source.code not in codes:
            continue
        name = f"source {source.code}"
        begun = [run for run in store.runs.values() if run.source_id == source.id and run.id > since.last_run]
        first = [run for run in begun if run.cause == "order"][:CYCLES]
        published = any(run.status == RunStatus.PUBLISHED and run.ending in _GOOD for run in first)
        if not published and not (sound and first and _awaits_a_person(store, first[-1], source.code, sound)):
            told = [(run.id, run.status, run.ending) for run in first]
            yield Violation("I10", f"{name}: not published within {CYCLES} cycles: {told}")
        if source.failures or source.health != Health.HEALTHY:
            yield Violation("I10", f"{name}: {source.health} after {source.failures} failures in a row")
        if any(run.decided_by and not run.decided_by.startswith("run:") for run in begun):
            yield Violation("I10", f"{name}: a person had to decide")


def _awaits_a_person(store: Store, run: Row[Any], code: str, sound: Snapshot) -> bool:
    """Whether a run is held, says so, and would take away only what its source had not told before its fault."""
    if run.status != RunStatus.HELD or run.ending not in _GOOD:
        return False
    reasons = {reason["code"] for reason in run.hold_reasons}
    changes: Rows = [change for change in store.changes if change.run_id == run.id]
    going = {change.identifier for change in changes if change.action in _GOING}
    told_before = {row[0] for row in sound.held[code]}
    return reasons == {"vanished"} and bool(going) and not going & told_before
