"""``/oai/<code>``: requests in, answers out (OAI-PMH 2.0, section 3.1). What they mean is the provider's."""

from __future__ import annotations

from threading import BoundedSemaphore
from urllib.parse import parse_qsl

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import ServiceUnavailable

from registry.outlets.oaipmh.provider import Provider
from registry.web.peers import AudienceOf

RETRY_AFTER_SECONDS = 5
_FORM = "application/x-www-form-urlencoded"
_MAX_ARGUMENTS = 100


def blueprint(provider: Provider, audience_of: AudienceOf, *, at_once: int) -> Blueprint:
    """The route, which answers each request for whom ``audience_of`` says. At most ``at_once`` answers are made at
    the same time: whoever comes then is asked to come again (section 3.1.2.2), so that the other addresses of
    this process stay reachable."""
    routes = Blueprint("oai", __name__)
    places = BoundedSemaphore(at_once)

    @routes.route("/oai/<code>", methods=["GET", "POST"])
    def answer(code: str) -> Response:
        if not places.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=RETRY_AFTER_SECONDS)
        try:
            body = provider.answer(code, arguments_of(request), audience_of(request, code))
        finally:
            places.release()
        response = Response(body, content_type="text/xml; charset=utf-8")
        response.cache_control.no_store = True
        response.vary.add("Authorization")
        return response

    return routes


def arguments_of(asked: Request) -> list[tuple[str, str]]:
    """The arguments of a request, from its query and its form, in order and with repetitions.

    None where there are absurdly many: such a request has no verb that could be answered.
    """
    encoded = [asked.query_string]
    if asked.mimetype == _FORM:
        encoded.append(asked.get_data(cache=False))
    try:
        return [
            pair
            for part in encoded
            for pair in parse_qsl(
                part.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=_MAX_ARGUMENTS
            )
        ]
    except ValueError:
        return []
