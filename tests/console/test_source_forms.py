"""Registering and amending sources: faults stand at their fields, what asks for approval again is shown before."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from registry.model.role import Role
from registry.model.source import SourceScope, SourceStatus
from registry.services import registration
from registry.store import sources
from registry.store.sources import Source
from tests.console.office import COUNTY, Office, name_of
from tests.console.samples import AMENDED, NEW_SOURCE

SUBMITTER, APPROVER = name_of(Role.SUBMITTER, "own"), name_of(Role.APPROVER, "own")


class Fields(HTMLParser):
    """What a browser would send of the forms of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self.select = self.area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        name = named.get("name", "")
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in named:
            self.found[self.select] = named["value"]
        elif tag == "textarea":
            self.area = name
            self.found[name] = ""
        elif tag == "input" and named.get("type") == "checkbox":
            if "checked" in named:
                self.found.setdefault(name, []).append(named["value"])
        elif tag == "input" and name != "csrf_token":
            self.found[name] = named.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data


def filled(page: str) -> dict[str, Any]:
    """What a browser would send of the form on a page."""
    return Fields(page.partition("<main")[2]).found


def stored(office: Office, code: str) -> Source:
    with office.installation.engines.read.connect() as connection:
        return sources.get(connection, code)


def test_what_is_needed_is_marked(office: Office) -> None:
    page = office.client(SUBMITTER).get("/admin/new-source").text
    marked = set(re.findall(r'<label for="(\w+)" class="needed"', page))
    assert marked == {"code", "name", "body", "contact_name"}
    assert set(re.findall(r'<input[^>]*aria-required="true"[^>]* name="(\w+)"', page)) == marked
    assert "带 * 的为必填项" in page


def test_a_source_is_registered_as_a_draft_with_all_that_was_stated(office: Office) -> None:
    form = NEW_SOURCE | {
        "phone": "0571-1", "identifier_prefixes": "oai:a:\n\noai:b:", "allowed_networks": "10.20.0.0/16、10.30.0.0/16",
        "credentials": "file:hz", "set_spec": "x",
    }  # fmt: skip
    answer = office.client(SUBMITTER).post("/admin/new-source", form)
    assert (answer.status_code, answer.location) == (303, "/admin/sources/hangzhou-2")
    made = stored(office, "hangzhou-2")
    assert (made.status, made.added_by, made.schedule) == (SourceStatus.DRAFT, SUBMITTER, "every 6h")
    scope = made.description.scope
    assert scope == SourceScope(("oai:a:", "oai:b:"), ("330100",), ("project:2", "credit:6.2"))
    assert made.description.allowed_networks == ("10.20.0.0/16", "10.30.0.0/16")
    assert (made.contact.name, made.contact.body, made.contact.phone) == ("王芳", "杭州市建委", "0571-1")
    page = office.client(SUBMITTER).get("/admin/sources/hangzhou-2").text
    assert "行政处罚" in page and "杭州市 (330100)" in page and "每 6 小时" in page


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("code", "ä b", "不合规"),
        ("code", "hangzhou", "已存在"),
        ("on", COUNTY + "x", "请选择"),
        ("name", " ", "必填"),
        ("protocol", "folder", "请选择"),
        ("location", "ftp://x/y", "不是可采集的地址"),
        ("location", "https://u:p@x.cn/", "用户名"),
        ("location", "https://x.cn/?apiKey=1", "密钥"),
        ("metadata_prefix", "nonsense", "请选择"),
        ("namespace", "no namespace", "不合规"),
        ("schedule", "every 1s", "请选择"),
        ("divisions", "330100 999999", "999999"),
        ("credentials", "s3cret", "引用"),
        ("ca_bundle", "s3cret", "引用"),
        ("allowed_networks", "10.0.0.1/8", "CIDR"),
        ("body", "", "必填"),
        ("contact_name", "", "必填"),
        ("name", "x" * 201, "至多"),
    ],
)
def test_what_is_wrong_stands_at_its_field(office: Office, field: str, value: str, told: str) -> None:
    before = office.events()
    answer = office.client(SUBMITTER).post("/admin/new-source", NEW_SOURCE | {field: value})
    assert answer.status_code in (409, 422)
    fault = answer.text.partition(f'id="{field}-error"')[2].partition("</p>")[0]
    assert told in fault, answer.text
    assert office.events() == before


