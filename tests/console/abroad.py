"""The office with an identity provider beside its passwords, and a person who signs in there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
import requests
from werkzeug.test import TestResponse

from config.oidc import Oidc
from config.secrets import Keyring
from config.settings import Session, Settings
from harvester.http.line import line_to_provider
from registry.model.event import Actor
from registry.model.external import subject_of
from registry.model.issue import Text
from registry.services import accounts
from registry.store import accounts as stored
from registry.store import sessions
from registry.store.engine import transaction
from registry.web import create_app
from tests.console.office import Browser, Office
from tests.console.test_sign_in import is_in
from tests.identity_provider import CLIENT, SECRET, Provider

ACCOUNT, SUBJECT = "zhao.min", "8d1f0c2e"
CLI = Actor("cli:test")
BEGIN = "/admin/sign-in/provider"


@dataclass
class Abroad:
    """An office whose people may sign in at ``provider``. ``zhao.min`` is linked there, and has no password."""

    office: Office
    provider: Provider
    settings: Settings

    def client(self) -> Browser:
        return self.office.client()

    def leave(self, browser: Browser, onward: str = "") -> str:
        """Begin, and be signed in at the provider: the address that one is sent back to."""
        answer = browser.get(f"{BEGIN}?next={onward}" if onward else BEGIN)
        assert answer.status_code == 303, answer.text
        assert answer.location.startswith(f"{self.provider.issuer}/authorize?")
        back = requests.get(answer.location, allow_redirects=False, timeout=10).headers["Location"]
        assert back.startswith(f"{self.settings.public_url}{BEGIN}/back?")
        parts = urlsplit(back)
        return f"{parts.path}?{parts.query}"

    def sign_in(self, browser: Browser, onward: str = "") -> TestResponse:
        return browser.get(self.leave(browser, onward))

    def begin_anew(self, **changes: object) -> None:
        """Another process, with other settings of ``[oidc]``: nothing is kept of the provider."""
        self.settings = msgspec.structs.replace(
            self.settings, oidc=msgspec.structs.replace(self.settings.oidc, **changes)
        )
        keyring = Keyring(self.office.home / "secrets", {"MULU_OIDC": SECRET})
        line = line_to_provider(self.settings, keyring.credential)
        made = self.office.installation
        self.office.use(create_app(self.settings, made.engines, keyring, made.clock, line))


def name_a_provider(office: Office) -> None:
    """The settings of the office name an identity provider, which is not asked."""
    oidc = Oidc(issuer="https://id.example", client_id="mulu")
    settings = msgspec.structs.replace(office.settings, oidc=oidc)
    keyring, made = Keyring(office.home / "secrets", {}), office.installation
    line = line_to_provider(settings, keyring.credential)
    office.use(create_app(settings, made.engines, keyring, made.clock, line))


@contextmanager
def abroad(office: Office, *, attempts: int = 50) -> Iterator[Abroad]:
    """The office, while its provider answers. ``attempts``: so many may fail from one address."""
    made = office.installation
    with Provider(made.clock) as provider:
        oidc = Oidc(
            issuer=provider.issuer, client_id=CLIENT, client_secret="env:MULU_OIDC", networks=("127.0.0.0/8",),
            answer_bytes=20_000,
        )  # fmt: skip
        new = accounts.NewAccount(ACCOUNT, "赵敏", subject=subject_of(provider.issuer, SUBJECT))
        accounts.add_account(made.engines.write, new, actor=CLI, now=made.clock())
        session = Session(address_failures=attempts)
        found = Abroad(office, provider, Settings(home=office.home, oidc=oidc, session=session))
        found.begin_anew()
        yield found


@contextmanager
def as_at_first(away: Abroad) -> Iterator[Abroad]:
    """For one test: a provider that keeps to the standards, of which nothing is known yet; nobody is signed in."""
    provider, made = away.provider, away.office.installation
    before, settings = dict(vars(provider)), away.settings
    with transaction(made.engines.write) as connection:
        sessions.end_all(connection, stored.get(connection, ACCOUNT).id, made.clock())
    away.begin_anew()
    provider.asked.clear()
    yield away
    vars(provider).update(before)
    provider.broken.clear()
    away.settings = settings


def assert_out(away: Abroad, browser: Browser, answer: TestResponse, status: int, told: Text) -> None:
    """Nobody came in, and it says why, in the language of the browser."""
    language = "en" if '<html lang="en"' in answer.text else "zh"
    expected = re.sub(r"\{\w+\}", "", told.in_language(language))
    assert answer.status_code == status, answer.text
    assert expected in answer.text.replace("&#39;", "'"), answer.text
    assert not is_in(browser)
    made = away.office.installation
    with made.engines.read.connect() as connection:
        account = stored.get(connection, ACCOUNT)
        assert sessions.of_account(connection, account.id, made.clock()) == []


def english(away: Abroad) -> Browser:
    browser = away.client()
    browser.post("/admin/language", {"language": "en"})
    return browser
