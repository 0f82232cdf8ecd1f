"""Who comes: a session's token in a cookie, looked up in the store at every request.

Flask-Login keeps a user's id in the signed cookie; here that id is the random token of the session's row, so that
ending the row ends the session. There is no "remember me": the cookie ends with the browser, the row at its hour.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

from flask import Flask, Response, request
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from config.secrets import Keyring
from config.settings import Settings
from registry.model.throttle import ThrottleLimits
from registry.services.signing_in import Identity, SignedIn, SignInLimits, identity_of
from registry.store.engine import Engines

COOKIE = "mulu_session"


class Visitor(UserMixin):  # type: ignore[misc]
    """Whoever is signed in, as Flask-Login knows them."""

    def __init__(self, token: str, identity: Identity | None = None) -> None:
        self.token = token
        self.identity = identity

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.token


class _Manager(LoginManager):  # type: ignore[misc]
    """Without the cookie that remembers: looking for it would make every answer of the outlets depend on cookies."""

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


def register(
    app: Flask, settings: Settings, engines: Engines, keyring: Keyring, clock: Callable[[], datetime]
) -> None:
    """Let ``app`` know its visitors. Raises ``SecretError`` where the key that signs cookies cannot be had."""
    app.config.update(
        SECRET_KEY=keyring.key(settings.secrets.session_key),
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_PATH="/admin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
    )
    manager = _Manager(app)
    manager.session_protection = None  # the row knows its address; its token is not bound to it
    limits = limits_of(settings)

    def load(token: str) -> Visitor | None:
        identity = identity_of(engines, token, address=address(), limits=limits, now=clock())
        return None if identity is None else Visitor(token, identity)

    manager.user_loader(load)


def limits_of(settings: Settings) -> SignInLimits:
    """How often signing in may fail, and how long a session lasts."""
    session = settings.session
    window = timedelta(minutes=session.window_minutes)
    return SignInLimits(
        account=ThrottleLimits(session.account_failures, window),
        address=ThrottleLimits(session.address_failures, window),
        idle=timedelta(minutes=session.idle_minutes),
        longest=timedelta(hours=session.longest_hours),
    )


def address() -> str:
    """Where the request came from."""
    return request.remote_addr or ""


def begin(signed_in: SignedIn) -> None:
    """Put a new session into the cookie. Nothing of the one before stays in it."""
    cookie.clear()
    login_user(Visitor(signed_in.token))


def end() -> None:
    """Empty the cookie."""
    logout_user()
    cookie.clear()


def identity() -> Identity | None:
    """Who is signed in; None for nobody."""
    visitor = cast("Visitor | None", current_user._get_current_object())  # noqa: SLF001 (what the proxy stands for)
    return visitor.identity if isinstance(visitor, Visitor) else None
