"""What a walk did not bring, and what of it is worth asking for one by one. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime

from registry.model.completeness import verdict
from registry.model.record import CheckedRecord, Condition, KnownRecord
from registry.model.run import Scope, Tally, Verdict, Walk


def wanted(
    listed: Sequence[CheckedRecord], held: Mapping[str, KnownRecord], staged: Container[str], run_id: int
) -> list[bool]:
    """For records of which only the header came, whether there is anything to gain by asking for each.

    ``held``: what the source holds of them; ``staged``: what this run has staged. Nothing is gained by what came
    in this run already, by what is held with the same datestamp, and by the deletion of what is not held. Thus a
    budget that is too small one day gets further the next.
    """
    return [
        each.identifier not in staged and _is_news(each, held.get(each.identifier), run_id) for each in listed
    ]


def _is_news(listed: CheckedRecord, held: KnownRecord | None, run_id: int) -> bool:
    if held is None:
        return listed.condition is not Condition.DELETED
    if held.seen_run == run_id:
        return False
    if listed.condition is Condition.DELETED:
        return not held.deleted
    return held.deleted or held.stale or not _same(listed.datestamp, held.datestamp)


def _same(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and one == other


def is_whole(walk: Walk, scope: Scope, tally: Tally) -> bool:
    """Whether a walk that ends so, was asked for with ``scope`` and came to ``tally``, listed everything, so that
    what it did not hold is absent."""
    complete = verdict(walk, tally.listed, tally.moved) is Verdict.COMPLETE
    return complete and (walk.scope or scope) is Scope.FULL
