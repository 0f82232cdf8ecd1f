"""``/healthz``: for whoever watches this process."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from registry.model.datestamp import format_datestamp
from registry.store import registers, stops
from registry.store.engine import Engines


def blueprint(engines: Engines) -> Blueprint:
    """The route: 200 where the store can be read, also while publication is stopped (what was published before is
    served as ever); 500 where it cannot."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def health() -> Response:
        with engines.read.connect() as connection:
            count = len(registers.listed(connection))
            stop = stops.standing(connection)
        response = jsonify(
            status="ok" if stop is None else "publication stopped",
            registers=count,
            publication_stopped_since=None if stop is None else format_datestamp(stop.since),
        )
        response.cache_control.no_store = True
        return response

    return routes
