"""Chromium on the console, over an office with a past. Skipped in plain sight where there is no chromium: none can be
had from a package index, so that this holds in CI too.

``MULU_TEST_CHROMIUM`` names one; else one in the PATH, else playwright's own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from registry.store.engine import open_engines
from tests.console import past
from tests.console.abroad import name_a_provider
from tests.console.office import Office
from tests.databases import SqliteTemplate
from tests.factories import Installation
from tests.integration.repository import listening

VARIABLE = "MULU_TEST_CHROMIUM"
WIDE, NARROW = 1280, 390
PATIENCE = 10_000
"""Milliseconds until something that a page should show or do is missed."""
_FAULTS = ("error", "warning")
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_here(own: str) -> str:
    """Where chromium is; empty where there is none. ``own``: where playwright would keep its own."""
    given = os.environ.get(VARIABLE, "")
    found = given or next(filter(None, map(shutil.which, _NAMES)), "")
    return found or (own if Path(own).is_file() else "")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser. Gone with the last test here: as long as playwright is there, asyncio has a loop that runs in this
    thread, and tests elsewhere want one of their own."""
    with sync_playwright() as playwright:
        path = chromium_here(playwright.chromium.executable_path)
        if not path:
            pytest.skip(f"no chromium: install one, or name it in {VARIABLE}")
        try:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error as error:
            pytest.fail(f"{path} does not start: {error}", pytrace=False)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def busy(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office with its past."""
    folder = tmp_path_factory.mktemp("busy")
    engines = open_engines(sqlite_template.copy_to(folder))
    office = Office(Installation(engines, index=True), folder)
    office.found()
    past.grow(office)
    past.dispute(office)
    past.bring(office)
    name_a_provider(office)
    yield office
    engines.dispose()


@pytest.fixture(scope="module")
def console(busy: Office) -> Iterator[str]:
    """The address of a server over it."""
    with listening(busy.app) as url:
        yield url


class Opened(NamedTuple):
    """A page, and what its scripts, its loading and the content policy complained of; also of pages that it opened."""

    page: Page
    complaints: list[str]


class Opener(Protocol):
    """Opens a page of the console, with an account signed in (None: nobody)."""

    def __call__(
        self,
        account: str | None,
        path: str,
        *,
        language: str = "zh",
        width: int = WIDE,
        scripts: bool = True,
    ) -> Opened: ...


@contextmanager
def opening(chromium: Browser, office: Office, url: str) -> Iterator[Opener]:
    """``opened(account, path, language="zh", width=WIDE)`` on the console of an ``office`` that is served at ``url``;
    what was opened is closed at the end of the block."""
    with ExitStack() as stack:

        def open_page(
            account: str | None, path: str, *, language: str = "zh", width: int = WIDE, scripts: bool = True
        ) -> Opened:
            context = chromium.new_context(
                viewport={"width": width, "height": 900}, java_script_enabled=scripts, base_url=url
            )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            cookies = {"mulu_language": language}
            if account is not None:
                office.speak(account, language)
                cookies["mulu_session"] = office.cookie(account)
            context.add_cookies(
                [{"name": name, "value": value, "url": f"{url}/admin"} for name, value in cookies.items()]
            )
            complaints: list[str] = []

            def listen(page: Page) -> None:
                page.on(
                    "console", lambda said: complaints.append(said.text) if said.type in _FAULTS else None
                )
                page.on("pageerror", lambda error: complaints.append(str(error)))

            context.on("page", listen)
            page = context.new_page()
            page.goto(path)
            return Opened(page, complaints)

        yield open_page


@pytest.fixture
def opened(chromium: Browser, busy: Office, console: str) -> Iterator[Opener]:
    """``opened(account, path, language="zh", width=WIDE)``."""
    with opening(chromium, busy, console) as opener:
        yield opener
