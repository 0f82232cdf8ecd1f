"""What one account may do, loaded once and asked often: for pages that draw what is allowed, row by row.

The same table as in ``access`` decides (``model.role.may``); whoever acts is asked again there, in the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from registry.model.event import Actor
from registry.model.hierarchy import Reading, ancestry, is_above
from registry.model.role import PERMISSIONS, Grant, Permission, may
from registry.store import accounts, hierarchy, sources
from registry.store.engine import Connection


@dataclass(frozen=True, slots=True)
class Place:
    """Where a permission is asked for: on a register (its id; None: on the installation itself), and who has to do
    with the source that it is about."""

    register_id: int | None
    added_by: str = ""
    submitted_by: str = ""


INSTALLATION = Place(None)


def place_of(source: sources.Source) -> Place:
    """Where a source is, or a run of it."""
    return Place(source.description.register_id, source.added_by, source.submitted_by)


@dataclass(slots=True)
class Rights:
    """What an account may do. Everything is answered from what was loaded."""

    name: str
    grants: Sequence[Grant]
    readings: Sequence[Reading]
    _above: dict[int, frozenset[int]] = field(default_factory=dict)
    _reach: dict[Permission, frozenset[int] | None] = field(default_factory=dict)

    def may(self, permission: Permission, place: Place) -> bool:
        """Whether the account has the permission there; what it submitted itself is no exception here."""
        own = self.name in (place.added_by, place.submitted_by)
        above = frozenset() if place.register_id is None else self._registers_above(place.register_id)
        return may(self.grants, permission, place.register_id, above, own=own)

    def judges_itself(self, permission: Permission, place: Place) -> bool:
        """Whether it is the submitter of what it would decide about."""
        return PERMISSIONS[permission].four_eyes and self.name == place.submitted_by

    def reach(self, permission: Permission) -> frozenset[int] | None:
        """The registers on which the account has the permission, for what is its own at least; None where that is
        the whole installation."""
        if permission not in self._reach:
            rule = PERMISSIONS[permission]
            held = [each for each in self.grants if each.role in rule.roles | rule.own]
            everywhere = any(each.register_id is None for each in held)
            ids = (each.register_id for each in held if each.register_id is not None)
            self._reach[permission] = None if everywhere else self.beneath(ids)
        return self._reach[permission]

    def beneath(self, register_ids: Iterable[int]) -> frozenset[int]:
        """These registers, and all that lie beneath one of them."""
        found: set[int] = set()
        pending = list(register_ids)
        children: dict[int, list[int]] = {}
        for each in self.readings:
            if is_above(each.parent_level, each.child_level):
                children.setdefault(each.parent, []).append(each.child)
        while pending:
            current = pending.pop()
            if current not in found:
                found.add(current)
                pending += children.get(current, ())
        return frozenset(found)

    @property
    def home(self) -> frozenset[int] | None:
        """The registers on which the account holds any role; None: all."""
        if any(each.register_id is None for each in self.grants):
            return None
        return self.beneath(each.register_id for each in self.grants if each.register_id is not None)

    def _registers_above(self, register_id: int) -> frozenset[int]:
        if register_id not in self._above:
            self._above[register_id] = ancestry(register_id, self.readings)
        return self._above[register_id]


def rights_of(connection: Connection, actor: Actor) -> Rights:
    """The rights of an account that is signed in (no key narrows them)."""
    assert actor.account is not None
    return Rights(actor.name, accounts.grants_of(connection, actor.account), hierarchy.readings(connection))
