"""Harvests that people order, until each has led to a run or to nothing."""

from __future__ import annotations

from flask import Response, jsonify, request

from registry.model.order import Obstacle, OrderKind, OrderStatus
from registry.model.role import Permission
from registry.services import ordering
from registry.services.cancelling import CANCELLED
from registry.store import orders, runs
from registry.store.orders import Placed
from registry.store.sources import Source
from registry.web.admin.language import shown
from registry.web.admin.routing import Pages
from registry.web.admin.targets import missing, of_source
from registry.web.admin.visit import Visit

pages = Pages("harvests")

_ENDED = (OrderStatus.DONE, OrderStatus.FAILED)


@pages.act("/sources/<code>/harvest", Permission.HARVEST, on=of_source)
def order(visit: Visit, source: Source) -> Response:
    """Order a harvest; ``full`` asks for the whole list."""
    full = request.form.get("full") == "yes"
    number = ordering.order_harvest(
        visit.engines.write, source.code, full=full, actor=visit.actor, now=visit.now
    )
    return visit.to("harvests.show", code=source.code, order=number)


@pages.read("/sources/<code>/harvest", Permission.READ_RUNS, on=of_source)
def show(visit: Visit, source: Source) -> Response:
    """On to the run that an order (``?order=``) has led to; else that it waits, or why nothing came of it."""
    placed = _asked(visit, source)
    run = runs.begun_by(visit.connection, source.id, placed.id)
    if run is not None:
        return visit.to("runs.show", id=run.id)
    ending = (placed.outcome or {}).get("ending")
    return visit.page(
        "runs/ordered.html",
        source=source,
        order=placed,
        has_ended=placed.status in _ENDED,
        obstacle=Obstacle(ending) if ending in list(Obstacle) else None,
        was_cancelled=ending == CANCELLED,
        held=runs.held(visit.connection, source.id),
        is_served=ordering.is_scheduled(visit.engines.read, visit.now),
    )


@pages.read("/sources/<code>/harvest/progress", Permission.READ_RUNS, on=of_source)
def progress(visit: Visit, source: Source) -> Response:
    """Where the order stands, as JSON: asked again and again by the page until there is something to go on to."""
    placed = _asked(visit, source)
    begun = runs.begun_by(visit.connection, source.id, placed.id) is not None
    response = jsonify(
        status=placed.status, label=shown(placed.status), ended=begun or placed.status in _ENDED
    )
    response.cache_control.no_store = True
    return response


def _asked(visit: Visit, source: Source) -> Placed:
    """The harvest of the source that the address numbers. Raises ``NotFound``."""
    given = request.args.get("order", "")
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    placed = orders.placed(visit.connection, number)
    if placed is None or placed.kind is not OrderKind.HARVEST:
        raise missing(number)
    if placed.source is None or placed.source.id != source.id:
        raise missing(number)
    return placed
