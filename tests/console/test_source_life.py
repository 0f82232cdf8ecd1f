"""The acts of a source's life in the console: what they ask, who may, who was faster."""

from __future__ import annotations

import re
from functools import partial

import pytest
from werkzeug.test import TestResponse

from registry.model.role import Role
from registry.model.source import SourceScope, SourceStatus
from registry.services import accounts, registration
from registry.store import events, sources
from registry.store.engine import transaction
from tests.console.office import CITY, Office, name_of
from tests.integration.deciding import at_once

SUBMITTER, OPERATOR = name_of(Role.SUBMITTER, "own"), name_of(Role.OPERATOR, "own")
APPROVER, ABOVE = name_of(Role.APPROVER, "own"), name_of(Role.APPROVER, "above")


def status_of(office: Office, code: str) -> SourceStatus:
    with office.installation.engines.read.connect() as connection:
        return sources.get(connection, code).status


def seen(page: str) -> str:
    """The fingerprint that a page sends along."""
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def test_a_source_goes_through_its_life(office: Office) -> None:
    office.add_source("asks", CITY, "待审核来源", approved=False)
    submitter, approver, operator = map(office.client, (SUBMITTER, APPROVER, OPERATOR))
    for browser, act, reason, status in (
        (approver, "reject", "地址不属于该单位", SourceStatus.REJECTED),
        (submitter, "submit", "", SourceStatus.SUBMITTED),
        (approver, "approve", "", SourceStatus.APPROVED),
        (operator, "suspend", "平台迁移", SourceStatus.SUSPENDED),
        (operator, "resume", "", SourceStatus.APPROVED),
        (approver, "retire", "接口停用", SourceStatus.RETIRED),
    ):
        page = browser.get(f"/admin/sources/asks/{act}")
        assert page.status_code == 200, (act, page.text)
        form = {"reason": reason, "seen": seen(page.text)}
        assert browser.post(f"/admin/sources/asks/{act}", form).status_code == 303
        assert status_of(office, "asks") is status
    history = submitter.get("/admin/sources/asks").text
    assert "地址不属于该单位" in history and "平台迁移" in history


@pytest.mark.parametrize(("schedule", "told"), [("", "仅在要求时采集。"), ("every 6h", "此后按计划采集。")])
def test_an_approver_is_told_when_it_will_be_harvested(office: Office, schedule: str, told: str) -> None:
    office.add_source("asks", CITY, "待审核来源", approved=False)
    with transaction(office.installation.engines.write) as connection:
        sources.change(connection, sources.get(connection, "asks").id, schedule=schedule)
    page = office.client(APPROVER).get("/admin/sources/asks/approve").text
    assert told in page.partition('class="consequences"')[2].partition("</ul>")[0]


@pytest.mark.parametrize("act", ["reject", "suspend", "retire"])
def test_a_reason_is_asked_for_where_it_is_needed(office: Office, act: str) -> None:
    office.add_source("asks", CITY, "待审核来源", approved=act != "reject")
    browser = office.client(OPERATOR if act == "suspend" else APPROVER)
    before, events_before = status_of(office, "asks"), office.events()
    answer = browser.post(f"/admin/sources/asks/{act}", {"reason": "  "})
    assert (answer.status_code, "请写明理由" in answer.text) == (422, True)
    assert (status_of(office, "asks"), office.events()) == (before, events_before)


def test_who_submitted_does_not_approve(office: Office) -> None:
    office.add_source("asks", CITY, "待审核来源", approved=False)
    engine, now = office.installation.engines.write, office.installation.clock()

    accounts.grant(engine, SUBMITTER, Role.APPROVER, CITY, actor=office.cli, now=now)
    browser = office.client(SUBMITTER)
    page = browser.get("/admin/sources/asks").text
    assert "/admin/sources/asks/approve" not in page
    assert browser.post("/admin/sources/asks/approve").status_code == 403
    assert status_of(office, "asks") is SourceStatus.SUBMITTED


def test_of_two_approvers_at_once_one_wins_and_one_is_told_who_did(office: Office) -> None:
    office.add_source("asks", CITY, "待审核来源", approved=False)
    browsers = [office.client(APPROVER), office.client(ABOVE)]
    tokens = [each.forgery_token() for each in browsers]
    mark = seen(browsers[0].get("/admin/sources/asks/approve").text)

    def approve(index: int) -> TestResponse:
        form = {"csrf_token": tokens[index], "seen": mark}
        return browsers[index].client.post("/admin/sources/asks/approve", data=form)

    answers = at_once(partial(approve, 0), partial(approve, 1))
    codes = [each.status_code for each in answers if isinstance(each, TestResponse)]
    assert sorted(codes) == [303, 409], answers
    winner, loser = (APPROVER, 1) if codes[0] == 303 else (ABOVE, 0)
    told = answers[loser]
    assert isinstance(told, TestResponse)
    assert "已有人处理" in told.text and winner in told.text
    with office.installation.engines.read.connect() as connection:
        acts = events.of_subject(connection, "source:asks")
    assert [each.action for _, each in acts].count("approve") == 1


def test_what_was_changed_after_one_had_looked_is_not_approved(office: Office) -> None:
    office.add_source("asks", CITY, "待审核来源", approved=False)
    browser = office.client(APPROVER)
    mark = seen(browser.get("/admin/sources/asks/approve").text)
    engine, now = office.installation.engines.write, office.installation.clock()
    registration.amend_source(
        engine, "asks", {"location": "http://other.example/oai"}, actor=office.cli, now=now
    )
    answer = browser.post("/admin/sources/asks/approve", {"seen": mark})
    assert (answer.status_code, "重新查看" in answer.text) == (409, True)
    assert status_of(office, "asks") is SourceStatus.SUBMITTED


def test_an_approver_sees_all_that_is_approved(office: Office) -> None:
    office.add_source("asks", CITY, "待审核来源", approved=False)
    engine, now = office.installation.engines.write, office.installation.clock()
    scope = SourceScope(("oai:asks:",), ("330106",), ("credit:6.2",))
    stated = {
        "scope": scope, "set_spec": "open", "credentials": "file:token", "ca_bundle": "file:ca",
        "allowed_networks": ("10.0.0.0/8",),
    }  # fmt: skip
    registration.amend_source(engine, "asks", stated, actor=office.cli, now=now)
    page = office.client(APPROVER).get("/admin/sources/asks/approve").text
    for each in ("http://asks.example/oai", "OAI-PMH", "catalogue", "hangzhou.gov.cn", "oai:asks:", "西湖区 (330106)",
                 "行政处罚", "open", "file:token", "file:ca", "10.0.0.0/8"):  # fmt: skip
        assert each in page, each


def test_retiring_says_what_is_withdrawn_and_who_follows(office: Office) -> None:
    page = office.client(APPROVER).get("/admin/sources/hangzhou/retire").text
    assert "撤下其 5 条有效记录，其中 5 条没有其他来源提供" in page
    assert "330000" in page and "注销后不能恢复" in page


def test_prefixes_that_overlap_are_told_where_one_approves(office: Office) -> None:
    office.add_source("asks", CITY, "待审核来源", approved=False)
    engine, now = office.installation.engines.write, office.installation.clock()

    scope = SourceScope(identifier_prefixes=("oai:hangzhou.gov.cn:",))
    registration.amend_source(engine, "asks", {"scope": scope}, actor=office.cli, now=now)
    answer = office.client(APPROVER).post("/admin/sources/asks/approve")
    assert (answer.status_code, "重叠" in answer.text, 'name="reason"' in answer.text) == (409, True, True)
