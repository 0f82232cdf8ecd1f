"""``/healthz``: for whoever watches this process."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from registry.outlets.oaipmh.provider import Provider


def blueprint(provider: Provider) -> Blueprint:
    """The route: 200 where the store can be read, 500 where it cannot."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def health() -> Response:
        response = jsonify(status="ok", registers=len(provider.codes()))
        response.cache_control.no_store = True
        return response

    return routes
