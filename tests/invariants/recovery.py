"""Sources whose fault has gone: within two cycles all is normal, and nobody had to do anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from registry.model.health import Health
from registry.model.run import Ending, RunStatus
from tests.invariants.snapshot import Snapshot
from tests.invariants.store import Store, Violation

CYCLES = 2
_GOOD = (Ending.FINISHED, Ending.NOT_MODIFIED)


def check(store: Store, since: Snapshot, codes: Collection[str]) -> Iterator[Violation]:
    """Violations of I10 among the sources ``codes``, whose faults ended at ``since``."""
    for source in store.sources:
        if source.code not in codes:
            continue
        name = f"source {source.code}"
        begun = [run for run in store.runs.values() if run.source_id == source.id and run.id > since.last_run]
        first = [run for run in begun if run.cause == "order"][:CYCLES]
        if not any(run.status == RunStatus.PUBLISHED and run.ending in _GOOD for run in first):
            told = [(run.id, run.status, run.ending) for run in first]
            yield Violation("I10", f"{name}: not published within {CYCLES} cycles: {told}")
        if source.failures or source.health != Health.HEALTHY:
            yield Violation("I10", f"{name}: {source.health} after {source.failures} failures in a row")
        if any(run.decided_by and not run.decided_by.startswith("run:") for run in begun):
            yield Violation("I10", f"{name}: a person had to decide")
