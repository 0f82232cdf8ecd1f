"""Signing in and out, and choosing a language."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, redirect, request
from wtforms import PasswordField, StringField

from registry.errors import Forbidden, Unavailable
from registry.model.issue import Text
from registry.services import accounts, signing_in
from registry.web import auth
from registry.web.admin import guard
from registry.web.admin.forms import Form, at_most, described, needed
from registry.web.admin.language import COOKIE, COOKIE_SECONDS, LANGUAGES, local
from registry.web.admin.routing import Pages
from registry.web.admin.targets import nobody, oneself
from registry.web.admin.visit import Visit, link

pages = Pages("sign_in")
language_pages = Pages("language")

_WAIT = Text(zh="尝试次数过多，请在 {until} 之后再试。", en="Too many attempts; try again after {until}.")
_LEFT = Text(zh="已退出登录。", en="You have signed out.")
_LEFT_HERE = Text(
    zh="已退出本系统；在统一身份认证处可能仍处于登录状态。",
    en="You have signed out here; at the identity provider you may still be signed in.",
)


class SignInForm(Form):
    """Name and password."""

    name = StringField(**described(Text("账号", "Account")), validators=[needed, at_most(64)])
    password = PasswordField(**described(Text("密码", "Password")), validators=[needed, at_most(1024)])


@pages.read("/sign-in", on=nobody)
def form(visit: Visit) -> Response:
    """The form; whoever is signed in already goes on."""
    if visit.identity is not None:
        return visit.to_address(onward())
    return _page(visit, SignInForm())


def _page(visit: Visit, filled: SignInForm, status: int = 200) -> Response:
    oidc = visit.settings.oidc
    elsewhere = Text(oidc.label_zh, oidc.label_en) if oidc.issuer else None
    return visit.page("sign_in.html", status, form=filled, elsewhere=elsewhere, onward=onward())


def refused(visit: Visit, failure: Forbidden | Unavailable, filled: SignInForm | None = None) -> Response:
    """The form again, with why one does not come in."""
    form = filled or SignInForm(formdata=None)
    form.form_errors = [told(failure) if isinstance(failure, Forbidden) else failure.text]
    status = (
        429 if isinstance(failure, signing_in.Throttled) else 403 if isinstance(failure, Forbidden) else 502
    )
    return _page(visit, form, status)


@pages.act("/sign-in", on=nobody)
def enter(visit: Visit) -> Response:
    """Begin a session, under a token of its own; the one before, if there was one, stays what it was."""
    filled = SignInForm()
    if not filled.validate():
        return _page(visit, filled, 422)
    try:
        signed_in = signing_in.sign_in(
            visit.engines.write, filled.name.data or "", filled.password.data or "", address=auth.address(),
            agent=request.user_agent.string, limits=auth.limits_of(visit.settings), now=visit.now,
        )  # fmt: skip
    except Forbidden as failure:
        return refused(visit, failure, filled)
    auth.begin(signed_in)
    return visit.to_address(onward())


def told(failure: Forbidden) -> Text:
    """Why one may not: after too many attempts with the time of the installation, which is the visitor's."""
    if isinstance(failure, signing_in.Throttled):
        until = local(failure.until + timedelta(seconds=59)).strftime("%H:%M")
        return _WAIT.format(until=until)
    return failure.text


@pages.act("/sign-out", on=oneself)
def leave(visit: Visit) -> Response:
    """End the session, here and in the store."""
    signing_in.sign_out(visit.engines.write, visit.who, visit.now)
    auth.end()
    linked = visit.settings.oidc.issuer and visit.account.subject
    visit.tell(_LEFT_HERE if linked else _LEFT)
    return visit.to("sign_in.form")


@language_pages.act("/language", on=nobody)
def choose(visit: Visit) -> Response:
    """Choose a language: in a cookie, and in the account of whoever is signed in."""
    language = request.form.get("language", "")
    back = request.form.get("back", "")
    response: Response = redirect(back if guard.inside(back) else link("home.show"), 303)  # type: ignore[assignment]
    if language not in LANGUAGES:
        return response
    if visit.identity is not None and visit.account.language != language:
        accounts.change_profile(
            visit.engines.write, visit.account.name, {"language": language}, actor=visit.actor, now=visit.now
        )
    response.set_cookie(
        COOKIE, language, max_age=COOKIE_SECONDS, path=guard.PREFIX, httponly=True, samesite="Lax",
        secure=visit.settings.public_url.startswith("https://"),
    )  # fmt: skip
    return response


def onward() -> str:
    """Where whoever signs in wanted to go: nowhere but to a page of the console."""
    wanted = request.args.get("next", "")
    return wanted if guard.inside(wanted) else link("home.show")
