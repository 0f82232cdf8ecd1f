"""Signing in through an identity provider, in chromium: there and back over real redirects and cookies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from flask import Flask
from playwright.sync_api import Browser

from config.settings import Web
from registry.store.engine import open_engines
from tests.browser.conftest import NARROW, opening
from tests.console.abroad import Abroad, abroad
from tests.console.office import Office
from tests.databases import SqliteTemplate
from tests.factories import Installation
from tests.integration.repository import listening


@pytest.fixture
def away(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Abroad]:
    """An office that knows under which address it is served, and its provider."""
    engines = open_engines(sqlite_template.copy_to(tmp_path))
    office = Office(Installation(engines), tmp_path)

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        return office.app(environ, start)

    with abroad(office) as found, listening(cast("Flask", answer)) as url:
        found.settings = msgspec.structs.replace(found.settings, web=Web(public_url=url))
        found.begin_anew()
        yield found
    engines.dispose()


@pytest.mark.parametrize(("language", "label"), [("zh", "统一身份认证"), ("en", "Single sign-on")])
def test_there_and_back(chromium: Browser, away: Abroad, language: str, label: str) -> None:
    url = away.settings.public_url
    with opening(chromium, away.office, url) as opened:
        page, complaints = opened(None, "/admin/me", language=language, width=NARROW)
        page.get_by_role("link", name=label).click()
        page.wait_for_url(f"{url}/admin/me")
        assert "zhao.min" in page.locator("main").inner_text()
        page.goto("/admin/sign-in/provider/back?code=x&state=y")
        assert page.get_by_role("alert").count() == 1
        assert [each for each in complaints if "status of 403" not in each] == []


def test_out_and_refused(chromium: Browser, away: Abroad) -> None:
    away.provider.person = {"sub": "stranger-7"}
    url = away.settings.public_url
    with opening(chromium, away.office, url) as opened:
        page, _ = opened(None, "/admin/", width=NARROW)
        page.get_by_role("link", name="统一身份认证").click()
        assert "stranger-7" in page.get_by_role("alert").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
        page.get_by_role("button", name="English").click()
        page.wait_for_url(f"{url}/admin/sign-in")
        assert page.get_by_role("link", name="Single sign-on").count() == 1
