"""What is decided about an entry on its pages, and raw content: who is shown it, how, and what stays of that."""

from __future__ import annotations

import pytest

from registry.model.role import Role
from registry.store import erasures, events
from tests.console.office import CITY, PROVINCE, Office, name_of
from tests.console.samples import find_issue
from tests.console.test_entries import deliver, entry
from tests.factories import identifier_of, live

APPROVER, OPERATOR = name_of(Role.APPROVER, "own"), name_of(Role.OPERATOR, "own")
HIGHER, VIEWER = name_of(Role.APPROVER, "above"), name_of(Role.VIEWER, "own")
PATH = f"/admin/registers/{CITY}/entry"
ENTRY = {"identifier": identifier_of("1")}


def settle(office: Office) -> None:
    office.installation.settle(office.installation.read(CITY).id)


def test_a_pin_is_told_on_the_page_and_taken_out_there(office: Office) -> None:
    office.add_source("xihu", CITY, "西湖区")
    deliver(office, "1", "xihu", title="另一文本")
    browser = office.client(APPROVER)
    before = "另一文本" in browser.get(entry("1")).text.partition("</h1>")[0]
    loser = "hangzhou" if before else "xihu"
    asked = browser.get(f"{entry('1').replace('entry?', 'entry/pin?')}&source={loser}")
    assert f"指定采用 {loser} 的记录" in asked.text
    assert browser.post(f"{PATH}/pin", {**ENTRY, "source": loser}).status_code == 422
    assert browser.post(f"{PATH}/pin", {**ENTRY, "source": loser, "reason": "以此为准"}).status_code == 303
    settle(office)
    page = browser.get(entry("1")).text
    assert ("另一文本" in page.partition("</h1>")[0]) is not before
    assert "以此为准" in page and "取消指定" in page
    assert browser.post(f"{PATH}/pin", {**ENTRY, "source": "nobody", "reason": "x"}).status_code == 404
    assert browser.post(f"{PATH}/unpin", {**ENTRY, "reason": "已更正"}).status_code == 303
    assert browser.post(f"{PATH}/unpin", {**ENTRY, "reason": "已更正"}).status_code == 422
    settle(office)
    assert ("另一文本" in browser.get(entry("1")).text.partition("</h1>")[0]) is before


def test_raw_content_that_is_not_kept_is_told_with_a_way_back(office: Office) -> None:
    browser, what = office.client(OPERATOR), {**ENTRY, "source": f"{CITY}-over-330106", "reason": "核对"}
    answer = browser.post(f"{PATH}/raw", what)
    assert (answer.status_code, "原始内容没有保留" in answer.text) == (404, True)
    assert "/entry?identifier=" in answer.text


def test_what_was_read_from_another_register_leads_to_the_entry_there(office: Office) -> None:
    office.installation.read_upward(f"{PROVINCE}-over-{CITY}", full=True)
    page = office.client(HIGHER).get(entry("1").replace(CITY, PROVINCE)).text
    table = page.partition("来源比较")[2].partition("</table>")[0]
    assert f"登记册 {CITY} 中的条目" in table and f"/admin/registers/{CITY}/entry?" in table
    assert "原始内容…" not in table


def test_an_erasure_takes_two_people(office: Office) -> None:
    first, second = office.client(APPROVER), office.client(HIGHER)
    assert first.post(f"{PATH}/erase", ENTRY).status_code == 422
    assert first.post(f"{PATH}/erase", {**ENTRY, "reason": "本人要求"}).status_code == 303
    assert "本人要求" in second.get(entry("1")).text
    assert "须由另一人确认" in first.get(f"{PATH}/erase", query_string=ENTRY).text
    assert first.post(f"{PATH}/erase/confirm", ENTRY).status_code == 403
    assert "确认抹除" in second.get(f"{PATH}/erase", query_string=ENTRY).text
    assert second.post(f"{PATH}/erase/confirm", ENTRY).status_code == 303
    for account in (VIEWER, APPROVER):
        text = office.client(account).get(entry("1")).text
        assert "城北污水处理厂" not in text and "已于" in text
    settle(office)
    assert "已删除" in first.get(entry("1")).text
    assert office.client(VIEWER).post(f"{PATH}/erase", {**ENTRY, "reason": "x"}).status_code == 403


