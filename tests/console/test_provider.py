"""Signing in through an identity provider: who comes in, and what is left of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from registry.model.issue import Text
from registry.services import accounts
from registry.store import accounts as stored
from registry.store import events, sessions
from registry.web.oidc import refusals
from tests.console.abroad import ACCOUNT, BEGIN, CLI, SUBJECT, Abroad, abroad, assert_out
from tests.console.office import Browser, Office
from tests.console.test_sign_in import is_in
from tests.identity_provider import KEYS, TOKEN, rsa
from tests.integration.people import everything


@pytest.fixture
def away(office: Office) -> Iterator[Abroad]:
    """The office with a provider."""
    with abroad(office, attempts=4) as found:
        yield found


def acts(away: Abroad) -> list[str]:
    with away.office.installation.engines.read.connect() as connection:
        return [each.action for _, each in reversed(events.of_subject(connection, f"account:{ACCOUNT}"))]


def failures(away: Abroad) -> int:
    """Attempts from the address of the tests that have not succeeded."""
    with away.office.installation.engines.write.begin() as connection:
        return sessions.failures(connection, "address:127.0.0.1").count


def test_in_and_out(away: Abroad) -> None:
    browser = away.client()
    answer = away.sign_in(browser, "/admin/accounts?role%3Dviewer")
    assert (answer.status_code, answer.location) == (303, "/admin/accounts?role=viewer")
    assert is_in(browser)
    assert acts(away) == ["add", "sign-in"]
    assert failures(away) == 0
    with away.office.installation.engines.read.connect() as connection:
        account = stored.get(connection, ACCOUNT)
        (session,) = sessions.of_account(connection, account.id, away.office.installation.clock())
        (_, event), *_ = events.of_subject(connection, f"account:{ACCOUNT}")
    assert (session.address, event.actor.address) == ("127.0.0.1", "127.0.0.1")
    assert event.after == {"subject": account.subject}
    assert account.signed_in_at == away.office.installation.clock()
    page = browser.get("/admin/me").text
    assert "修改密码" not in page, "there is none"
    answer = browser.post("/admin/sign-out")
    assert "统一身份认证处可能仍处于登录状态" in browser.get(answer.location).text
    assert not is_in(browser)


def test_the_button_stands_beside_the_passwords(away: Abroad) -> None:
    browser = away.client()
    page = browser.get("/admin/sign-in?next=/admin/inbox").text
    assert 'href="/admin/sign-in/provider?next=/admin/inbox"' in page and "统一身份认证" in page
    assert 'name="password"' in page
    browser.post("/admin/language", {"language": "en"})
    assert "Single sign-on" in browser.get("/admin/sign-in").text


def test_who_is_in_goes_on(away: Abroad) -> None:
    browser = away.client()
    away.sign_in(browser)
    assert browser.get(f"{BEGIN}?next=/admin/inbox").location == "/admin/inbox"


@pytest.mark.parametrize(
    "place", ["https://evil.example/admin/", "//evil.example/admin/", "/admin//x", "/oai/330100"]
)
def test_one_is_sent_nowhere_else(away: Abroad, place: str) -> None:
    assert away.sign_in(away.client(), place).location == "/admin/"


def test_nothing_that_was_handed_over_is_kept_or_told(away: Abroad) -> None:
    browser = away.client()
    with capture_logs() as logs:
        away.sign_in(browser)
        away.provider.twist = lambda _header, claims: claims.update(nonce="another")
        away.sign_in(away.client())
    with browser.client.session_transaction(path="/admin/") as cookie:
        kept = str(dict(cookie))
    told = str(logs) + kept + str(everything(away.office.installation.engines))
    assert len(away.provider.handed) == 6
    assert [each for each in away.provider.handed if each in told] == []


def test_what_the_browser_keeps_is_gone_once_it_came_back(away: Abroad) -> None:
    browser = away.client()
    back = away.leave(browser)
    with browser.client.session_transaction(path="/admin/") as cookie:
        assert "provider" in cookie
    browser.get(back)
    with browser.client.session_transaction(path="/admin/") as cookie:
        assert "provider" not in cookie


def test_keys_that_were_changed_are_asked_for_once(away: Abroad) -> None:
    assert away.sign_in(away.client()).status_code == 303
    away.provider.key = rsa("second")
    away.provider.published = [away.provider.key]
    assert away.sign_in(away.client()).status_code == 403, "its keys were read just now"
    away.office.installation.clock.advance(minutes=1)
    before = away.provider.asked.count(KEYS)
    assert away.sign_in(away.client()).status_code == 303
    assert away.provider.asked.count(KEYS) == before + 1


def test_the_description_is_kept_for_a_while(away: Abroad) -> None:
    for _ in range(2):
        away.sign_in(away.client())
    assert away.provider.asked.count(KEYS) == 1
    away.office.installation.clock.advance(minutes=away.settings.oidc.keep_minutes)
    away.sign_in(away.client())
    assert away.provider.asked.count(KEYS) == 2


def test_another_claim_may_name_the_account(away: Abroad) -> None:
    away.begin_anew(claim="employee")
    away.provider.person = {"sub": "x", "employee": SUBJECT}
    assert away.sign_in(away.client()).status_code == 303
    away.provider.person = {"sub": SUBJECT}
    answer = away.sign_in(away.client())
    assert answer.status_code == 403 and "没有可用的“employee”" in answer.text


@pytest.mark.parametrize("verified", [True, False])
def test_an_address_counts_once_it_was_verified(away: Abroad, verified: bool) -> None:
    away.begin_anew(claim="email")
    away.provider.person = {"sub": "x", "email": SUBJECT, "email_verified": verified}
    assert away.sign_in(away.client()).status_code == (303 if verified else 403)


def test_a_client_proves_itself_as_the_provider_wants(away: Abroad) -> None:
    away.provider.wants = "post"
    answer = away.sign_in(away.client())
    assert answer.status_code == 502 and "不认可本系统的凭据" in answer.text
    away.provider.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    away.begin_anew()
    assert away.sign_in(away.client()).status_code == 303
    away.provider.wants = "none"
    away.begin_anew(client_secret="")
    assert away.sign_in(away.client()).status_code == 303


def test_unlinked_people_learn_what_to_tell(away: Abroad) -> None:
    away.provider.person = {"sub": "stranger-7"}
    browser = away.client()
    answer = away.sign_in(browser)
    assert answer.status_code == 403
    assert "没有账号与您的外部身份关联" in answer.text and "stranger-7" in answer.text
    assert not is_in(browser)
    assert (failures(away), acts(away)) == (1, ["add"])


def test_a_locked_account_stays_out(away: Abroad) -> None:
    made = away.office.installation
    accounts.set_locked(made.engines.write, ACCOUNT, locked=True, actor=CLI, now=made.clock())
    browser = away.client()
    answer = away.sign_in(browser)
    assert answer.status_code == 403 and "您的账号已锁定" in answer.text
    assert not is_in(browser)
    assert acts(away) == ["add", "lock", "sign-in-refused"]
    assert failures(away) == 1


def test_an_address_that_fails_too_often_waits_before_the_provider_is_asked(away: Abroad) -> None:
    away.provider.person = {"sub": "stranger-7"}
    for _ in range(away.settings.session.address_failures):
        assert away.sign_in(away.client()).status_code == 403
    away.provider.person = {"sub": SUBJECT}
    before = away.provider.asked.count(TOKEN)
    answer = away.sign_in(away.client())
    assert answer.status_code == 429 and "请在 15:24 之后再试" in answer.text
    assert away.provider.asked.count(TOKEN) == before
    away.office.installation.clock.advance(minutes=away.settings.session.window_minutes)
    assert away.sign_in(away.client()).status_code == 303


def test_without_a_provider_there_is_nothing(standing: Office) -> None:
    browser: Browser = standing.client()
    assert "provider" not in browser.get("/admin/sign-in").text
    assert browser.get(BEGIN).status_code == 404
    assert browser.get(f"{BEGIN}/back?code=x&state=y").status_code == 404


def test_a_way_back_is_good_once(away: Abroad) -> None:
    browser = away.client()
    back = away.leave(browser)
    with browser.client.session_transaction(path="/admin/") as cookie:
        kept = dict(cookie["provider"])
    assert browser.get(back).status_code == 303
    browser.post("/admin/sign-out")
    assert_out(away, browser, browser.get(back), 403, refusals.STATE)
    with browser.client.session_transaction(path="/admin/") as cookie:
        cookie["provider"] = kept
    answer = browser.get(back)
    told = Text(
        "此登录请求已使用过，请重新登录。", "this attempt to sign in was used already; sign in again."
    )
    assert_out(away, browser, answer, 403, told)
    assert away.provider.asked.count(TOKEN) == 1, "the provider is not asked a second time"


@pytest.mark.parametrize(("says", "status"), [("", 403), (None, 303)])
def test_another_process_may_see_the_way_back(away: Abroad, says: str | None, status: int) -> None:
    """It knows nothing yet of the provider, not even that its answers name it."""
    before = away.client()
    back = away.leave(before)
    kept = before.client.get_cookie("mulu_session", path="/admin")
    assert kept is not None
    away.begin_anew()
    browser = away.client()
    browser.client.set_cookie("mulu_session", kept.value, path="/admin")
    answer = browser.get(back if says is None else re.sub("&iss=[^&]+", says, back))
    assert answer.status_code == status, answer.text
    assert is_in(browser) is (status == 303)


def test_a_provider_that_is_gone(away: Abroad) -> None:
    browser = away.client()
    back = away.leave(browser)
    away.provider.stop()
    assert_out(away, browser, browser.get(back), 502, refusals.DOWN)
    away.begin_anew()
    answer = away.client().get(BEGIN)
    assert_out(away, browser, answer, 502, refusals.DOWN)
    assert 'name="password"' in answer.text
