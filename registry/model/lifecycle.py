"""The life of a source, as a table: console buttons and command-line verbs are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from registry.model.role import Permission
from registry.model.source import SourceStatus as S


class SourceAction(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    SUSPEND = "suspend"
    RESUME = "resume"
    RETIRE = "retire"
    AMEND = "amend"


@dataclass(frozen=True, slots=True)
class Transition:
    """What an action leads to, what permission it takes, and whether it needs a written reason.

    ``four_eyes``: whoever submitted the source may not take this action, not even on the installation's own
    command line (accounts: see ``role.Rule.four_eyes`` besides). ``with_records``: only a source that
    holds records may take it (one that an amendment sent back keeps what it published).
    """

    to: S
    permission: Permission
    reason_needed: bool = False
    four_eyes: bool = False
    with_records: bool = False


_RETIRE = Transition(S.RETIRED, Permission.RETIRE, reason_needed=True)
_WITHDRAW = Transition(S.RETIRED, Permission.RETIRE, reason_needed=True, with_records=True)


TRANSITIONS: dict[tuple[S, SourceAction], Transition] = {
    (S.DRAFT, SourceAction.SUBMIT): Transition(S.SUBMITTED, Permission.SUBMIT_SOURCE),
    (S.DRAFT, SourceAction.AMEND): Transition(S.DRAFT, Permission.AMEND_SOURCE),
    (S.REJECTED, SourceAction.AMEND): Transition(S.DRAFT, Permission.AMEND_SOURCE),
    (S.REJECTED, SourceAction.SUBMIT): Transition(S.SUBMITTED, Permission.SUBMIT_SOURCE),
    (S.SUBMITTED, SourceAction.AMEND): Transition(S.SUBMITTED, Permission.AMEND_SOURCE),
    (S.SUBMITTED, SourceAction.APPROVE): Transition(S.APPROVED, Permission.APPROVE, four_eyes=True),
    (S.SUBMITTED, SourceAction.REJECT): Transition(
        S.REJECTED, Permission.REJECT, reason_needed=True, four_eyes=True
    ),
    (S.APPROVED, SourceAction.AMEND): Transition(S.SUBMITTED, Permission.AMEND_SOURCE),
    (S.APPROVED, SourceAction.SUSPEND): Transition(S.SUSPENDED, Permission.SUSPEND, reason_needed=True),
    (S.SUSPENDED, SourceAction.RESUME): Transition(S.APPROVED, Permission.RESUME),
    (S.SUSPENDED, SourceAction.AMEND): Transition(S.SUBMITTED, Permission.AMEND_SOURCE),
    (S.APPROVED, SourceAction.RETIRE): _RETIRE,
    (S.SUSPENDED, SourceAction.RETIRE): _RETIRE,
    (S.DRAFT, SourceAction.RETIRE): _WITHDRAW,
    (S.SUBMITTED, SourceAction.RETIRE): _WITHDRAW,
    (S.REJECTED, SourceAction.RETIRE): _WITHDRAW,
}


def transition(status: S, action: SourceAction, *, holds_records: bool) -> Transition | None:
    """The row of the table for a source in this status; None where it cannot take this action."""
    row = TRANSITIONS.get((status, action))
    return None if row is None or (row.with_records and not holds_records) else row


def actions_from(status: S, *, holds_records: bool) -> tuple[SourceAction, ...]:
    """What can be done with a source in this status, in the order of the table."""
    return tuple(
        action
        for (start, action), row in TRANSITIONS.items()
        if start is status and (holds_records or not row.with_records)
    )