def test_whoever_may_confirm_finds_it_on_the_first_page(office: Office) -> None:
    office.client(APPROVER).post(f"{PATH}/erase", {**ENTRY, "reason": "本人要求"})
    told = {account: "待确认抹除" in office.client(account).get("/admin/").text
            for account in (APPROVER, HIGHER, OPERATOR, name_of(Role.APPROVER, "beside"))}  # fmt: skip
    assert told == {APPROVER: False, HIGHER: True, OPERATOR: False, name_of(Role.APPROVER, "beside"): False}
    office.client(HIGHER).post(f"{PATH}/erase/withdraw", ENTRY)
    assert "待确认抹除" not in office.client(HIGHER).get("/admin/").text


def test_a_request_is_taken_back(office: Office) -> None:
    browser = office.client(APPROVER)
    browser.post(f"{PATH}/erase", {**ENTRY, "reason": "误报"})
    assert browser.post(f"{PATH}/erase/withdraw", ENTRY).status_code == 303
    assert office.client(HIGHER).post(f"{PATH}/erase/confirm", ENTRY).status_code == 404
    with office.installation.engines.read.connect() as connection:
        (one,) = erasures.of_identifier(connection, identifier_of("1"))
    assert (one.status, one.decided_by) == ("withdrawn", APPROVER)


def test_a_register_above_takes_somebody_who_may_there(office: Office) -> None:
    office.installation.read_upward(f"{PROVINCE}-over-{CITY}", full=True)
    office.client(HIGHER).post(f"{PATH}/erase", {**ENTRY, "reason": "x"})
    assert office.client(APPROVER).post(f"{PATH}/erase/confirm", ENTRY).status_code == 403
    everywhere = office.client(name_of(Role.APPROVER, "everywhere"))
    assert everywhere.post(f"{PATH}/erase/confirm", ENTRY).status_code == 303


@pytest.mark.parametrize("account", [OPERATOR, APPROVER, name_of(Role.AUDITOR, "own")])
def test_raw_content_is_shown_once_with_a_reason_and_an_event(office: Office, account: str) -> None:
    browser = office.client(account)
    form = {**ENTRY, "source": "hangzhou", "reason": "核对 <b>原文</b>"}
    assert browser.get(f"{PATH}/raw", query_string=form).status_code == 200
    before = office.events()
    assert browser.post(f"{PATH}/raw", {**form, "reason": " "}).status_code == 422
    assert office.events() == before
    answer = browser.post(f"{PATH}/raw", form)
    assert "&lt;resTitle&gt;" in answer.text and answer.headers["Cache-Control"] == "no-store"
    with office.installation.engines.read.connect() as connection:
        (act,) = events.listed(connection, events.Filter(action="reveal"))
    assert act.event.after["identifier"] == identifier_of("1")
    assert act.event.after["digest"] == live("1").raw_digest.hex()
    assert (act.event.actor.name, act.event.reason) == (account, "核对 <b>原文</b>")
    assert "resTitle" not in str(act.event.after)


def test_what_was_refused_is_saved_and_taken_for_nothing(office: Office) -> None:
    find_issue(office)
    browser, path = office.client(OPERATOR), f"/admin/runs/{office.run_id}/raw"
    assert f"{path}?issue=1" in browser.get(f"/admin/runs/{office.run_id}/issues").text
    assert f"{path}?issue=1" not in office.client(name_of(Role.SUBMITTER, "own")).get(
        f"/admin/runs/{office.run_id}/issues"
    ).text  # fmt: skip
    answer = browser.post(path, {"issue": "1", "reason": "核对"})
    raw = live("1").raw
    assert raw is not None and answer.data == raw.content
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    for issue in ("2", "", "x", "9" * 30, "-1"):
        assert browser.post(path, {"issue": issue, "reason": "核对"}).status_code == 404
    assert browser.post(path, {"issue": "1"}).status_code == 422
    assert office.client(VIEWER).post(path, {"issue": "1", "reason": "x"}).status_code == 403


def test_a_record_that_is_not_there_reveals_nothing(office: Office) -> None:
    browser, before = office.client(APPROVER), office.events()
    for part in ({"identifier": "oai:nobody:1"}, {"source": "330100-over-330106"}, {"source": "nobody"}):
        form = {**ENTRY, "source": "hangzhou", "reason": "x", **part}
        assert browser.post(f"{PATH}/raw", form).status_code == 404
    assert office.events() == before
