"""What must be true of a store at every moment, whatever was killed, stopped or refused before.

One function, :func:`check`, reads a whole (small) store in one transaction and lists what does not hold:

    log        I2, I5  sequences without gap, chains, publications, counters, sets
    entries    I2      each entry is the winner of its records, and the head of its versions
    records    I1, I2  records are the sum of the settled changes; live counts; digests of documents
    runs       I3, I11 what is published of a run is the whole of it; a run that stands still says why
    traces     I6, I7  every version leads to a run, a change and raw bytes; one event per act

:class:`Snapshot` compares two moments: I4 (sources that nobody touched), I5 (nothing goes back).
The numbers are those of the list of invariants in ``docs/architecture.md``.
"""

from __future__ import annotations

from registry.store.engine import Engines
from tests.invariants import entries, log, records, runs, traces
from tests.invariants.snapshot import Snapshot
from tests.invariants.store import Store, Violation

__all__ = ["Snapshot", "Violation", "check"]

_PARTS = (log.check, entries.check, records.check, runs.check, traces.check)


def check(engines: Engines, *, since: Snapshot | None = None) -> list[Violation]:
    """Everything that does not hold in this store; with ``since``, also what went back since then."""
    with engines.read.connect() as connection:
        store = Store.read(connection)
    found = [violation for part in _PARTS for violation in part(store)]
    if since is not None:
        found += since.violations_in(Snapshot.of(store))
    return found
