"""The approver's dossier: what a source would bring, held against the register, and who controls its endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
from flask import Response, request

from registry.errors import Refused
from registry.model.inspection import Proved, Tried
from registry.model.issue import Text
from registry.model.order import OrderKind, OrderStatus
from registry.model.proof import can_identify, well_known_of, word_of
from registry.model.role import Permission
from registry.services import inspecting, ordering
from registry.services.rights import place_of
from registry.store import events, orders
from registry.store.orders import Placed
from registry.store.sources import Source
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_source
from registry.web.admin.visit import Visit

pages = Pages("dossiers")

_ORDERED = Text(zh="已下达，结果会显示在本页。", en="It is ordered; what is found will stand here.")

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Look(Generic[Found]):
    """The last order of one kind on a source, and what it found. ``is_current``: the source states what it asked still;
    ``held_back``: credentials or private networks that it states were not used."""

    order: Placed
    found: Found | None
    is_current: bool
    held_back: bool

    @property
    def has_ended(self) -> bool:
        return self.order.status in (OrderStatus.DONE, OrderStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Both looks, None for one that was never ordered; and what proves control of the endpoint: its ``word``, the
    address of the file for it, and whether it may stand in the endpoint's own words."""

    trial: Look[Tried] | None
    proof: Look[Proved] | None
    word: str
    well_known: str
    can_identify: bool
    is_served: bool

    @property
    def waits(self) -> bool:
        """Whether something is still to be found."""
        return any(each is not None and not each.has_ended for each in (self.trial, self.proof))


def dossier_of(visit: Visit, source: Source) -> Dossier:
    """What is known of a source."""
    stated = source.description
    return Dossier(
        _look(visit, source, OrderKind.TRIAL, Tried),
        _look(visit, source, OrderKind.PROVE, Proved),
        word_of(stated),
        well_known_of(stated),
        can_identify(stated),
        ordering.is_scheduled(visit.engines.read, visit.now),
    )


def _look(visit: Visit, source: Source, kind: OrderKind, form: type[Found]) -> Look[Found] | None:
    event = events.latest(visit.connection, f"source:{source.code}", str(kind))
    order = orders.placed(visit.connection, event.after["order"]) if event is not None else None
    if order is None or order.source is None:
        return None
    is_there = order.status is OrderStatus.DONE and bool(order.outcome)
    found = msgspec.convert(order.outcome, form) if is_there else None
    asked, stated = order.source, source.description
    return Look(order, found, inspecting.is_about(asked, stated), inspecting.holds_back(asked, stated))


@pages.read("/sources/<code>/dossier", Permission.READ_SOURCES, on=of_source)
def show(visit: Visit, source: Source) -> Response:
    """The dossier as a page of its own."""
    return visit.page("sources/dossier_page.html", source=source, dossier=dossier_of(visit, source))


@pages.act("/sources/<code>/trial", Permission.PROBE_SOURCE, on=of_source)
def trial(visit: Visit, source: Source) -> Response:
    """Have all that a source lists held against the register."""
    return _order(visit, source, OrderKind.TRIAL)


@pages.act("/sources/<code>/prove", Permission.PROBE_SOURCE, on=of_source)
def prove(visit: Visit, source: Source) -> Response:
    """Have the word of the source looked for."""
    return _order(visit, source, OrderKind.PROVE)


def _order(visit: Visit, source: Source, kind: OrderKind) -> Response:
    """Order a look, and go back to where its result will stand."""
    trusting = request.form.get("trusting") == "yes" and visit.may(Permission.APPROVE, place_of(source))
    try:
        inspecting.order_probe(
            visit.engines.write, source.code, actor=visit.actor, now=visit.now, kind=kind, trusting=trusting
        )
        visit.tell(_ORDERED)
    except Refused as refused:
        visit.tell(refused.text, "error")
    return visit.to("dossiers.show", code=source.code)
