"""The verdict: how much of a source's list an answer held. Only COMPLETE may delete by absence."""

from __future__ import annotations

from registry.model.run import Ending, Verdict, Walk


def verdict(walk: Walk, received: int, moved: int = 0) -> Verdict:
    """How complete the list was, of which ``received`` records came (repeats included), ``moved`` of them
    on another page than their first copy.

    PARTIAL: something is known to be missing (the walk broke off, pages were lost, fewer records came
    than the source declared). UNKNOWN: the list moved under the walk, did not say that it ends, left out what
    the source has, or more came than was declared, so that nobody can say. NOT_MODIFIED says nothing about
    single records, hence UNKNOWN too.
    """
    if walk.ending is Ending.NOT_MODIFIED:
        return Verdict.UNKNOWN
    if walk.ending is not Ending.FINISHED or walk.pages_lost:
        return Verdict.PARTIAL
    if walk.total_changed or walk.end_untold or walk.missed or moved:
        return Verdict.UNKNOWN
    if walk.declared_total is not None and received != walk.declared_total:
        return Verdict.PARTIAL if received < walk.declared_total else Verdict.UNKNOWN
    return Verdict.COMPLETE
