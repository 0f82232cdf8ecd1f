"""Who may do what: roles are held on a register, and one table says which of them each permission asks for.

The command line, the console and API keys all ask :func:`may`. A role counts on its register and on every
register beneath it (``registry.model.hierarchy``), never sideways or upward. Reading and acting are separate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    VIEWER = "viewer"  # reads entries that are not public
    SUBMITTER = "submitter"  # registers sources, and looks after its own
    OPERATOR = "operator"  # has them harvested, suspends and resumes them
    APPROVER = "approver"  # decides about sources and runs that somebody else submitted
    AUDITOR = "auditor"  # reads everything, the book of acts too; acts on nothing
    ADMINISTRATOR = "administrator"  # grants roles, sets what a register sets; approves nothing


class Permission(StrEnum):
    """What can be asked for, as ``subject.verb``. A route or a verb of the command line needs exactly one."""

    READ_ENTRIES = "entries.read"  # as a peer: also what is shared on conditions, or not open
    READ_REGISTERS = "registers.read"  # that they are there, what they hold, who is beneath whom
    READ_SOURCES = "sources.read"
    READ_RUNS = "runs.read"  # with their changes and issues
    READ_ACCOUNTS = "accounts.read"  # with their roles
    READ_SETTINGS = "settings.read"
    READ_AUDIT = "audit.read"  # the book of acts

    ADD_SOURCE = "sources.add"
    AMEND_SOURCE = "sources.amend"
    SUBMIT_SOURCE = "sources.submit"
    PROBE_SOURCE = "sources.probe"
    NOTE_CONTACT = "sources.note-contact"
    DELIVER = (
        "records.deliver"  # hand in files and records for a source without an endpoint, and deliver them
    )
    HARVEST = "sources.harvest"
    CANCEL = "sources.cancel"  # what is waiting or running
    SUSPEND = "sources.suspend"
    RESUME = "sources.resume"
    APPROVE = "sources.approve"
    REJECT = "sources.reject"
    RETIRE = "sources.retire"
    LIFT = "sources.lift"
    RELEASE = "runs.release"
    REFUSE = "runs.refuse"
    UNDO = "runs.undo"
    PIN = "entries.pin"
    ERASE = (
        "entries.erase"  # two persons: one asks, another one, who may on every register concerned, confirms
    )
    REVEAL = "raw.reveal"  # what came as it came, personal data and all: changes nothing but the book of acts
    RESUME_PUBLICATION = "publication.resume"  # of the whole installation
    GRANT = "accounts.grant"  # accounts, their roles and their keys
    SET = "settings.set"  # registers, and what they decide for themselves


@dataclass(frozen=True, slots=True)
class Rule:
    """Which roles carry a permission. ``own``: these carry it for sources that they registered themselves only.

    ``reads``: nothing is changed by it. ``four_eyes``: not for what one has submitted oneself.
    """

    roles: frozenset[Role]
    own: frozenset[Role] = frozenset()
    reads: bool = False
    four_eyes: bool = False


_R, _P = Role, Permission


def _reads(*roles: Role) -> Rule:
    return Rule(frozenset({*roles, _R.AUDITOR}), reads=True)


def _acts(*roles: Role, own: Iterable[Role] = ()) -> Rule:
    return Rule(frozenset(roles), own=frozenset(own))


_DECIDES = Rule(frozenset({_R.APPROVER}), four_eyes=True)
_STATES = _acts(own=(_R.SUBMITTER,))
_OPERATES = _acts(_R.OPERATOR)
_WORKING = (_R.SUBMITTER, _R.OPERATOR, _R.APPROVER)

PERMISSIONS: Mapping[Permission, Rule] = MappingProxyType(
    {
        _P.READ_ENTRIES: _reads(_R.VIEWER, *_WORKING),
        _P.READ_REGISTERS: _reads(_R.VIEWER, *_WORKING, _R.ADMINISTRATOR),
        _P.READ_SOURCES: _reads(*_WORKING, _R.ADMINISTRATOR),
        _P.READ_RUNS: _reads(*_WORKING),
        _P.READ_ACCOUNTS: _reads(_R.ADMINISTRATOR),
        _P.READ_SETTINGS: _reads(*_WORKING, _R.ADMINISTRATOR),
        _P.READ_AUDIT: _reads(),
        _P.ADD_SOURCE: _acts(_R.SUBMITTER),
        _P.AMEND_SOURCE: _STATES,
        _P.SUBMIT_SOURCE: _STATES,
        _P.PROBE_SOURCE: _acts(_R.OPERATOR, _R.APPROVER, own=(_R.SUBMITTER,)),
        _P.NOTE_CONTACT: _acts(_R.OPERATOR, _R.APPROVER, own=(_R.SUBMITTER,)),
        _P.DELIVER: _STATES,
        _P.HARVEST: _OPERATES,
        _P.CANCEL: _OPERATES,
        _P.SUSPEND: _OPERATES,
        _P.RESUME: _OPERATES,
        _P.APPROVE: _DECIDES,
        _P.REJECT: _DECIDES,
        _P.RETIRE: _DECIDES,
        _P.LIFT: _DECIDES,
        _P.RELEASE: _DECIDES,
        _P.REFUSE: _DECIDES,
        _P.UNDO: _DECIDES,
        _P.PIN: _DECIDES,
        _P.ERASE: _acts(_R.APPROVER),
        _P.REVEAL: _acts(_R.OPERATOR, _R.APPROVER, _R.AUDITOR),
        _P.RESUME_PUBLICATION: _acts(_R.APPROVER),
        _P.GRANT: _acts(_R.ADMINISTRATOR),
        _P.SET: _acts(_R.ADMINISTRATOR),
    }
)
"""The policy."""

APART: frozenset[Role] = frozenset({_R.AUDITOR, _R.ADMINISTRATOR})
"""Roles that go with no other of an account, except :data:`ALWAYS`: who grants does not act, who audits neither."""

ALWAYS: frozenset[Role] = frozenset({_R.VIEWER})


@dataclass(frozen=True, slots=True)
class Grant:
    """A role on a register (its id) and everything beneath it; None: on every register, and on the
    installation itself."""

    role: Role
    register_id: int | None


def may(
    grants: Iterable[Grant],
    permission: Permission,
    register: int | None,
    ancestry: Collection[int],
    *,
    own: bool = False,
) -> bool:
    """Whether whoever holds ``grants`` has ``permission`` on ``register`` (None: on the installation itself,
    which only a grant on every register reaches).

    ``ancestry``: the ids of the registers above it. ``own``: what is acted on is a source that the holder
    registered, or a run of one.
    """
    rule = PERMISSIONS[permission]
    return any(
        (grant.role in rule.roles or (own and grant.role in rule.own))
        and (
            grant.register_id is None
            or (register is not None and (grant.register_id == register or grant.register_id in ancestry))
        )
        for grant in grants
    )


def clashing(held: Iterable[Role], wanted: Role) -> frozenset[Role]:
    """The roles among ``held`` that an account must give up before it can be given ``wanted``."""
    others = frozenset(held) - ALWAYS - {wanted}
    if wanted in ALWAYS:
        return frozenset()
    return others if wanted in APART else others & APART
