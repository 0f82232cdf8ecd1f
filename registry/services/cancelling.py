"""Cancelling: what is waiting or running for a source is left, by the word of a person.

The order ends at once, so a worker that carries it out has lost it: its next page finds nothing to write to
(``LeaseLost``), and nobody takes the order over. What the run had staged stays beside the register, to be looked at.
"""

from __future__ import annotations

from datetime import datetime

from registry.errors import Conflict
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.role import Permission
from registry.model.run import RunStatus
from registry.services import access
from registry.services.reviewing import need_reason
from registry.store import events, orders, runs, sources
from registry.store.engine import Engine, transaction

CANCELLED = "cancelled"
"""``ending`` in the outcome of an order that was cancelled."""

_NOTHING = Text(
    zh="来源 {source} 没有等待或正在进行的采集。", en="nothing is waiting or running for the source {source}."
)
_DECIDED = Text(
    zh="来源 {source} 的运行 {run} 已开始入库，不能取消；发布后可以撤销(mulu run undo {run})。",
    en="run {run} of {source} is being settled and cannot be cancelled; once it is published it can be undone "
    "(`mulu run undo {run}`).",
)


def cancel(engine: Engine, source_code: str, *, actor: Actor, now: datetime, reason: str) -> runs.Run | None:
    """Cancel the harvests of a source that wait or run; the run that was being collected (now CANCELLED), None where
    the order had not begun. Nothing of that run enters the register; the next harvest begins anew.

    Raises ``Conflict`` where there is nothing to cancel, or the run is decided already; ``Refused`` without a reason;
    ``Forbidden``.
    """
    need_reason(reason)
    with transaction(engine) as connection:
        source = sources.get(connection, source_code)
        register_id = source.description.register_id
        access.require(connection, actor, Permission.CANCEL, register_id, source=source)
        standing = runs.under_way(connection, source.id)
        outcome = {"ending": CANCELLED, "run": standing.id if standing else None}
        # Orders before sources and runs, as a worker that stages a page locks them.
        ended = orders.cancel(connection, source.id, outcome, now)
        sources.by_id(connection, source.id, lock=True)
        standing = runs.under_way(connection, source.id)
        if standing is not None and standing.status is RunStatus.SETTLING:
            raise Conflict(_DECIDED.format(source=source_code, run=standing.id))
        if not ended and standing is None:
            raise Conflict(_NOTHING.format(source=source_code))
        if standing is not None:
            runs.change(
                connection,
                standing.id,
                status=str(RunStatus.CANCELLED),
                decided_by=actor.name,
                finished_at=now,
            )
        subject = f"run:{standing.id}" if standing else f"source:{source_code}"
        after = {"source": source_code, "orders": ended}
        events.record(
            connection, Event(actor, "cancel", subject, reason, after=after, register_id=register_id), now
        )
        return None if standing is None else runs.get(connection, standing.id)
