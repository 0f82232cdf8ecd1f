"""What a round of harvests came to, register by register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harvester.commands.waiting import Ended
from registry.commands.session import Session
from registry.model.register import Register
from registry.model.run import BROKEN_OFF, Ending, Verdict
from registry.store import registers, runs, sources

_WORST_FIRST = (Verdict.PARTIAL, Verdict.UNKNOWN, Verdict.COMPLETE)
_RUNS_LOOKED_AT = 1000


def summaries(session: Session, ended: Sequence[Ended]) -> list[dict[str, Any]]:
    """One row a register, from the nation down: what came in this round, and where the register stands."""
    with session.engines.read.connect() as connection:
        standing = registers.listed(connection)
        counts = {
            each.id: len(sources.listed(connection, register_id=each.id, limit=_RUNS_LOOKED_AT))
            for each in standing
        }
        latest = {
            each.id: runs.listed(connection, within=[each.id], limit=_RUNS_LOOKED_AT) for each in standing
        }
    return [_row(each, counts[each.id], _worst(latest[each.id]), ended) for each in standing]


def _row(
    register: Register, source_count: int, verdict: Verdict | None, ended: Sequence[Ended]
) -> dict[str, Any]:
    here = [each for each in ended if each.register_code == register.code]
    tallies = [each.run.tally for each in here if each.run is not None]
    return {
        "code": register.code,
        "name": register.name,
        "level": register.level,
        "sources": source_count,
        "received": sum(tally.received for tally in tallies),
        "accepted": sum(tally.accepted for tally in tallies),
        "refused": sum(tally.refused for tally in tallies),
        "entries": register.entries,
        "last_sequence": register.mark,
        "verdict": verdict,
        "seconds": round(sum(each.seconds for each in here), 3),
    }


def _worst(newest_first: Sequence[runs.Run]) -> Verdict | None:
    """The worst verdict among the sources' newest lists. "Not modified" is none, nor is a run that broke off before
    a record came: the list before it holds."""
    by_source: dict[int, Verdict] = {}
    for run in newest_first:
        is_list = run.ending is not Ending.NOT_MODIFIED and (
            run.tally.received or run.ending not in BROKEN_OFF
        )
        if run.verdict is not None and is_list:
            by_source.setdefault(run.source_id, run.verdict)
    return next((each for each in _WORST_FIRST if each in by_source.values()), None)
