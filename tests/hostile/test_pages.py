"""Every page of the console that can be reached from the first one, over what strangers wrote: no script, no handler,
no address that runs, nothing that hides on a line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from registry.model.role import Role
from tests.acceptance.conftest import Mulu
from tests.conftest import Tell
from tests.crash.choice import on_postgresql_in_full
from tests.endpoint import Endpoint
from tests.hostile.filled import filled, sendable
from tests.hostile.outlets import UNSEEN
from tests.hostile.site import Site
from tests.hostile.test_naughty_strings import naughty
from tests.shared import needs_shared

pytestmark = needs_shared

TODAY = datetime.now(UTC).date()
MOST = 60
_ADDRESSES = ("href", "src", "action", "formaction", "data", "poster")


class Page(HTMLParser):
    """What a browser would find in a page: its links, what would run, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.running: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "a" and named.get("href", "").startswith(("/", "?")):
            self.links.append(named["href"])
        if tag in ("script", "iframe", "object", "embed") and not named.get("src", "").startswith("/"):
            self.running.append(f"<{tag}>")
        self.running += [name for name in named if name.startswith("on") or name == "style"]
        for name in _ADDRESSES:
            if urlsplit(named.get(name, "").strip().lower()).scheme not in ("", "http", "https"):
                self.running.append(named[name])

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def site(prepared: Mulu) -> Iterator[Site]:
    """What strangers wrote stands in titles, in names, in issues and in what an endpoint says of itself."""
    strings = naughty()
    records = [filled(f"k{number:04}", text, TODAY) for number, text in enumerate(strings)]
    with Endpoint(records, page_size=100) as city:
        city.provider.prefix = "catalogue"
        city.provider.name = sendable("".join(strings))
        yield Site.found(prepared, city)


@on_postgresql_in_full
def test_no_page_runs_what_strangers_wrote(site: Site, tell: Tell) -> None:
    site.harvest("--full")
    site.city.faults = ["rewritten"]
    site.harvest("--full", code=4)
    seen = {address for role in Role for address in crawl(site, role)}
    assert len(seen) > 10
    tell(f"pages: {len(seen)} of the console over naughty strings, nothing in them runs")


def crawl(site: Site, role: Role) -> set[str]:
    """The pages that somebody with this role reaches from the first one, one of each kind at least."""
    seen: set[str] = set()
    waiting = ["/admin/"]
    with site.browser(role) as client:
        while waiting and len(seen) < MOST:
            address = waiting.pop(0)
            if address in seen:
                continue
            seen.add(address)
            answer = client.get(address)
            assert answer.status_code in (200, 302, 303, 404), (address, answer.status_code)
            if answer.mimetype == "text/html":
                page = Page(answer.text)
                assert page.running == [], address
                assert UNSEEN.findall(page.text.replace("\r", "")) == [], address
                waiting += [urljoin(address, link) for link in page.links]
            answer.close()
    return seen


def test_what_runs_is_noticed() -> None:
    """A script, a handler, a style, an address that runs; and what is escaped does not."""
    for html in (
        "<script>x</script>", "<p onclick=x>", "<a href='java\tscript:x'>", "<p style='x'>", "<iframe srcdoc=x>",
        "<img src='data:x'>",
    ):  # fmt: skip
        assert Page(html.replace("\t", "")).running
    assert not Page("&lt;script&gt;<a href='/x'>y</a><script src='/static/x.js'></script>").running
