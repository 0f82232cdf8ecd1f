"""Signing in through the identity provider: sent there, and coming back.

Coming back is a GET, as the protocol has it: the ``state``, known only to the browser that was sent there, is its
token against forgery, and is good once. Nothing that the provider hands over is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response, request
from flask import session as cookie

from registry.errors import Forbidden, NotFound, Unavailable
from registry.model.external import subject_of
from registry.model.issue import Text
from registry.services import signing_in
from registry.web import auth
from registry.web.admin import guard, sign_in
from registry.web.admin.routing import Pages
from registry.web.admin.targets import nobody
from registry.web.admin.visit import Visit, link

if TYPE_CHECKING:
    from registry.web.oidc import IdentityProvider, Pending

pages = Pages("provider")

_KEPT = "provider"
_OFF = Text(zh="没有设置统一身份认证。", en="no identity provider is set.")


@pages.read("/sign-in/provider", on=nobody)
def begin(visit: Visit) -> Response:
    """Send somebody to the provider; whoever is signed in already goes on."""
    provider = _provider(visit)
    if visit.identity is not None:
        return visit.to_address(sign_in.onward())
    try:
        address, pending = provider.begin(sign_in.onward(), visit.now)
    except Unavailable as failure:
        return sign_in.refused(visit, failure)
    cookie[_KEPT] = msgspec.to_builtins(pending)
    return visit.to_address(address)


@pages.read("/sign-in/provider/back", on=nobody)
def back(visit: Visit) -> Response:
    """Begin a session of whoever comes back, vouched for by the provider; one try, whatever comes of it."""
    provider = _provider(visit)
    pending = provider.pending(cookie.pop(_KEPT, None))
    try:
        signed_in = _signed_in(visit, provider, pending)
    except (Forbidden, Unavailable) as failure:
        return sign_in.refused(visit, failure)
    auth.begin(signed_in)
    wanted = pending.onward if pending is not None else ""
    return visit.to_address(wanted if guard.inside(wanted) else link("home.show"))


def _signed_in(visit: Visit, provider: IdentityProvider, pending: Pending | None) -> signing_in.SignedIn:
    attempt, code = provider.returned(pending, request.args, visit.now)
    asked: dict[str, Any] = {
        "address": auth.address(), "limits": auth.limits_of(visit.settings), "now": visit.now,
    }  # fmt: skip
    signing_in.count_return(visit.engines.write, attempt.state, **asked)
    subject = subject_of(visit.settings.oidc.issuer, provider.redeem(attempt, code, visit.now))
    return signing_in.sign_in_subject(visit.engines.write, subject, agent=request.user_agent.string, **asked)


def _provider(visit: Visit) -> IdentityProvider:
    if visit.console.provider is None:
        raise NotFound(_OFF)
    return visit.console.provider
