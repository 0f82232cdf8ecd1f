"""What must be true of a store at every moment, whatever was killed, stopped, refused or played before.

    I1   every acknowledged write is there                       records, runs
    I2   identifiers are unique, versions have no gap            log, entries, records
    I3   what is published of a run is the whole of it           log, runs
    I4   the records of sources that nobody touched are as they were    snapshot
    I5   no sequence, datestamp or mark goes back                log, snapshot
    I6   every version leads to a source, a run and raw bytes    traces
    I7   every act has left one event, and the chain of seals over them is whole    traces
    I8   memory, files, threads, processes and disk stay inside limits    usage
    I9   the same again changes nothing                          log, snapshot
    I10  a fault that is gone is forgotten within two cycles, or
         what it had published is held for a person              recovery
    I11  a run that stands still says why, and so does one that broke off    runs
    I12  nothing was asked for outside the allowed addresses     lures

:func:`check` reads a whole (small) store in one transaction and lists what does not hold; :class:`Snapshot`
compares two moments. What a store alone cannot tell is an argument (:class:`Circumstances`). The product's own
``mulu verify`` looks at less, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from registry.store.engine import Engines
from tests.invariants import entries, log, records, recovery, runs, traces
from tests.invariants.lures import Lures
from tests.invariants.snapshot import Snapshot
from tests.invariants.store import Store, Violation
from tests.invariants.usage import Limits, Usage

__all__ = ["Circumstances", "Limits", "Lures", "Snapshot", "Usage", "Violation", "check"]

_PARTS = (log.check, entries.check, records.check, runs.check, traces.check)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What happened between an earlier moment (``since``) and the one at which a store is checked.

    ``untouched``: sources that nobody asked; ``recovered``: sources whose fault was gone by then, ``sound``: a moment
    before it began; ``repeated``: every source only said the same again; ``used``: what was used at most meanwhile,
    ``before``: at its beginning; ``lures``: what nobody may have touched.
    """

    untouched: Collection[str] = ()
    recovered: Collection[str] = ()
    sound: Snapshot | None = None
    repeated: bool = False
    used: Usage | None = None
    before: Usage | None = None
    limits: Limits = field(default_factory=Limits)
    lures: Lures | None = None


def check(
    engines: Engines, *, since: Snapshot | None = None, circumstances: Circumstances = Circumstances()
) -> list[Violation]:
    """Everything that does not hold in this store; with ``since``, also what went back since then."""
    with engines.read.connect() as connection:
        store = Store.read(connection)
    found = [violation for part in _PARTS for violation in part(store)]
    if since is not None:
        found += _compared(store, since, circumstances)
    if circumstances.used is not None:
        found += circumstances.used.violations(circumstances.limits, circumstances.before)
    if circumstances.lures is not None:
        found += circumstances.lures.violations()
    return found


def _compared(store: Store, since: Snapshot, circumstances: Circumstances) -> Iterator[Violation]:
    now = Snapshot.of(store)
    yield from since.violations_in(now)
    yield from since.untouched(now, *circumstances.untouched)
    yield from recovery.check(store, since, circumstances.recovered, circumstances.sound)
    if circumstances.repeated:
        yield from since.repeated(now)
