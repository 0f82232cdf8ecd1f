"""The inbox: one's own notifications, read by opening them."""

from __future__ import annotations

import re

from registry.model.role import Role
from tests.console.office import CITY, Browser, Office, name_of

APPROVER, OTHER = name_of(Role.APPROVER, "own"), name_of(Role.APPROVER, "beside")


def told(office: Office) -> Browser:
    """The approver of the city, who was told of two sources."""
    for code in ("asks", "asks-too"):
        office.add_source(code, CITY, code, approved=False)
    office.tell()
    return office.client(APPROVER)


def unread(browser: Browser) -> str:
    return "".join(re.findall(r'<span class="count"[^>]*>(\d+)<', browser.get("/admin/").text))


def test_opening_reads_and_leads_there(office: Office) -> None:
    browser = told(office)
    assert unread(browser) == "2"
    page = browser.get("/admin/inbox").text
    first, second = re.findall(r'action="(/admin/inbox/\d+/open)"', page)
    assert page.index("asks-too") < page.index("数据源 asks 待审核")
    answer = browser.post(first)
    assert answer.location in ("/admin/sources/asks-too", "/admin/inbox")
    assert unread(browser) == "1"
    assert second in browser.get("/admin/inbox?show=unread").text
    assert first not in browser.get("/admin/inbox?show=unread").text
    browser.post("/admin/inbox/read")
    assert unread(browser) == ""
    assert "没有通知" in browser.get("/admin/inbox?show=unread").text


def test_nobody_opens_what_others_were_told(office: Office) -> None:
    told(office)
    other = office.client(OTHER)
    for number in (1, 2, 99):
        assert other.post(f"/admin/inbox/{number}/open").status_code == 404
    other.post("/admin/inbox/read")
    assert unread(office.client(APPROVER)) == "2"
