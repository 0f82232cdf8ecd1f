"""The pages of registers and entries: what they list, who is shown which text, what they ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from registry.model.record import CheckedRecord, Condition, Raw
from registry.model.role import Role
from registry.model.run import RunStatus
from registry.model.source import Protocol
from registry.services import indexing
from registry.store import sources
from registry.web.admin import paging
from tests.console.conftest import Statements
from tests.console.office import CITY, COUNTY, NEIGHBOUR, NOBODY, PROVINCE, Office, name_of
from tests.factories import catalogue_document, deleted, identifier_of, live

APPROVER, VIEWER = name_of(Role.APPROVER, "own"), name_of(Role.VIEWER, "own")
REGISTER = f"/admin/registers/{CITY}"


def entry(key: str) -> str:
    return f"{REGISTER}/entry?identifier={quote(identifier_of(key), safe='')}"


def send(office: Office, records: Sequence[CheckedRecord], source: str = "hangzhou") -> None:
    """Deliver these records, and otherwise what the source held before."""
    made = office.installation
    with made.engines.read.connect() as connection:
        found = sources.get(connection, source)
    kept = {identifier_of(str(number)): live(str(number)) for number in range(5 if found.live else 0)}
    listed = {**kept, **{each.identifier: each for each in records}}
    run = made.read_run(made.deliver(source, list(listed.values())))
    assert run.status is RunStatus.PUBLISHED, run.hold_reasons


def deliver(office: Office, key: str, source: str = "hangzhou", **facts: object) -> None:
    """Deliver one record with a document that says so."""
    send(office, [live(key, catalogue_document(key, **facts))], source)  # type: ignore[arg-type]


def test_registers_stand_beneath_those_that_read_them(office: Office) -> None:
    text = office.client(APPROVER).get("/admin/registers").text
    assert text.index(f"registers/{CITY}") < text.index(f"registers/{COUNTY}")
    assert f"registers/{PROVINCE}" not in text and f"registers/{NEIGHBOUR}" not in text
    every = office.client(name_of(Role.AUDITOR, "everywhere")).get("/admin/registers").text
    assert every.index(f"registers/{PROVINCE}") < every.index(f"registers/{CITY}")
    municipal = office.client(APPROVER).get("/admin/registers?level=municipal").text
    assert f"registers/{CITY}" in municipal and f"registers/{COUNTY}" not in municipal


def test_registers_are_paged(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "ROWS", 1)
    monkeypatch.setattr(paging.cut, "__defaults__", (1,))
    browser = office.client(name_of(Role.AUDITOR, "everywhere"))
    seen: list[str] = []
    address = "/admin/registers"
    while address and len(seen) < 9:
        text = browser.get(address).text
        seen += [code for code in (PROVINCE, CITY, COUNTY, NEIGHBOUR) if f'registers/{code}"' in text]
        address = text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == [PROVINCE, CITY, COUNTY, NEIGHBOUR]


def test_a_register_shows_settings_and_sources_to_those_who_may_read_them(office: Office) -> None:
    browsers = {role: office.client(name_of(role, "own")).get(REGISTER).text for role in Role}
    assert {role for role, text in browsers.items() if "权威来源" in text} == set(Role) - {Role.VIEWER}
    assert {role for role, text in browsers.items() if "杭州市建委" in text} == set(Role) - {Role.VIEWER}
    assert {role for role, text in browsers.items() if "查找条目" in text} == set(Role) - {Role.ADMINISTRATOR}
    assert office.client(NOBODY).get(REGISTER).status_code == 403


def test_the_pages_of_entries_lie_beneath_registers(office: Office) -> None:
    for address in ("/admin/registers", REGISTER, f"{REGISTER}/entries", entry("1")):
        text = office.client(VIEWER).get(address).text
        marked = text.partition('aria-current="page"')[0].rpartition("<a href=")[2]
        assert marked.startswith('"/admin/registers"'), address


def test_entries_are_browsed_by_their_sets(office: Office) -> None:
    deliver(office, "penalty", catalogue="credit", item="6.2", division="330106", title="行政处罚决定")
    browser = office.client(VIEWER)
    assert "行政处罚决定" in browser.get(f"{REGISTER}/entries").text
    for kept in ("catalogue=catalogue:credit:6.2", "division=division:330000:330100:330106"):
        text = browser.get(f"{REGISTER}/entries?{kept}").text
        assert "行政处罚决定" in text and identifier_of("1") not in text
    both = "catalogue=catalogue:project&division=division:330000:330100:330106"
    assert "没有条目" in browser.get(f"{REGISTER}/entries?{both}").text


def test_entries_are_found_by_words_within_a_set(office: Office) -> None:
    deliver(office, "penalty", catalogue="credit", item="6.2", title="城北行政处罚决定")
    indexing.feed(office.installation.engines, office.installation.read(CITY).id)
    browser = office.client(VIEWER)
    every = browser.get(f"{REGISTER}/entries?text=城北").text
    assert "行政处罚" in every and identifier_of("1") in every
    some = browser.get(f"{REGISTER}/entries?text=城北&catalogue=catalogue:credit").text
    assert "行政处罚" in some and identifier_of("1") not in some
    for nonsense in ("？？", '"', "城北 *", "a" * 500):
        assert browser.get(f"{REGISTER}/entries", query_string={"text": nonsense}).status_code == 200


def test_a_list_is_paged_and_asks_as_much_for_many_as_for_few(office: Office, statements: Statements) -> None:
    browser = office.client(VIEWER)
    browser.get(f"{REGISTER}/entries")
    with statements.counted() as few:
        browser.get(f"{REGISTER}/entries")
    for count in (30, 60):
        send(office, [live(f"k{number}") for number in range(count)])
    with statements.counted() as many:
        first = browser.get(f"{REGISTER}/entries").text
    assert len(many) == len(few)
    onward = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser.get(onward).text
    assert first.count("/entry?") == paging.ROWS and second.count("/entry?") == 65 - paging.ROWS
    assert 'rel="next"' not in second


def test_what_is_shared_on_conditions_is_read_by_roles_only(office: Office) -> None:
    deliver(office, "1", sharing="2", title="有条件")
    assert "有条件" in office.client(VIEWER).get(entry("1")).text
    assert office.client(name_of(Role.VIEWER, "beside")).get(entry("1")).status_code == 403


def test_what_nobody_may_see_is_shown_to_nobody(office: Office) -> None:
    today = office.installation.clock().date()
    texts: dict[str, dict[str, Any]] = {
        "2": {"sharing": "3", "title": "不共享的内容"},
        "3": {"published_until": today, "title": "将过期的内容"},
        "secret": {"sharing": "3", "title": "从未共享"},
    }
    send(office, [live(key, catalogue_document(key, **facts)) for key, facts in texts.items()])
    office.installation.clock.advance(days=2)
    for account in (VIEWER, APPROVER):
        browser = office.client(account)
        for key, told in (("2", "不共享的内容"), ("3", "将过期的内容")):
            text = browser.get(entry(key)).text
            assert told not in text and "不可展示" in text
            assert told not in browser.get(f"{REGISTER}/entries").text
    assert "从未共享" not in office.client(APPROVER).get(entry("secret")).text
    assert office.client(VIEWER).get(entry("secret")).status_code == 404
    assert identifier_of("secret") not in office.client(VIEWER).get(f"{REGISTER}/entries").text


def test_earlier_texts_go_with_the_newest(office: Office) -> None:
    deliver(office, "1", title="第一次")
    deliver(office, "1", title="第二次")
    browser = office.client(VIEWER)
    page = browser.get(entry("1")).text
    sequence = page.partition("sequence=")[2].partition('"')[0]
    changed = browser.get(f"{entry('1')}&sequence={sequence}".replace("entry?", "entry/version?")).text
    assert "<del>第一次</del>" in changed and "<ins>第二次</ins>" in changed
    send(office, [deleted("1")])
    for address in (entry("1"), f"{entry('1')}&sequence={sequence}".replace("entry?", "entry/version?")):
        text = browser.get(address).text
        assert "第一次" not in text and "第二次" not in text
    assert identifier_of("1") in browser.get(f"{REGISTER}/entries?state=deleted").text


def test_variants_stand_side_by_side_and_say_why(office: Office) -> None:
    made = office.installation
    made.source("xihu", CITY, protocol=Protocol.OAI_PMH)
    today = made.clock().date()
    deliver(office, "1", title="甲方文本", updated_on=today - timedelta(days=2))
    deliver(office, "1", "xihu", title="乙方文本", updated_on=today - timedelta(days=1))
    text = office.client(VIEWER).get(entry("1")).text
    assert "<h1>乙方文本" in text and "<mark>甲方文本</mark>" in text
    assert "元数据更新日期较早" in text and "当前采用" in text


def test_a_text_behind_which_another_was_refused_is_told_to_be_stale(office: Office) -> None:
    deliver(office, "1", title="合格文本")
    browser = office.client(VIEWER)
    assert "其后的文本被拒绝" not in browser.get(entry("1")).text
    raw = Raw(b"r" * 32, b"<bad/>")
    bad = CheckedRecord(identifier_of("1"), Condition.REFUSED, raw.digest, raw, place="record 1")
    send(office, [bad])
    text = browser.get(entry("1")).text
    assert "<h1>合格文本" in text and "其后的文本被拒绝" in text and "其后被拒绝" in text
    deliver(office, "1", title="合格文本")
    assert "其后的文本被拒绝" not in browser.get(entry("1")).text


def test_identifiers_of_any_shape_have_a_page(office: Office) -> None:
    odd = [
        "http://x.example//a/../b",
        "a?b=c&d#e",
        "条目 1",
        "..",
        "a%2fb",
        "<script>alert(1)</script>",
        "x" * 900,
    ]
    records = [live(f"odd{n}")._replace(identifier=each) for n, each in enumerate(odd)]
    send(office, records)
    browser = office.client(APPROVER)
    listed = browser.get(f"{REGISTER}/entries").text
    assert "<script>alert" not in listed
    for each in odd:
        answer = browser.get(f"{REGISTER}/entry", query_string={"identifier": each})
        assert answer.status_code == 200 and "<script>alert" not in answer.text
    for query in ("", "identifier=", "identifier=nobody"):
        assert browser.get(f"{REGISTER}/entry?{query}").status_code == 404
    for after in ("x", "-", "9" * 40, "1-2", "²-1"):
        for text in ("", "&text=城北"):
            answer = browser.get(f"{REGISTER}/entries", query_string=f"after={after}{text}")
            assert answer.status_code == 200
