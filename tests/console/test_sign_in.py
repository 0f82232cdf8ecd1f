"""Signing in and out over the console: cookies, ends of sessions, passwords, languages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from config.secrets import Keyring
from config.settings import Settings, Web
from registry.model.event import Actor
from registry.services import accounts
from registry.web import create_app
from registry.web.admin.guard import inside
from tests.console.office import Browser, Office

ACCOUNT, PASSWORD = "zhang.san", "a fine long phrase"
ADMINISTRATOR = Actor("cli:test")


@pytest.fixture
def hired(office: Office) -> Office:
    """The office, with an account that has a password."""
    new = accounts.NewAccount(ACCOUNT, "张三", password=PASSWORD, must_change=False)
    accounts.add_account(
        office.installation.engines.write, new, actor=ADMINISTRATOR, now=office.installation.clock()
    )
    return office


def sign_in(
    browser: Browser, password: str = PASSWORD, onward: str = "", name: str = ACCOUNT
) -> TestResponse:
    where = f"/admin/sign-in?next={onward}" if onward else "/admin/sign-in"
    return browser.post(where, {"name": name, "password": password})


def is_in(browser: Browser) -> bool:
    """Whether somebody is signed in."""
    return browser.get("/admin/me").status_code == 200


def user_id(browser: Browser) -> str:
    with browser.client.session_transaction(path="/admin/") as cookie:
        return str(cookie.get("_user_id", ""))


def test_in_and_out(hired: Office) -> None:
    browser = hired.client()
    before = hired.events()
    answer = sign_in(browser)
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert is_in(browser)
    assert hired.events() == before + 1
    kept = browser.client.get_cookie("mulu_session", path="/admin")
    assert kept is not None
    answer = browser.post("/admin/sign-out")
    assert answer.location == "/admin/sign-in"
    assert not is_in(browser)
    stolen = hired.client()
    stolen.client.set_cookie("mulu_session", kept.value, path="/admin")
    assert not is_in(stolen), "the row has ended, whoever still has the cookie"


@pytest.mark.parametrize("secure", [False, True])
def test_what_the_cookie_says(hired: Office, secure: bool, tmp_path: Path) -> None:
    public = "https://catalogue.example" if secure else "http://catalogue.example"
    settings = Settings(home=tmp_path, web=Web(public_url=public))
    keyring = Keyring(tmp_path / "secrets", {})
    hired.use(create_app(settings, hired.installation.engines, keyring, hired.installation.clock))
    answer = hired.client().get("/admin/sign-in", base_url=public)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    for word in ("HttpOnly", "SameSite=Lax", "Path=/admin"):
        assert word in cookie
    assert ("Secure" in cookie) is secure
    assert "Max-Age" not in cookie and "Expires" not in cookie


def test_the_token_is_new_at_every_sign_in(hired: Office) -> None:
    browser = hired.client()
    planted = browser.forgery_token()
    sign_in(browser)
    first = user_id(browser)
    assert browser.forgery_token() != planted
    sign_in(browser)
    assert user_id(browser) not in ("", first)
    assert len(first) >= 43


@pytest.mark.parametrize(
    ("name", "password"), [(ACCOUNT, "wrong"), ("nobody-knows", PASSWORD), (ACCOUNT, "x" * 1024)]
)
def test_what_is_wrong_is_not_told(hired: Office, name: str, password: str) -> None:
    browser = hired.client()
    answer = sign_in(browser, password, name=name)
    assert answer.status_code == 403
    assert "账号或密码不正确，或账号已锁定。" in answer.text
    assert not is_in(browser)


def test_too_many_attempts_wait(hired: Office) -> None:
    browser, limits = hired.client(), hired.settings.session
    for _ in range(limits.account_failures):
        assert sign_in(browser, "wrong").status_code == 403
    refused = sign_in(browser)
    assert refused.status_code == 429
    assert "请在 15:24 之后再试" in refused.text, "in the time of the installation"
    hired.installation.clock.advance(minutes=limits.window_minutes)
    assert sign_in(browser).status_code == 303


@pytest.mark.parametrize("limit", ["idle", "longest"])
def test_a_session_runs_out(hired: Office, limit: str) -> None:
    browser, clock, settings = hired.client(), hired.installation.clock, hired.settings.session
    sign_in(browser)
    begun = clock.now
    idle, longest = timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.longest_hours)
    if limit == "longest":
        while clock.now + idle / 2 < begun + longest:
            clock.now += idle / 2
            assert is_in(browser)
        clock.now = begun + longest
    else:
        clock.now += idle
    clock.now -= timedelta(microseconds=1)
    assert is_in(browser)
    clock.now = begun + longest if limit == "longest" else clock.now + idle
    assert not is_in(browser)


def test_a_locked_account_is_out_at_once(hired: Office) -> None:
    browser = hired.client()
    sign_in(browser)
    accounts.set_locked(
        hired.installation.engines.write,
        ACCOUNT,
        locked=True,
        actor=ADMINISTRATOR,
        now=hired.installation.clock(),
    )
    assert not is_in(browser)


def test_one_goes_on_where_one_wanted_to_go(hired: Office) -> None:
    browser = hired.client()
    asked = browser.get("/admin/accounts?role=viewer&state=locked")
    assert asked.location == "/admin/sign-in?next=/admin/accounts?role%3Dviewer%26state%3Dlocked"
    page = browser.get(asked.location).text
    assert 'action="/admin/sign-in?next=/admin/accounts?role%3Dviewer%26state%3Dlocked"' in page
    assert sign_in(browser, onward="/admin/accounts?role%3Dviewer").location == "/admin/accounts?role=viewer"


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/admin/", "//evil.example/admin/", "/\\evil.example", "/admin/..//evil",
        "javascript:alert(1)", "/admin/\r\nSet-Cookie: a=b", "/oai/330100", "admin/", "", "/admin",
        "http:///admin/", "/admin//evil.example",
    ],
)  # fmt: skip
def test_one_is_sent_nowhere_else(hired: Office, place: str) -> None:
    assert not inside(place)
    browser = hired.client()
    token = browser.forgery_token()
    answer = browser.client.post(
        "/admin/sign-in",
        query_string={"next": place},
        data={"name": ACCOUNT, "password": PASSWORD, "csrf_token": token},
    )
    assert answer.location == "/admin/"


def test_a_password_of_somebody_else_is_changed_first(hired: Office) -> None:
    engine, now = hired.installation.engines.write, hired.installation.clock()
    accounts.reset_password(engine, ACCOUNT, "given by another", actor=ADMINISTRATOR, now=now)
    browser = hired.client()
    sign_in(browser, "given by another")
    for path in ("/admin/", "/admin/me", "/admin/me/keys", "/admin/accounts"):
        assert browser.get(path).location == "/admin/me/password", path
    assert browser.post("/admin/me/sessions/end").location == "/admin/me/password"
    form = {"present": "given by another", "wanted": PASSWORD, "again": PASSWORD}
    assert browser.post("/admin/me/password", form).location == "/admin/"
    assert is_in(browser)


@pytest.mark.parametrize(
    ("present", "wanted", "again", "told"),
    [
        ("wrong", "another fine phrase", "another fine phrase", "原密码不正确。"),
        (PASSWORD, "another fine phrase", "a different phrase", "两次输入不一致。"),
        (PASSWORD, "short", "short", "密码至少 12 个字符。"),
        (PASSWORD, PASSWORD, PASSWORD, "新密码须与原密码不同。"),
        ("", "another fine phrase", "another fine phrase", "必填。"),
    ],
)
def test_why_a_password_is_not_changed(
    hired: Office, present: str, wanted: str, again: str, told: str
) -> None:
    browser = hired.client()
    sign_in(browser)
    before = hired.events()
    answer = browser.post("/admin/me/password", {"present": present, "wanted": wanted, "again": again})
    assert answer.status_code == 422
    assert told in answer.text
    assert hired.events() == before


def test_a_new_password_ends_the_other_sessions(hired: Office) -> None:
    here, elsewhere = hired.client(), hired.client()
    sign_in(here)
    sign_in(elsewhere)
    form = {"present": PASSWORD, "wanted": "another fine phrase", "again": "another fine phrase"}
    before = hired.events()
    assert here.post("/admin/me/password", form).status_code == 303
    assert hired.events() == before + 1
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert sign_in(elsewhere).status_code == 403
    assert sign_in(elsewhere, "another fine phrase").status_code == 303


def test_languages(hired: Office) -> None:
    browser = hired.client()
    assert "登录管理台" in browser.get("/admin/sign-in").text
    answer = browser.post("/admin/language", {"language": "en", "back": "/admin/sign-in"})
    assert answer.location == "/admin/sign-in"
    assert "Sign in to the console" in browser.get("/admin/sign-in").text
    sign_in(browser)
    assert "我的角色" in browser.get("/admin/me").text, "the account's language counts, once one is signed in"
    before = hired.events()
    browser.post("/admin/language", {"language": "en"})
    assert "My roles" in browser.get("/admin/me").text
    assert hired.events() == before + 1
    browser.post("/admin/language", {"language": "en"})
    browser.post("/admin/language", {"language": "tlh"})
    assert hired.events() == before + 1
