"""The first page, over an office with a past: what waits, what fails, what is new; and what it costs."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from registry.model.health import Health
from registry.model.role import Role
from registry.model.run import RunStatus
from registry.model.source import SourceStatus
from registry.store import overview, registers
from tests.console import past
from tests.console.conftest import Statements
from tests.console.desk import delivery_of, hand_in
from tests.console.office import CITY, COUNTY, NEIGHBOUR, NOBODY, PROVINCE, Office, name_of

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def busy(standing: Office) -> Office:
    """The office with its past, once on each database."""
    past.grow(standing)
    return standing


def ids(connection: Connection, *codes: str) -> frozenset[int]:
    return frozenset(registers.get(connection, code).id for code in codes)


def test_what_waits_what_fails_and_what_is_new_is_found(busy: Office) -> None:
    with busy.installation.engines.read.connect() as connection:
        city = ids(connection, CITY)
        assert [each.code for each in overview.submitted(connection, None, 10)] == ["xihu"]
        assert overview.submitted(connection, ids(connection, NEIGHBOUR), 10) == []
        (held,) = overview.held(connection, city, 10)
        assert (held.source, len(held.reasons) > 0) == ("hangzhou", True)
        (ailing,) = overview.ailing(connection, None, 10)
        assert (ailing.code, ailing.health) == ("ningbo", Health.FAILING)
        assert ailing.failure is not None
        states = overview.sources_by_state(connection, None)
        assert states[SourceStatus.APPROVED, Health.FAILING] == 1
        assert states[SourceStatus.SUSPENDED, Health.SUSPENDED] == 1
        newest = overview.published(connection, None, 3)
        assert [each.register for each in newest] == [PROVINCE, CITY, COUNTY]
        assert overview.published(connection, frozenset(), 3) == []


@pytest.mark.parametrize(
    ("role", "cards", "missing"),
    [
        (
            Role.VIEWER,
            ["最新发布", "发布的变更"],
            ["等我处理", "采集异常", "您还没有角色", "采集运行</span>"],
        ),
        (Role.ADMINISTRATOR, ["等我处理", "采集异常", "最新发布"], ["采集运行</span>", "您还没有角色"]),
        (Role.OPERATOR, ["等我处理", "采集异常", "最新发布", "采集运行</span>"], ["您还没有角色"]),
    ],
)
def test_everybody_sees_what_the_role_reads(
    busy: Office, role: Role, cards: list[str], missing: list[str]
) -> None:
    """Also a viewer, who reads registers and no sources; nobody is shown a nought for what is not told."""
    page = busy.client(name_of(role, "own")).get("/admin/").text
    assert [each for each in cards if each not in page] == []
    assert [each for each in missing if each in page] == []


def test_days_begin_where_the_installation_is(busy: Office) -> None:
    now = busy.installation.clock().astimezone(ZONE)
    with busy.installation.engines.read.connect() as connection:
        days = overview.days(connection, None, now, 14)
        wider = overview.days(connection, None, now, 30)
    assert [each.day for each in days] == [now.date() - timedelta(days=13 - back) for back in range(14)]
    assert sum(each.runs.get(RunStatus.HELD, 0) for each in days) == 1
    assert days[-1].runs[RunStatus.HELD] == 1
    assert sum(each.versions for each in wider) > 100
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with busy.installation.engines.read.connect() as connection:
        (only,) = overview.days(connection, None, now, 1)
        (eve,) = overview.days(connection, None, begin - timedelta(microseconds=1), 1)
        (first,) = overview.days(connection, None, begin, 1)
    assert only.day == first.day == begin.date()
    assert eve.day == begin.date() - timedelta(days=1)
    assert only.runs == first.runs != eve.runs


def figures(page: str) -> list[str]:
    """The numbers above the page."""
    return re.findall(r'<span class="figure-label">[^<]+</span><strong>([^<]+)</strong>', page)


@pytest.mark.parametrize(
    ("account", "numbers"),
    [
        (name_of(Role.APPROVER, "above"), ["1", "1", "1", "0", "5"]),
        (name_of(Role.APPROVER, "beside"), ["0", "0", "1", "0", "0"]),
        (name_of(Role.OPERATOR, "own"), ["0", "0", "0", "0", "3"]),
        (name_of(Role.AUDITOR, "everywhere"), ["0", "0", "1", "0", "5"]),
    ],
)
def test_everybody_sees_what_is_within_reach(busy: Office, account: str, numbers: list[str]) -> None:
    page = busy.client(account).get("/admin/").text
    assert figures(page) == numbers
    assert ("宁波市住建局" in page) is ("beside" in account or account in PROVINCIAL)


PROVINCIAL = (name_of(Role.APPROVER, "above"), name_of(Role.AUDITOR, "everywhere"))


def test_a_register_narrows_it(busy: Office) -> None:
    account = name_of(Role.APPROVER, "above")
    assert figures(busy.client(account).get(f"/admin/?register={NEIGHBOUR}").text) == [
        "0",
        "0",
        "1",
        "0",
        "0",
    ]
    assert figures(busy.client(account).get(f"/admin/?register={CITY}").text) == ["1", "1", "0", "0", "3"]
    elsewhere = busy.client(name_of(Role.APPROVER, "own"))
    assert figures(elsewhere.get(f"/admin/?register={NEIGHBOUR}").text) == figures(
        elsewhere.get("/admin/").text
    )


def test_whoever_has_no_role_is_told_so(busy: Office) -> None:
    page = busy.client(NOBODY).get("/admin/").text
    assert "您还没有角色" in page
    assert figures(page) == []


def test_the_page_costs_the_same_however_much_there_is(office: Office, statements: Statements) -> None:
    browser = office.client(name_of(Role.APPROVER, "everywhere"))
    browser.get("/admin/")
    with statements.counted() as before:
        browser.get("/admin/")
    for number in range(30):
        office.add_source(f"many-{number}", CITY, f"第 {number} 个数据源", approved=number % 2 == 0)
    with statements.counted() as after:
        page = browser.get("/admin/").text
    assert figures(page)[0] == "15"
    assert len(after) == len(before) <= 20


def test_what_was_handed_in_waits_for_its_office(office: Office) -> None:
    hand_in(office)
    mine = office.client(name_of(Role.SUBMITTER, "own"))
    assert "2025年第三季度.csv" in mine.get("/admin/").text and "待报送" in mine.get("/admin/").text
    assert "2025年第三季度.csv" not in mine.get(f"/admin/?register={COUNTY}").text
    for other in (name_of(Role.SUBMITTER, "above"), name_of(Role.APPROVER, "own")):
        assert "2025年第三季度.csv" not in office.client(other).get("/admin/").text
    kept = delivery_of(office)
    assert mine.post(f"/admin/deliveries/{kept}/discard").status_code == 303
    assert "2025年第三季度.csv" not in mine.get("/admin/").text
