"""Probes in the console: ordered from a page, or from a form that is not saved; what was found is shown as it is."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from registry.model.inspection import Probed, RuleCount, ShownField, ShownRecord
from registry.model.issue import Severity, Text
from registry.model.order import OrderStatus
from registry.model.role import Role
from registry.model.run import Ending
from registry.store import orders
from tests.console.found import PROBED
from tests.console.office import CITY, Office, name_of
from tests.console.samples import AMENDED, NEW_SOURCE

SUBMITTER, OPERATOR = name_of(Role.SUBMITTER, "own"), name_of(Role.OPERATOR, "own")


def placed(office: Office, address: str) -> orders.Placed:
    """The order whose page that is."""
    with office.installation.engines.read.connect() as connection:
        order = orders.placed(connection, int(address.rpartition("/")[2]))
    assert order is not None
    return order


def end(office: Office, order_id: int, found: Probed | None) -> None:
    """Whoever carries out the order has found this; None: it failed."""
    order = office.installation.claims.claim(order_id)
    assert order is not None
    status = OrderStatus.FAILED if found is None else OrderStatus.DONE
    outcome = {"error": "ValueError: x"} if found is None else msgspec.to_builtins(found)
    office.installation.claims.finish(order, status, outcome)


def test_a_source_is_probed_from_its_page_and_the_page_waits(office: Office) -> None:
    browser = office.client(OPERATOR)
    assert 'action="/admin/sources/hangzhou/probe"' in browser.get("/admin/sources/hangzhou").text
    answer = browser.post("/admin/sources/hangzhou/probe")
    assert answer.status_code == 303
    order = placed(office, answer.location)
    page = browser.get(answer.location).text
    assert f'data-progress="{answer.location}/progress"' in page
    assert "没有进程执行采集任务" in page
    waiting = browser.get(f"{answer.location}/progress").json
    assert waiting == {"status": "waiting", "label": "等待中", "ended": False}
    end(office, order.id, PROBED)
    ended = browser.get(f"{answer.location}/progress").json
    assert ended is not None and ended["ended"] is True
    page = browser.get(answer.location).text
    assert "data-progress" not in page
    for each in (
        "division-unknown",
        "请按 GB/T 2260 填写六位代码",
        "203.0.113.7",
        "TLSv1.3",
        "persistent",
        "杭州市",
    ):
        assert each in page
    assert page.count('<details class="record"') == 5


def test_a_form_that_is_not_saved_is_probed(office: Office) -> None:
    browser = office.client(SUBMITTER)
    before = office.events()
    form = {
        name: value
        for name, value in NEW_SOURCE.items()
        if name not in ("code", "name", "body", "contact_name")
    }
    answer = browser.post("/admin/new-source/check", form)
    assert answer.status_code == 303
    order = placed(office, answer.location)
    assert order.source is not None
    assert (order.source.id, order.source.location) == (0, AMENDED["location"])
    assert office.events() == before + 1
    assert "尚未登记的来源" in browser.get(answer.location).text
    full = browser.post("/admin/new-source/check", form)
    assert (full.status_code, "请稍后再试" in full.text) == (422, True)
    assert office.client(name_of(Role.VIEWER, "own")).get("/admin/sources").status_code == 403


def test_a_change_that_is_not_saved_is_probed(office: Office) -> None:
    browser = office.client(SUBMITTER)
    answer = browser.post("/admin/sources/hangzhou/check", AMENDED)
    order = placed(office, answer.location)
    assert order.source is not None
    assert (order.source.code, order.source.location) == ("hangzhou", AMENDED["location"])
    wrong = browser.post("/admin/sources/hangzhou/check", AMENDED | {"location": "nonsense"})
    assert wrong.status_code == 422 and 'id="location-error"' in wrong.text


@pytest.mark.parametrize("path", ["probes/999999", "probes/999999/progress"])
def test_what_was_not_ordered_is_not_there(office: Office, path: str) -> None:
    assert office.client(OPERATOR).get(f"/admin/{path}").status_code == 404


def test_an_order_of_another_kind_has_no_page_here(office: Office) -> None:
    run = office.installation.read_run(office.run_id)
    assert office.client(OPERATOR).get(f"/admin/probes/{run.order_id}").status_code == 404


def test_failures_are_told(office: Office) -> None:
    browser = office.client(OPERATOR)
    told = Text("无法连接 hangzhou.example:80", "no connection")
    for found, expected in (
        (replace(Probed(str(Ending.TRANSPORT), told)), "无法连接 hangzhou.example:80"),
        (Probed("answered", Text("", "")), "接口应答正常，但没有记录"),
        (None, "试采未能完成"),
    ):
        address = browser.post("/admin/sources/hangzhou/probe").location
        end(office, placed(office, address).id, found)
        assert expected in browser.get(address).text


def test_what_an_endpoint_says_is_shown_as_it_is(office: Office) -> None:
    hostile = "<script>alert(1)</script>\u202e\x00'\""
    text = Text(hostile, hostile)
    assert PROBED.identity is not None
    found = replace(
        PROBED,
        identity=replace(PROBED.identity, name=hostile, base_url=hostile),
        issues=(RuleCount(hostile, Severity.ERROR, 1, text, text, hostile, hostile, hostile),),
        records=(ShownRecord(hostile, hostile, (ShownField(text, hostile, text),)),),
        failures=(text,),
    )
    browser = office.client(OPERATOR)
    address = browser.post("/admin/sources/hangzhou/probe").location
    end(office, placed(office, address).id, found)
    page = browser.get(address).text
    assert "<script>alert" not in page and "\u202e" not in page and "\\u202e" in page
    assert CITY in page or "杭州市目录" in page