def test_an_item_that_is_not_in_the_catalogues_is_refused(office: Office) -> None:
    answer = office.client(SUBMITTER).post("/admin/new-source", NEW_SOURCE | {"categories": ["credit:99"]})
    assert answer.status_code == 422


def test_faults_are_told_in_english_too(office: Office) -> None:
    office.speak(SUBMITTER, "en")
    answer = office.client(SUBMITTER).post("/admin/new-source", NEW_SOURCE | {"location": "x"})
    assert "cannot be harvested" in answer.text and "不是可采集" not in answer.text


def test_a_draft_is_amended_at_once(office: Office) -> None:
    browser = office.client(SUBMITTER)
    browser.post("/admin/new-source", NEW_SOURCE)
    answer = browser.post("/admin/sources/hangzhou-2/amend", AMENDED | {"location": "https://other.cn/oai"})
    assert answer.status_code == 303
    assert stored(office, "hangzhou-2").description.location == "https://other.cn/oai"


def test_what_was_approved_is_shown_before_it_is_changed(office: Office) -> None:
    browser = office.client(SUBMITTER)
    before, count = stored(office, "hangzhou"), office.events()
    answer = browser.post("/admin/sources/hangzhou/amend", AMENDED)
    assert answer.status_code == 200
    assert "<del>http://hangzhou.example/oai</del>" in answer.text
    assert "<ins>https://data.hangzhou.gov.cn/oai</ins>" in answer.text
    assert "5 条记录保留" in answer.text
    assert (stored(office, "hangzhou"), office.events()) == (before, count)
    assert browser.post("/admin/sources/hangzhou/amend", AMENDED | {"confirmed": "yes"}).status_code == 303
    amended = stored(office, "hangzhou")
    assert (amended.status, amended.submitted_by, amended.live) == (SourceStatus.SUBMITTED, SUBMITTER, 5)
    assert amended.description.scope.categories == ("project:2", "credit:6.2")


def test_a_name_or_a_schedule_counts_at_once(office: Office) -> None:
    form = AMENDED | {
        "name": "新名称", "location": "http://hangzhou.example/oai", "divisions": "", "categories": [],
    }  # fmt: skip
    assert office.client(SUBMITTER).post("/admin/sources/hangzhou/amend", form).status_code == 303
    amended = stored(office, "hangzhou")
    assert (amended.status, amended.name, amended.schedule) == (SourceStatus.APPROVED, "新名称", "every 6h")


def test_the_form_shows_what_is_stated_and_changes_nothing_by_itself(office: Office) -> None:
    engine, now = office.installation.engines.write, office.installation.clock()
    scope = SourceScope(("oai:x:",), ("330100", "330106"), ("credit:6.2", "oddity"), ("other",))
    values = {"scope": scope, "schedule": "7 3 * * *", "set_spec": "s", "allowed_networks": ("10.0.0.0/8",)}
    registration.amend_source(engine, "hangzhou", values, actor=office.cli, now=now)
    page = office.client(SUBMITTER).get("/admin/sources/hangzhou/amend").text
    before, count = stored(office, "hangzhou"), office.events()
    answer = office.client(SUBMITTER).post("/admin/sources/hangzhou/amend", filled(page))
    assert answer.status_code == 303, answer.text
    assert (stored(office, "hangzhou"), office.events()) == (before, count)


def test_of_two_who_amend_at_once_the_second_is_told(office: Office) -> None:
    browser = office.client(SUBMITTER)
    form = filled(browser.get("/admin/sources/hangzhou/amend").text)
    assert browser.post("/admin/sources/hangzhou/amend", AMENDED | {"confirmed": "yes"}).status_code == 303
    late = browser.post("/admin/sources/hangzhou/amend", form | {"set_spec": "y", "confirmed": "yes"})
    assert (late.status_code, "已有人处理" in late.text) == (409, True)
    assert stored(office, "hangzhou").description.set_spec == ""


def test_a_retired_source_has_no_form(office: Office) -> None:
    office.client(APPROVER).post("/admin/sources/hangzhou/retire", {"reason": "停用"})
    assert office.client(SUBMITTER).get("/admin/sources/hangzhou/amend").status_code == 409
