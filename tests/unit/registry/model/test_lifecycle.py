"""The table of a source's life, held against the picture of house section 8."""

from __future__ import annotations

from collections import deque
from itertools import product

import pytest

from registry.model.lifecycle import TRANSITIONS, SourceAction, actions_from, transition
from registry.model.role import PERMISSIONS, Role
from registry.model.source import SourceStatus as S

A = SourceAction


@pytest.mark.parametrize(
    ("status", "possible"),
    [
        (S.DRAFT, {A.SUBMIT: S.SUBMITTED, A.AMEND: S.DRAFT}),
        (S.SUBMITTED, {A.APPROVE: S.APPROVED, A.REJECT: S.REJECTED, A.AMEND: S.SUBMITTED}),
        (S.REJECTED, {A.SUBMIT: S.SUBMITTED, A.AMEND: S.DRAFT}),
        (S.APPROVED, {A.SUSPEND: S.SUSPENDED, A.RETIRE: S.RETIRED, A.AMEND: S.SUBMITTED}),
        (S.SUSPENDED, {A.RESUME: S.APPROVED, A.RETIRE: S.RETIRED, A.AMEND: S.SUBMITTED}),
        (S.RETIRED, {}),
    ],
)
def test_what_can_be_done_and_where_it_leads(status: S, possible: dict[SourceAction, S]) -> None:
    found = actions_from(status, holds_records=False)
    assert {action: TRANSITIONS[status, action].to for action in found} == possible


@pytest.mark.parametrize("status", S)
def test_what_holds_records_can_always_be_withdrawn(status: S) -> None:
    """Behind an amendment a source keeps what it published, whatever becomes of the amendment."""
    with_records = set(actions_from(status, holds_records=True))
    assert with_records - set(actions_from(status, holds_records=False)) <= {A.RETIRE}
    assert (A.RETIRE in with_records) is (status is not S.RETIRED)


def test_the_row_and_the_list_agree() -> None:
    for status, action, holds in product(S, A, (True, False)):
        row = transition(status, action, holds_records=holds)
        assert (row is not None) is (action in actions_from(status, holds_records=holds))
        assert row in (None, TRANSITIONS.get((status, action)))


def test_only_an_approval_opens_the_way_to_a_harvest() -> None:
    """Whatever is done short of ``approve`` (or ``resume``, behind one) leads to no approved source."""
    reached, queue = {S.DRAFT}, deque([S.DRAFT])
    while queue:
        status = queue.popleft()
        for action in actions_from(status, holds_records=True):
            to = TRANSITIONS[status, action].to
            if action is not A.APPROVE and to not in reached:
                reached.add(to)
                queue.append(to)
    assert reached == {S.DRAFT, S.SUBMITTED, S.REJECTED, S.RETIRED}


def test_who_submits_cannot_judge_and_who_judges_is_an_approver() -> None:
    for (_, action), step in TRANSITIONS.items():
        assert step.four_eyes is (action in (A.APPROVE, A.REJECT))
        rule = PERMISSIONS[step.permission]
        if step.four_eyes or action is A.RETIRE:
            assert rule.roles == {Role.APPROVER} and rule.four_eyes
        if action in (A.SUBMIT, A.AMEND):
            assert not rule.roles and rule.own == {Role.SUBMITTER}


def test_whatever_takes_away_needs_a_reason() -> None:
    needing = {action for (_, action), transition in TRANSITIONS.items() if transition.reason_needed}
    assert needing == {A.REJECT, A.SUSPEND, A.RETIRE}


def test_actions_keep_the_order_of_the_table() -> None:
    assert actions_from(S.APPROVED, holds_records=True) == (A.AMEND, A.SUSPEND, A.RETIRE)
