"""What a route is on: found from its address, handed to the view, and asked about before.

A resolver takes the visit, the permission and the parts of the address; it gives the things that the view receives
and the grounds, of which one must carry the permission. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask import request

from registry.errors import NotFound
from registry.model.issue import Text
from registry.model.order import INSPECTIONS
from registry.model.register import Register
from registry.model.role import Permission
from registry.services.rights import INSTALLATION, Place, place_of
from registry.store import accounts, api_keys, deliveries, events, orders, registers, runs, sources
from registry.web.admin.visit import REGISTER_PARAMETER, Visit

EVERYWHERE = "*"
"""How a form says: on every register."""

_NO_ENTRY = Text(zh="没有编号为 {id} 的条目。", en="there is nothing under the number {id}.")


class Ground(Enum):
    """Grounds that are no place."""

    SOMEWHERE = "somewhere"  # the permission is held on one register at least
    ONESELF = "oneself"  # being signed in is enough
    NOBODY = "nobody"  # not even that is needed


@dataclass(frozen=True, slots=True)
class Target:
    """What the view receives, and where the permission is asked for."""

    things: tuple[Any, ...]
    grounds: tuple[Place | Ground, ...]


Resolver = Callable[[Visit, Permission | None, Mapping[str, Any]], Target]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a listing may show: entries of these registers (``ids``; None: of all). ``chosen``: the register that the
    address narrows it to, with those beneath."""

    ids: frozenset[int] | None
    chosen: Register | None = None

    def holds(self, register_id: int) -> bool:
        """Whether what is on this register may be shown."""
        return self.ids is None or register_id in self.ids


def anywhere(visit: Visit, permission: Permission | None, _parts: Mapping[str, Any]) -> Target:
    """Listings: the permission is needed on one register at least; the view receives its :class:`Reach`."""
    assert permission is not None
    ids, chosen = visit.rights.reach(permission), visit.chosen
    if chosen is not None:
        below = visit.rights.beneath([chosen.id])
        ids = below if ids is None else ids & below
    return Target((Reach(ids, chosen),), (Ground.SOMEWHERE,))


def of_register(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The register that ``<code>`` names."""
    register = registers.get(visit.connection, parts["code"])
    return Target((register,), (Place(register.id),))


def of_named_register(visit: Visit, _permission: Permission | None, _parts: Mapping[str, Any]) -> Target:
    """The register that the field ``register`` of the form names, or that of the address; the view receives None
    where it says ``*``: the installation."""
    code = request.form.get(REGISTER_PARAMETER) or request.args.get(REGISTER_PARAMETER, "")
    if code == EVERYWHERE:
        return Target((None,), (INSTALLATION,))
    register = registers.get(visit.connection, code)
    return Target((register,), (Place(register.id),))


def of_source(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The source that ``<code>`` names."""
    source = sources.get(visit.connection, parts["code"])
    return Target((source,), (place_of(source),))


def of_run(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The run that ``<int:id>`` numbers, and its source."""
    run = runs.get(visit.connection, parts["id"])
    source = sources.by_id(visit.connection, run.source_id)
    return Target((run, source), (place_of(source),))


def of_entry(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The register that ``<code>`` names, and the field ``identifier`` of the address or of the form, under which
    nothing may stand. (Identifiers are not paths: they may hold slashes, or two of them.)"""
    register = registers.get(visit.connection, parts["code"])
    return Target((register, request.values.get("identifier", "")), (Place(register.id),))


def of_account(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The account that ``<name>`` names: where it holds a role; anywhere, where it holds none."""
    account = accounts.get(visit.connection, parts["name"])
    held = accounts.grants_of(visit.connection, account.id)
    places = tuple(Place(register_id) for register_id in dict.fromkeys(each.register_id for each in held))
    return Target((account,), places or (Ground.SOMEWHERE,))


def of_grant(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The account that ``<name>`` names, and the register that ``on`` names in the form or in the address (``*``: every
    one), where the permission is asked for. The view receives the account, and the register or None."""
    account = accounts.get(visit.connection, parts["name"])
    code = request.form.get("on") or request.args.get("on", "")
    if code == EVERYWHERE:
        return Target((account, None), (INSTALLATION,))
    register = registers.get(visit.connection, code)
    return Target((account, register), (Place(register.id),))


def of_order(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The order that ``<int:id>`` numbers, which looks at a source: on its register."""
    order = orders.placed(visit.connection, parts["id"])
    if order is None or order.kind not in INSPECTIONS:
        raise missing(parts["id"])
    return Target((order,), (Place(order.register_id),))


def of_delivery(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The delivery that ``<int:id>`` numbers, and its source."""
    delivery = deliveries.get(visit.connection, parts["id"])
    source = sources.by_id(visit.connection, delivery.source_id)
    return Target((delivery, source), (place_of(source),))


def of_key(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The API key that ``<int:id>`` numbers: on the register that it is for."""
    key = api_keys.by_id(visit.connection, parts["id"])
    if key is None:
        raise missing(parts["id"])
    return Target((key,), (Place(key.limits.register_id),))


def of_event(visit: Visit, _permission: Permission | None, parts: Mapping[str, Any]) -> Target:
    """The event that ``<int:id>`` numbers: on the register that it happened to."""
    entered = events.get(visit.connection, parts["id"])
    return Target((entered,), (Place(entered.event.register_id),))


def installation(_visit: Visit, _permission: Permission | None, _parts: Mapping[str, Any]) -> Target:
    """The installation itself: only a role on every register reaches it."""
    return Target((), (INSTALLATION,))


def oneself(_visit: Visit, _permission: Permission | None, _parts: Mapping[str, Any]) -> Target:
    """Whoever is signed in: their inbox, their password."""
    return Target((), (Ground.ONESELF,))


def nobody(_visit: Visit, _permission: Permission | None, _parts: Mapping[str, Any]) -> Target:
    """Whoever comes."""
    return Target((), (Ground.NOBODY,))


def missing(number: int) -> NotFound:
    """What a view raises where its number leads nowhere."""
    return NotFound(_NO_ENTRY.format(id=number))
