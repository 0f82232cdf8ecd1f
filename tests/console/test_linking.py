"""Accounts and external identities in the console: adding, linking, unlinking."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.model.external import subject_of
from registry.model.role import Role
from registry.store import accounts
from tests.console.abroad import SUBJECT, Abroad, abroad
from tests.console.office import CITY, Browser, Office, name_of

VIEWER, ADMINISTRATOR = name_of(Role.VIEWER, "own"), name_of(Role.ADMINISTRATOR, "own")
NEW = {"name": "li.na", "full_name": "李娜", "language": "zh", "role": "viewer", "on": CITY}


@pytest.fixture
def away(office: Office) -> Iterator[Abroad]:
    """The office with a provider."""
    with abroad(office) as found:
        yield found


@pytest.fixture
def browser(away: Abroad) -> Browser:
    return away.office.client(ADMINISTRATOR)


def subject(away: Abroad, name: str) -> str:
    with away.office.installation.engines.read.connect() as connection:
        return accounts.get(connection, name).subject


def test_a_person_is_added_who_signs_in_elsewhere(away: Abroad, browser: Browser) -> None:
    assert 'name="subject"' in browser.get("/admin/accounts/new").text
    answer = browser.post("/admin/accounts/new", NEW | {"subject": "stranger-7"})
    assert answer.location == "/admin/accounts/li.na"
    page = browser.get(answer.location).text
    assert "由统一身份认证登录" in page and f"{away.provider.issuer}|stranger-7" in page
    away.provider.person = {"sub": "stranger-7"}
    assert away.sign_in(away.client()).status_code == 303


def test_without_an_identity_a_password_is_made(browser: Browser) -> None:
    assert "只显示这一次" in browser.post("/admin/accounts/new", NEW).text


@pytest.mark.parametrize(
    ("value", "told"),
    [(SUBJECT, "此外部身份已关联另一账号"), (" x", "首尾无空格"), ("x" * 256, "至多 255 个字符")],
)
def test_what_cannot_be_linked_is_told_at_its_field(browser: Browser, value: str, told: str) -> None:
    for address, form in (
        ("/admin/accounts/new", NEW | {"subject": value}),
        (f"/admin/accounts/{VIEWER}/link", {"value": value}),
    ):
        answer = browser.post(address, form)
        assert answer.status_code == 422
        assert told in answer.text


def test_linked_and_unlinked(away: Abroad, browser: Browser) -> None:
    page = f"/admin/accounts/{VIEWER}"
    assert f"{page}/link" in browser.get(page).text and f"{page}/unlink" not in browser.get(page).text
    assert "外部身份标识" in browser.get(f"{page}/link").text
    assert browser.post(f"{page}/link", {"value": ""}).status_code == 422
    assert browser.post(f"{page}/link", {"value": "stranger-7"}).location == page
    assert subject(away, VIEWER) == subject_of(away.provider.issuer, "stranger-7")
    away.provider.person = {"sub": "stranger-7"}
    theirs = away.client()
    assert away.sign_in(theirs).status_code == 303
    assert f"{page}/unlink" in browser.get(page).text
    assert "没有密码" in browser.get(f"{page}/unlink").text
    assert browser.post(f"{page}/unlink", {"reason": "换号"}).location == page
    assert subject(away, VIEWER) == ""
    assert theirs.get("/admin/me").status_code == 303, "its sessions have ended"
    assert away.sign_in(away.client()).status_code == 403


def test_beyond_the_reach_nobody_is_linked(away: Abroad, browser: Browser) -> None:
    boss = name_of(Role.ADMINISTRATOR, "everywhere")
    for name in (boss, ADMINISTRATOR):
        assert browser.post(f"/admin/accounts/{name}/link", {"value": "stranger-7"}).status_code == 403
        assert subject(away, name) == ""


def test_without_a_provider_nobody_is_linked(office: Office) -> None:
    browser = office.client(ADMINISTRATOR)
    assert browser.get(f"/admin/accounts/{VIEWER}/link").status_code == 404
    assert "/link" not in browser.get(f"/admin/accounts/{VIEWER}").text
    assert 'name="subject"' not in browser.get("/admin/accounts/new").text
    browser.post("/admin/accounts/new", NEW | {"subject": "stranger-7"})
    with office.installation.engines.read.connect() as connection:
        assert accounts.get(connection, "li.na").subject == ""
