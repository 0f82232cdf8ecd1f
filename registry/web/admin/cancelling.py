"""Cancelling: what waits or runs for a source is left."""

from __future__ import annotations

from flask import Response

from registry.errors import Refused
from registry.model.issue import Text
from registry.model.role import Permission
from registry.model.run import RunStatus
from registry.services import cancelling as service
from registry.store import orders, runs
from registry.store.sources import Source
from registry.web.admin.reviews import reason
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_source
from registry.web.admin.visit import Visit

pages = Pages("cancelling")

_CANCELLED = Text(
    zh="{name} 的采集已取消，登记册未作更改。",
    en="The harvest of {name} is cancelled; the register is as it was.",
)


@pages.form("/sources/<code>/cancel", Permission.CANCEL, on=of_source)
def cancel_form(visit: Visit, source: Source) -> Response:
    """What would be cancelled."""
    return _page(visit, source)


@pages.act("/sources/<code>/cancel", Permission.CANCEL, on=of_source)
def cancel(visit: Visit, source: Source) -> Response:
    """Cancel what waits and runs."""
    try:
        run = service.cancel(
            visit.engines.write, source.code, actor=visit.actor, now=visit.now, reason=reason()
        )
    except Refused as refused:
        return _page(visit, source, refused.text)
    visit.tell(_CANCELLED.format(name=source.name))
    return visit.to("runs.show", id=run.id) if run else visit.to("runs.listing", source=source.code)


def _page(visit: Visit, source: Source, error: Text | None = None) -> Response:
    standing = runs.under_way(visit.connection, source.id)
    return visit.page(
        "runs/cancel.html",
        422 if error else 200,
        source=source,
        run=standing if standing and standing.status is RunStatus.COLLECTING else None,
        waiting=orders.is_asked_for(visit.connection, source.id),
        error=error,
    )
