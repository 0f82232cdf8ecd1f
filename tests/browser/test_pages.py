"""Every page in chromium: in both languages, wide and narrow, judged by axe; nothing is broken or out of sight."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from registry.web import admin
from tests.browser.addresses import ADDRESSES, NO_PAGES, OPERATOR, Address
from tests.browser.conftest import NARROW, WIDE, Opener
from tests.console.conftest import Statements
from tests.console.office import Office
from tests.console.samples import find_issue
from tests.factories import live

MOST_STATEMENTS = 30
"""Of a page, whatever it shows."""
SERIOUS = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """What axe finds and calls serious or worse."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


def told(address: Address) -> str:
    return f"{address.account}:{address.path if isinstance(address.path, str) else address.path.__name__}"


@pytest.mark.parametrize(
    ("language", "width"),
    [("zh", WIDE), pytest.param("en", NARROW, marks=pytest.mark.full)],
)
@pytest.mark.parametrize("address", ADDRESSES, ids=told)
def test_a_page_is_sound(opened: Opener, busy: Office, address: Address, language: str, width: int) -> None:
    page, complaints = opened(address.account, address.at(busy), language=language, width=width)
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
    assert page.locator("h1").count() == 1
    assert violations(page) == []
    for shown in sorted({width, NARROW}, reverse=True):
        page.set_viewport_size({"width": shown, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= shown
    assert [each for each in complaints if f"status of {address.status}" not in each] == []


def test_every_page_is_looked_at(busy: Office) -> None:
    urls = busy.app.url_map.bind("localhost")
    good = (each for each in ADDRESSES if each.status == 200)
    looked_at = {urls.match(each.at(busy).partition("?")[0], "GET")[0] for each in good}
    pages = {route.endpoint for route in admin.table_of() if not route.acts}
    assert pages - looked_at == NO_PAGES


@pytest.mark.parametrize("address", ADDRESSES, ids=told)
def test_a_page_asks_few_things_of_the_store(busy: Office, address: Address) -> None:
    browser, path = busy.client(address.account), address.at(busy)
    browser.get(path)
    with Statements(busy.installation.engines).counted() as seen:
        browser.get(path)
    assert len(seen) <= MOST_STATEMENTS, "\n".join(seen)


def test_a_fault_of_accessibility_is_found(opened: Opener) -> None:
    page, _ = opened(OPERATOR, "/admin/me")
    page.evaluate("document.querySelector('label').remove()")
    assert any(each.startswith("label:") for each in violations(page))


def test_what_is_written_inline_does_not_run(opened: Opener) -> None:
    page, complaints = opened(OPERATOR, "/admin/")
    page.evaluate(
        "const planted = document.createElement('script'); planted.textContent = 'window.ran = true';"
        "document.body.append(planted)"
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in each for each in complaints)


@pytest.mark.parametrize("scripts", [True, False])
def test_menus_open_with_and_without_scripts(opened: Opener, scripts: bool) -> None:
    page, _ = opened(OPERATOR, "/admin/", width=NARROW, scripts=scripts)
    assert not page.locator(".nav-menu .sheet").is_visible()
    page.locator(".nav-menu > summary").click()
    assert page.locator(".nav-menu .sheet a").first.is_visible()
    page.locator(".nav-menu a[href^='/admin/inbox']").click()
    assert page.url.endswith("/admin/inbox")


def test_a_file_can_be_saved_twice(opened: Opener, busy: Office) -> None:
    find_issue(busy)
    page, _ = opened(OPERATOR, f"/admin/runs/{busy.run_id}/issues")
    page.get_by_role("link", name="原始内容…").first.click()
    page.get_by_label("理由").fill("核对")
    saved = []
    for _ in range(2):
        with page.expect_download() as download:
            page.get_by_role("button", name="下载", exact=True).click()
        saved.append(download.value.path().read_bytes())
        page.wait_for_timeout(2_500)
    assert saved == [live("1").raw.content] * 2  # type: ignore[union-attr]
