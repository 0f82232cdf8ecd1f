"""The table of permissions, held against the sentences that describe each role; and where a role counts."""

from __future__ import annotations

from itertools import product

import pytest

from registry.model.role import ALWAYS, APART, PERMISSIONS, Grant, Permission, Role, clashing, may

P, R = Permission, Role
READS = {each for each, rule in PERMISSIONS.items() if rule.reads}
HERE, ABOVE, BESIDE = 7, 3, 8


def carried(role: Role, *, own: bool = False) -> set[Permission]:
    """What a role may do on its own register."""
    return {each for each in P if may([Grant(role, HERE)], each, HERE, (), own=own)}


def test_every_permission_has_a_rule_and_somebody_who_carries_it() -> None:
    assert set(PERMISSIONS) == set(P)
    assert all(rule.roles | rule.own for rule in PERMISSIONS.values())


def test_a_viewer_reads_registers_and_entries_and_nothing_else() -> None:
    assert carried(R.VIEWER, own=True) == {P.READ_ENTRIES, P.READ_REGISTERS}


def test_a_submitter_acts_on_its_own_sources_only() -> None:
    assert carried(R.SUBMITTER) - READS == {P.ADD_SOURCE}
    own = {P.ADD_SOURCE, P.AMEND_SOURCE, P.SUBMIT_SOURCE, P.PROBE_SOURCE, P.NOTE_CONTACT, P.DELIVER}
    assert carried(R.SUBMITTER, own=True) - READS == own


def test_an_operator_operates() -> None:
    acts = {P.HARVEST, P.CANCEL, P.SUSPEND, P.RESUME, P.PROBE_SOURCE, P.NOTE_CONTACT, P.REVEAL}
    assert carried(R.OPERATOR, own=True) - READS == acts


def test_an_approver_decides_never_about_what_it_submitted() -> None:
    decides = {P.APPROVE, P.REJECT, P.RETIRE, P.LIFT, P.RELEASE, P.REFUSE, P.UNDO, P.PIN}
    others = {P.PROBE_SOURCE, P.NOTE_CONTACT, P.RESUME_PUBLICATION, P.ERASE, P.REVEAL}
    assert carried(R.APPROVER, own=True) - READS == decides | others
    assert {each for each, rule in PERMISSIONS.items() if rule.four_eyes} == decides


def test_an_auditor_reads_everything_and_acts_on_nothing() -> None:
    """To reveal is to read what leaves a trace in the book."""
    assert carried(R.AUDITOR, own=True) == READS | {P.REVEAL}


def test_an_administrator_grants_and_sets_and_approves_nothing() -> None:
    assert carried(R.ADMINISTRATOR, own=True) - READS == {P.GRANT, P.SET}
    assert P.READ_AUDIT not in carried(R.ADMINISTRATOR)


def test_only_auditors_read_the_book() -> None:
    assert {role for role in R if P.READ_AUDIT in carried(role)} == {R.AUDITOR}


@pytest.mark.parametrize(("role", "permission"), [*product(R, P)])
def test_a_role_counts_on_its_register_and_beneath_never_beside_or_above(
    role: Role, permission: Permission
) -> None:
    here = may([Grant(role, HERE)], permission, HERE, (), own=True)
    assert may([Grant(role, ABOVE)], permission, HERE, (ABOVE,), own=True) is here
    assert may([Grant(role, None)], permission, HERE, (), own=True) is here
    assert may([Grant(role, None)], permission, None, (), own=True) is here
    assert not may([Grant(role, HERE)], permission, ABOVE, (), own=True)
    assert not may([Grant(role, BESIDE)], permission, HERE, (ABOVE,), own=True)
    assert not may([Grant(role, HERE)], permission, None, (), own=True)


def test_without_a_grant_nothing() -> None:
    assert not any(may([], each, HERE, (ABOVE,), own=True) for each in P)


def test_roles_that_are_kept_apart() -> None:
    for held, wanted in product(R, R):
        clash = clashing([held], wanted)
        apart = held is not wanted and bool({held, wanted} & APART) and not {held, wanted} & ALWAYS
        assert clash == ({held} if apart else set())
    assert clashing([R.VIEWER, R.SUBMITTER, R.APPROVER], R.AUDITOR) == {R.SUBMITTER, R.APPROVER}
