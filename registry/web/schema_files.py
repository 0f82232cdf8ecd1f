"""``/schemas/<name>``: the files of our own schema, where ListMetadataFormats says that they lie."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from schemas.xsd import FOLDER


def blueprint() -> Blueprint:
    """The route; the files are read once."""
    routes = Blueprint("schemas", __name__)
    contents = {path.name: path.read_bytes() for path in FOLDER.glob("*.xsd")}

    @routes.get("/schemas/<name>")
    def schema(name: str) -> Response:
        if name not in contents:
            abort(404)
        response = Response(contents[name], content_type="application/xml; charset=utf-8")
        response.cache_control.max_age = 3600
        return response

    return routes
