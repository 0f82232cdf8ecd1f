"""A step in the life of a source: whether the table has it, whether it is about what was seen, what approval sets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from registry.errors import Conflict
from registry.model.event import Actor
from registry.model.issue import Text
from registry.model.labels import label_of
from registry.model.lifecycle import SourceAction, Transition, actions_from, transition
from registry.services import health
from registry.store.sources import Source

_NO_STEP = Text(
    zh="来源 {source} 的状态是 {status}，不能执行 {action}；可以：{possible}。",
    en="the source {source} is {status}: cannot {action}; possible: {possible}.",
)
_CHANGED = Text(
    zh="来源 {source} 在您查看之后有了改动；请重新查看后再决定。",
    en="the source {source} was changed after you had looked at it; look again, then decide.",
)


def step(source: Source, action: SourceAction) -> Transition:
    """The row of the table of transitions. Raises ``Conflict`` where there is none for the status of the source
    (somebody was faster)."""
    holds_records = source.live > 0
    found = transition(source.status, action, holds_records=holds_records)
    if found is not None:
        return found
    possible = ", ".join(actions_from(source.status, holds_records=holds_records)) or "-"
    status = label_of(source.status)
    raise Conflict(
        _NO_STEP.format(source=source.code, status=status, action=label_of(action), possible=possible)
    )


def check_unchanged(source: Source, seen: str) -> None:
    """Raise ``Conflict`` where the source's fingerprint is no longer the one that was ``seen`` (empty: not asked)."""
    if seen and seen != source.description.fingerprint:
        raise Conflict(_CHANGED.format(source=source.code))


def approval(source: Source, actor: Actor, now: datetime) -> dict[str, Any]:
    """What approval sets. Behind another fingerprint is another list: it is read from its beginning."""
    fingerprint = source.description.fingerprint
    values = dict(
        health.BEGINNING,
        approved_by=actor.name,
        approved_fingerprint=fingerprint,
        approved_scope=source.description.scope,
        due_at=now,
    )
    if source.approved_fingerprint != fingerprint:
        values.update(
            cursor_since=None, cursor_sequence=0, etag="", last_modified="", told_name="", full_at=None
        )
    return values
