"""Probes: the harvester looks at a source, or at what is about to be stated of one; a page waits for what it finds."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response, jsonify

from registry.errors import Conflict, Refused
from registry.model.inspection import Probed
from registry.model.order import OrderKind, OrderStatus
from registry.model.role import Permission
from registry.model.source import Protocol, SourceDescription, SourceScope
from registry.services import inspecting, ordering
from registry.store import registers, sources
from registry.store.orders import Placed
from registry.store.sources import Source
from registry.web.admin.forms import fault
from registry.web.admin.language import shown
from registry.web.admin.routing import Pages
from registry.web.admin.source_forms import new_form
from registry.web.admin.source_statement import StatementForm, description_of
from registry.web.admin.targets import Reach, anywhere, of_order, of_source
from registry.web.admin.visit import Visit

pages = Pages("probes")

_UNREGISTERED = "unregistered"
"""The code under which what nobody has registered yet is looked at."""

_ENDED = (OrderStatus.DONE, OrderStatus.FAILED)


@pages.act("/sources/<code>/probe", Permission.PROBE_SOURCE, on=of_source)
def probe(visit: Visit, source: Source) -> Response:
    """Have a source looked at."""
    order_id = inspecting.order_probe(visit.engines.write, source.code, actor=visit.actor, now=visit.now)
    return visit.to("probes.show", id=order_id)


@pages.act("/sources/<code>/check", Permission.AMEND_SOURCE, on=of_source)
def check(visit: Visit, source: Source) -> Response:
    """Have looked at what is about to be stated of a source that is there."""
    form = StatementForm()
    form.offer(source)
    if form.validate():
        stated = description_of(source.description, form.stated())
        answer = _ordered(visit, stated, form)
        if answer is not None:
            return answer
    return visit.page("sources/amend.html", 422, source=source, form=form)


@pages.act("/new-source/check", Permission.ADD_SOURCE, on=anywhere)
def check_new(visit: Visit, _reach: Reach) -> Response:
    """Have looked at what is about to be stated of a new source; its code and who answers for it do not matter yet."""
    form = new_form(visit, sent=True)
    for name in ("code", "name", "body", "contact_name"):
        form[name].validators = ()
    if form.validate():
        said: dict[str, Any] = {"register_code": form.on.data, **form.stated()}
        answer = _ordered(visit, description_of(_nothing(), said), form)
        if answer is not None:
            return answer
    return visit.page("sources/new.html", 422, form=form)


def _nothing() -> SourceDescription:
    """What is stated of a source of which nothing is stated."""
    return SourceDescription(
        inspecting.NOBODY_YET, _UNREGISTERED, 0, "", Protocol.OAI_PMH, "", "", "", SourceScope()
    )


def _ordered(visit: Visit, stated: SourceDescription, form: StatementForm) -> Response | None:
    """On to the page of the order; None where it was refused, which the form then tells."""
    try:
        order_id = inspecting.order_check(visit.engines.write, stated, actor=visit.actor, now=visit.now)
    except (Conflict, Refused) as failure:
        fault(form.location, failure.text)
        return None
    return visit.to("probes.show", id=order_id)


@pages.read("/probes/<int:id>", Permission.READ_SOURCES, on=of_order)
def show(visit: Visit, order: Placed) -> Response:
    """What was found; while it is looked at, that one has to wait."""
    stated = order.source
    assert stated is not None
    source = sources.by_id(visit.connection, stated.id) if stated.id else None
    if source is not None and order.kind is not OrderKind.PROBE:
        return visit.to("dossiers.show", code=source.code)
    return visit.page(
        "sources/probe.html",
        order=order,
        source=source,
        described=stated,
        register=registers.by_id(visit.connection, order.register_id),
        found=found_by(order),
        has_ended=order.status in _ENDED,
        is_served=order.status in _ENDED or ordering.is_scheduled(visit.engines.read, visit.now),
        held_back=source is None or inspecting.holds_back(stated, source.description),
    )


@pages.read("/probes/<int:id>/progress", Permission.READ_SOURCES, on=of_order)
def progress(_visit: Visit, order: Placed) -> Response:
    """Where the order stands, as JSON: asked again and again by the page while it is carried out."""
    response = jsonify(status=order.status, label=shown(order.status), ended=order.status in _ENDED)
    response.cache_control.no_store = True
    return response


def found_by(order: Placed) -> Probed | None:
    """What a probe has found; None before it has ended, and where it failed."""
    if order.kind is not OrderKind.PROBE or order.status is not OrderStatus.DONE or not order.outcome:
        return None
    return msgspec.convert(order.outcome, Probed)
