"""Who reads an outlet: the public, or a peer that comes with an API key (``Authorization: Bearer …``)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Request, Response
from werkzeug.exceptions import Unauthorized

from registry.model.issue import Text
from registry.model.visibility import Audience
from registry.services import keys
from registry.store.engine import Engines

AudienceOf = Callable[[Request, str], Audience]

_SCHEME = "bearer"
_UNKNOWN = Text("密钥无效、已撤销或已过期。", "The key is unknown, revoked, or has run out.")


def audiences(engines: Engines, clock: Callable[[], datetime]) -> AudienceOf:
    """For whom a request on a register (its code) is answered.

    A key that opens nothing is told so (401), and so is one without a right to this register (403): a peer that
    were shown the public's view instead would take what it misses for deleted.
    """

    def audience(asked: Request, register_code: str) -> Audience:
        header = asked.headers.get("Authorization", "")
        if not header:
            return Audience.PUBLIC
        scheme, _, secret = header.partition(" ")
        actor = None
        if scheme.lower() == _SCHEME:
            address = asked.remote_addr or ""
            actor = keys.actor_of(engines, secret.strip(), address=address, now=clock())
        if actor is None:
            body = f"{_UNKNOWN.zh}\n{_UNKNOWN.en}\n"
            response = Response(body, 401, content_type="text/plain; charset=utf-8")
            response.headers["WWW-Authenticate"] = 'Bearer realm="mulu"'
            raise Unauthorized(response=response)
        return keys.audience_of(engines, actor, register_code)

    return audience
