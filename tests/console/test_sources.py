"""The pages of sources: the list, one source, its contact log."""

from __future__ import annotations

import pytest

from registry.model.contact import ContactPerson
from registry.model.role import Role
from registry.services import contacts
from registry.store.engine import transaction
from registry.store.tables import sources as table
from tests.console import past
from tests.console.conftest import Statements
from tests.console.office import CITY, Office, name_of

OPERATOR, SUBMITTER = name_of(Role.OPERATOR, "own"), name_of(Role.SUBMITTER, "own")
APPROVER, AUDITOR = name_of(Role.APPROVER, "own"), name_of(Role.AUDITOR, "own")


LISTED = {
    "": (["hangzhou", "xihu", "yuhang", "binjiang", "wulin"], ["ningbo"]),
    "?status=submitted": (["xihu"], ["hangzhou", "yuhang"]),
    "?text=西湖": (["xihu"], ["hangzhou", "wulin"]),
    "?text=BINJIANG.example": (["binjiang"], ["xihu"]),
    "?register=330106": (["wulin"], ["hangzhou", "xihu"]),
    "?status=nonsense&health=nonsense&text=%25": ([], ["hangzhou"]),
}
"""Questions to the list, sources that must be found with them, and others that must not."""


def test_the_list_shows_what_is_within_reach_and_asked_for(office: Office) -> None:
    past.grow(office)
    browser = office.client(OPERATOR)
    for query, (found, missing) in LISTED.items():
        page = browser.get(f"/admin/sources{query}").text
        assert [code for code in found if f"/admin/sources/{code}" not in page] == [], query
        assert [code for code in missing if f'href="/admin/sources/{code}' in page] == [], query


def test_failing_sources_say_why(office: Office) -> None:
    past.grow(office)
    page = office.client(name_of(Role.OPERATOR, "above")).get("/admin/sources?health=failing").text
    assert "连接超时" in page and "/admin/sources/ningbo" in page and "/admin/sources/hangzhou" not in page


def test_the_list_goes_on_behind_its_page_and_asks_no_more_for_many(
    office: Office, statements: Statements
) -> None:
    browser = office.client(OPERATOR)
    with statements.counted() as few:
        browser.get("/admin/sources")
    for number in range(60):
        office.add_source(f"s-{number:02}", CITY, f"数据源 {number}")
    with statements.counted() as many:
        first = browser.get("/admin/sources").text
    assert len(many) == len(few)
    assert 'rel="next"' in first
    second = browser.get("/admin/sources?after=s-47").text
    assert "/admin/sources/s-48" in second and "/admin/sources/s-47" not in second


def test_nothing_yet_is_explained(office: Office) -> None:
    page = office.client(OPERATOR).get("/admin/sources?register=330106").text
    assert "尚未登记数据源" in page


def test_the_page_of_a_source_tells_where_it_stands_and_what_comes_next(office: Office) -> None:
    office.add_source("asks", CITY, "待审核来源", approved=False)
    mine = office.client(SUBMITTER).get("/admin/sources/asks").text
    assert "您提交了该来源" in mine and "您可以" in mine  # it may amend it
    theirs = office.client(APPROVER).get("/admin/sources/asks").text
    assert "您提交了该来源" not in theirs and "不能由提交人执行" in theirs
    assert office.client(AUDITOR).get("/admin/sources/asks").text.count("您可以") == 0


def test_whoever_works_on_a_source_sees_whom_to_call(office: Office) -> None:
    engine, now = office.installation.engines.write, office.installation.clock()
    person = ContactPerson("王芳", "0571-87654321", "wang@example.cn", "杭州市建委")
    contacts.set_person(engine, "hangzhou", person, actor=office.cli, now=now)
    form = {"kind": "call", "text": "接口周一恢复"}
    answer = office.client(OPERATOR).post("/admin/sources/hangzhou/contacts", form)
    assert (answer.status_code, answer.location) == (303, "/admin/sources/hangzhou#contacts")
    page = office.client(OPERATOR).get("/admin/sources/hangzhou").text
    assert "0571-87654321" in page and "接口周一恢复" in page and "电话" in page
    audited = office.client(AUDITOR).get("/admin/sources/hangzhou").text
    assert "王芳" in audited and "杭州市建委" in audited
    assert (
        "0571-87654321" not in audited and "wang@example.cn" not in audited and "接口周一恢复" not in audited
    )


def test_whoever_may_not_read_runs_is_led_to_none(office: Office) -> None:
    path = "/admin/sources/hangzhou"
    assert "/admin/runs" in office.client(AUDITOR).get(path).text
    assert "/admin/runs" not in office.client(name_of(Role.ADMINISTRATOR, "own")).get(path).text


@pytest.mark.parametrize(
    "form", [{"kind": "call", "text": "  "}, {"kind": "pigeon", "text": "x"}, {"kind": "call", "text": "x" * 4001}]
)  # fmt: skip
def test_a_line_of_the_log_that_says_nothing_is_told_at_its_field(
    office: Office, form: dict[str, str]
) -> None:
    before = office.events()
    answer = office.client(OPERATOR).post("/admin/sources/hangzhou/contacts", form)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert office.events() == before


def test_what_a_source_was_called_is_shown_as_it_is(office: Office) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    with transaction(office.installation.engines.write) as connection:
        values = {"name": hostile, "location": f"http://x/{hostile}", "told_name": hostile}
        connection.execute(table.update().where(table.c.code == "hangzhou").values(**values))
    for path in ("/admin/sources", "/admin/sources/hangzhou"):
        page = office.client(OPERATOR).get(path).text
        assert "<script>alert" not in page and "\u202e" not in page
