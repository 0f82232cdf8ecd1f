"""The comparison of what came with what is held: one record in, one action out."""

from __future__ import annotations

from enum import StrEnum

from registry.model.record import CheckedRecord, Condition, KnownRecord, route_of


class Action(StrEnum):
    """What a record means for the register. The first five change it when the run is settled."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"  # the source says so
    RESTORED = "restored"
    VANISHED = "vanished"  # missing from two complete lists at least 24 hours apart
    ABSENT = "absent"  # missing for the first time: noted, nothing else
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    REPEATED = "repeated"  # the same record again in the same answer
    DECLINED = "declined"  # a person undid or refused exactly this before
    LOOPED = "looped"  # it has been in this register before it came here
    OUTDATED = "outdated"  # something newer was settled while the run was held


CHANGING = (Action.CREATED, Action.UPDATED, Action.DELETED, Action.RESTORED, Action.VANISHED)


def compare(known: KnownRecord | None, checked: CheckedRecord, *, declined: bool = False) -> Action:
    """What ``checked`` means, given what is held of the same identifier from the same source.

    ``declined``: a person undid or refused this very content (or deletion) before.
    """
    if checked.condition is Condition.REFUSED:
        return Action.REFUSED
    if checked.condition is Condition.KNOWN:
        return Action.UNCHANGED
    action = _compare_content(known, checked)
    return Action.DECLINED if declined and action in CHANGING else action


def _compare_content(known: KnownRecord | None, checked: CheckedRecord) -> Action:
    if checked.condition is Condition.DELETED:
        return Action.UNCHANGED if known is None or known.deleted else Action.DELETED
    if known is None:
        return Action.CREATED
    if known.deleted:
        return Action.RESTORED
    same = known.digest == checked.document_digest and known.route == route_of(checked.path)
    return Action.UNCHANGED if same else Action.UPDATED
