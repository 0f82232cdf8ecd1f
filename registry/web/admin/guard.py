"""The hook that enforces the table of routes, before any view of the console is called."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import Unauthorized

from registry.errors import Forbidden, NotFound, Refused
from registry.model.issue import Text
from registry.model.labels import label_of
from registry.model.role import Permission
from registry.services.rights import Place
from registry.web import auth
from registry.web.admin.routing import Route, Table
from registry.web.admin.targets import Ground, Target
from registry.web.admin.visit import Console, Visit

PREFIX = "/admin"
_AROUND_A_FILE = 1 << 16
"""Bytes of a form beside its file."""
_WITHOUT_A_VISIT = frozenset({"admin.static"})
_WITH_A_PASSWORD_OF_SOMEBODY_ELSE = frozenset(
    {"admin.password.change_form", "admin.password.change", "admin.sign_in.leave", "admin.language.choose"}
)

_UNMAPPED = Text(zh="此页面未登记权限，已拒绝。", en="this page states no permission; it is refused.")
_LACKING = Text(
    zh="您没有「{permission}」的权限。请联系管理员授予相应角色。",
    en="you lack the permission “{permission}”. An administrator can grant you a role that has it.",
)
_NUL = Text(
    zh="地址或表单中含有空字符，无法处理。",
    en="the address or the form holds a NUL character; nothing can be made of it.",
)
_OWN = Text(
    zh="这是您自己提交的，须由他人处理。",
    en="you submitted this yourself; someone else must decide about it.",
)


class Guard:
    """Admits requests to the console. ``app.before_request(guard.admit)``."""

    def __init__(self, app: Flask, console: Console, table: Table) -> None:
        self._console, self._table = console, table
        self._csrf = CSRFProtect()
        app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None)
        self._csrf.init_app(app)

    def admit(self) -> Any:
        """None, where the view may be called; else the answer instead. Raises ``Forbidden``, ``NotFound``,
        ``CSRFError``."""
        if not (request.path == PREFIX or request.path.startswith(f"{PREFIX}/")):
            return None
        if request.endpoint in _WITHOUT_A_VISIT:
            return None
        visit = g.visit = Visit(self._console, auth.identity(), self._console.clock())
        if visit.identity is not None:
            g.language = visit.identity.account.language
        if request.endpoint is None:
            return None  # no such address: told as a page, in the visitor's language
        route = self._table.get(request.endpoint)
        if route is None or (request.method == "POST") is not route.acts:
            raise Forbidden(_UNMAPPED)
        if request.authorization is not None and request.authorization.type == "bearer":
            raise Unauthorized
        if route.takes_files:
            self._let_files_in(route, visit)
        if route.acts:
            self._csrf.protect()
        if _holds_nul():
            raise Refused(_NUL)
        return self._admit_to(route, visit)

    def _let_files_in(self, route: Route, visit: Visit) -> None:
        """Raise the limit of the request for whoever may send files, and for nobody else: before the form is read."""
        if visit.identity is None or visit.identity.account.must_change:
            return
        with suppress(Forbidden, NotFound):  # which is told once the form was read
            check(visit, route.permission, route.on(visit, route.permission, request.view_args or {}))
            request.max_content_length = self._console.settings.deliveries.file_bytes + _AROUND_A_FILE

    def _admit_to(self, route: Route, visit: Visit) -> Response | None:
        parts = request.view_args or {}
        if visit.identity is None:
            target = route.on(visit, route.permission, parts) if route.permission is None else None
            if target is None or Ground.NOBODY not in target.grounds:
                return _to_sign_in()
            g.things = target.things
            return None
        if visit.identity.account.must_change and route.endpoint not in _WITH_A_PASSWORD_OF_SOMEBODY_ELSE:
            return redirect(url_for("admin.password.change_form"), 303)  # type: ignore[return-value]
        target = route.on(visit, route.permission, parts)
        check(visit, route.permission, target)
        g.things = target.things
        if route.acts:
            visit.close()
        return None


def _holds_nul() -> bool:
    """Whether something that a view could ask the store about holds what PostgreSQL takes in no text."""
    parts = map(str, (request.view_args or {}).values())
    return any("\0" in each for _, given in request.values.lists() for each in given) or any(
        "\0" in each for each in parts
    )


def check(visit: Visit, permission: Permission | None, target: Target) -> None:
    """Raise ``Forbidden`` unless one of the target's grounds carries the permission."""
    if permission is None:
        return
    granted = [ground for ground in target.grounds if _carries(visit, permission, ground)]
    if not granted:
        raise Forbidden(_LACKING.format(permission=label_of(permission)))
    if any(isinstance(each, Place) and visit.rights.judges_itself(permission, each) for each in granted):
        raise Forbidden(_OWN)


def _carries(visit: Visit, permission: Permission, ground: Place | Ground) -> bool:
    if isinstance(ground, Place):
        return visit.rights.may(permission, ground)
    return ground is Ground.SOMEWHERE and visit.rights.reach(permission) != frozenset()


def _to_sign_in() -> Response:
    onward = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("admin.sign_in.form", next=onward), 303)  # type: ignore[return-value]


def inside(place: str) -> bool:
    """Whether ``place`` is an address of the console, of this host: where one may be sent after signing in."""
    parts = urlsplit(place)
    plain = not parts.scheme and not parts.netloc and "\\" not in place and place.isprintable()
    return plain and parts.path.startswith(f"{PREFIX}/") and "//" not in parts.path


def leave(_failure: BaseException | None = None) -> None:
    """End the read transaction of the request."""
    visit: Visit | None = g.pop("visit", None)
    if visit is not None:
        visit.close()
