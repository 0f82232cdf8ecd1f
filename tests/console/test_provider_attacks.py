"""Ways back that lead nowhere, and identity providers that do not answer as they should: what is told then."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from registry.model.issue import Text
from registry.services.signing_in import ATTEMPT_LASTS
from registry.web.oidc import refusals
from tests.console.abroad import BEGIN, Abroad, abroad, as_at_first, assert_out, english
from tests.console.office import Office
from tests.identity_provider import DESCRIPTION, KEYS, TOKEN, Facts, reply

pytestmark = pytest.mark.parametrize("standing", ["sqlite"], indirect=True, scope="module")
"""What is judged here does not come to the store."""


@pytest.fixture(scope="module")
def settled(standing: Office) -> Iterator[Abroad]:
    """The office with a provider, for all tests of this file."""
    with abroad(standing, attempts=10_000) as found:
        yield found


@pytest.fixture
def away(settled: Abroad) -> Iterator[Abroad]:
    """The same, as it was at first."""
    with as_at_first(settled) as found:
        yield found


@pytest.mark.parametrize(
    "change",
    [lambda at: re.sub("state=[^&]+", "state=forged", at), lambda at: re.sub("&state=[^&]+", "", at)],
    ids=["another state", "no state"],
)
def test_whoever_did_not_begin_it_here(away: Abroad, change: Callable[[str], str]) -> None:
    browser = away.client()
    assert_out(away, browser, browser.get(change(away.leave(browser))), 403, refusals.STATE)
    assert TOKEN not in away.provider.asked


def test_the_way_back_of_somebody_else(away: Abroad) -> None:
    """Somebody who has signed in at the provider makes another one open the way back: into an account of theirs."""
    theirs, victim = away.leave(away.client()), away.client()
    assert_out(away, victim, victim.get(theirs), 403, refusals.STATE)
    away.leave(victim)
    assert_out(away, victim, victim.get(theirs), 403, refusals.STATE)
    assert TOKEN not in away.provider.asked


def test_a_code_is_good_once(away: Abroad) -> None:
    first, browser = away.client(), away.client()
    used = away.leave(first)
    assert first.get(used).status_code == 303
    first.post("/admin/sign-out")
    code = re.findall("code=([^&]+)", used)[0]
    answer = browser.get(re.sub("code=[^&]+", f"code={code}", away.leave(browser)))
    assert_out(away, browser, answer, 403, refusals.CODE)


@pytest.mark.parametrize("code", ["", "x" * 4097, "guessed"])
def test_a_code_that_is_none(away: Abroad, code: str) -> None:
    browser = away.client()
    answer = browser.get(re.sub("code=[^&]+", f"code={code}", away.leave(browser)))
    assert_out(away, browser, answer, 403, refusals.CODE)


def test_a_code_of_somebody_else(away: Abroad) -> None:
    """It was asked for with another verifier: whoever takes it from an address cannot use it."""
    code = re.findall("code=([^&]+)", away.leave(away.client()))[0]
    browser = away.client()
    answer = browser.get(re.sub("code=[^&]+", f"code={code}", away.leave(browser)))
    assert_out(away, browser, answer, 403, refusals.CODE)


def test_whoever_stays_away_too_long(away: Abroad) -> None:
    late, intime = away.client(), away.client()
    backs = away.leave(late), away.leave(intime)
    clock = away.office.installation.clock
    begun = clock.now.replace(microsecond=0)
    clock.now = begun + ATTEMPT_LASTS
    assert_out(away, late, late.get(backs[0]), 403, refusals.STATE)
    clock.now = begun + ATTEMPT_LASTS - timedelta(seconds=1)
    assert intime.get(backs[1]).status_code == 303


@pytest.mark.parametrize("says", ["&iss=https://evil.example", ""])
def test_an_answer_of_another_provider(away: Abroad, says: str) -> None:
    browser = away.client()
    answer = browser.get(re.sub("&iss=[^&]+", says, away.leave(browser)))
    assert_out(away, browser, answer, 403, refusals.MIXED_UP)
    assert TOKEN not in away.provider.asked


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("access_denied", refusals.DENIED),
        (
            "login_required",
            Text("统一身份认证报告错误(login_required)。", "reports an error (login_required)"),
        ),
        ("<script>alert(1)</script>", Text("统一身份认证报告错误(?)。", "reports an error (?)")),
    ],
)
def test_what_the_provider_refuses(away: Abroad, error: str, told: Text) -> None:
    browser = away.client()
    back = re.sub("code=[^&]+", f"error={error}", away.leave(browser))
    answer = browser.get(back)
    assert_out(away, browser, answer, 403, told)
    assert "<script>alert" not in answer.text


def _redirecting(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 302, {}, Location="/elsewhere")


def _huge(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, b'{"id_token": "' + b"x" * 20_000 + b'"}')


def _huge_unannounced(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"id_token": "' + b"x" * 20_000 + b'"}')


BROKEN: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], Text]] = {
    "huge": (_huge, refusals.DOWN),
    "huge, unannounced": (_huge_unannounced, refusals.DOWN),
    "compressed": (lambda handler: reply(handler, 200, b"x", Content_Encoding="gzip"), refusals.DOWN),
    "redirecting": (_redirecting, refusals.ODD),
    "no JSON": (lambda handler: reply(handler, 200, b"<html>"), refusals.ODD),
    "no object": (lambda handler: reply(handler, 200, [1]), refusals.ODD),
    "nested": (lambda handler: reply(handler, 200, b"[" * 19_000), refusals.ODD),
    "not there": (lambda handler: reply(handler, 404, {}), refusals.ODD),
}


@pytest.mark.parametrize("path", [DESCRIPTION, KEYS, TOKEN])
@pytest.mark.parametrize("case", BROKEN)
def test_a_provider_that_answers_wrongly(away: Abroad, case: str, path: str) -> None:
    breaks, told = BROKEN[case]
    browser = english(away)
    back = away.leave(browser) if path == TOKEN else BEGIN
    away.provider.broken[path] = breaks
    assert_out(away, browser, browser.get(back), 502, told)
    assert "/elsewhere" not in away.provider.asked
    away.provider.broken.clear()
    away.office.installation.clock.advance(seconds=10)
    assert away.sign_in(browser).status_code == 303, "all is well once it is"


@pytest.mark.parametrize("path", [DESCRIPTION, KEYS, TOKEN])
def test_a_provider_that_is_slow(away: Abroad, path: str) -> None:
    away.begin_anew(seconds=1.5)
    browser, released = away.client(), threading.Event()
    back = away.leave(browser) if path == TOKEN else BEGIN

    def wait(handler: BaseHTTPRequestHandler) -> None:
        released.wait(30)
        reply(handler, 200, {})

    away.provider.broken[path] = wait
    began = time.monotonic()
    assert_out(away, browser, browser.get(back), 502, refusals.DOWN)
    assert 1.5 <= time.monotonic() - began < 15
    released.set()


def test_a_provider_that_is_down_is_left_alone_for_a_while(away: Abroad) -> None:
    away.provider.broken[DESCRIPTION] = lambda handler: reply(handler, 503, {})
    browser = away.client()
    for _ in range(3):
        assert_out(away, browser, browser.get(BEGIN), 502, refusals.DOWN)
    assert away.provider.asked.count(DESCRIPTION) == 1
    away.office.installation.clock.advance(seconds=10)
    browser.get(BEGIN)
    assert away.provider.asked.count(DESCRIPTION) == 2


DESCRIBED: dict[str, tuple[Facts, Text]] = {
    "another issuer": ({"issuer": "https://evil.example"}, refusals.OTHER_ISSUER),
    "an open road": ({"token_endpoint": "http://192.0.2.1/token"}, refusals.UNGUARDED),
    "another scheme": ({"authorization_endpoint": "javascript:alert(1)"}, refusals.UNGUARDED),
    "a file": ({"jwks_uri": "file:///etc/passwd"}, refusals.UNGUARDED),
    "a password": ({"jwks_uri": "https://user:word@127.0.0.1/keys"}, refusals.UNGUARDED),
    "an inner address": ({"jwks_uri": "https://169.254.169.254/latest"}, refusals.DOWN),
    "no keys": ({"jwks_uri": None}, refusals.ODD),
}


@pytest.mark.parametrize("case", DESCRIBED)
def test_a_provider_that_leads_astray(away: Abroad, case: str) -> None:
    away.provider.described, told = DESCRIBED[case]
    browser = away.client()
    assert_out(away, browser, browser.get(BEGIN), 502, told)


def test_no_more_than_some_wait_for_the_provider(away: Abroad) -> None:
    provider = away.office.app.extensions["console"].provider
    held = []
    while provider._turns.acquire(blocking=False):
        held.append(1)
    assert len(held) == away.settings.web.threads // 2
    browser = away.client()
    assert_out(away, browser, browser.get(BEGIN), 502, refusals.BUSY)
    for _ in held:
        provider._turns.release()
    assert away.sign_in(browser).status_code == 303, "the provider was not at fault, and is asked at once"
