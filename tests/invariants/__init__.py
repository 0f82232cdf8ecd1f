"""What must be true of a store at every moment, whatever was killed, stopped or refused before.

    I1   every acknowledged write is there                       records, runs
    I2   identifiers are unique, versions have no gap            log, entries, records
    I3   what is published of a run is the whole of it           log, runs
    I4   the records of sources that nobody touched are as they were    snapshot
    I5   no sequence, datestamp or mark goes back                log, snapshot
    I6   every version leads to a source, a run and raw bytes    traces
    I7   every act has left one event                            traces
    I9   the same again changes nothing                          log
    I11  a run that stands still says why                        runs

:func:`check` reads a whole (small) store in one transaction and lists what does not hold; :class:`Snapshot`
compares two moments. The product's own ``mulu verify`` looks at less, in bounded memory.
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
