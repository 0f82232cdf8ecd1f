"""A harvest that somebody orders in the console: the page that waits for it, and what it leads to."""

from __future__ import annotations

import pytest

from registry.model.order import Obstacle, OrderKind, OrderStatus
from registry.model.role import Role
from registry.services import cancelling
from tests.console.found import PROBED
from tests.console.office import CITY, Browser, Office, name_of
from tests.factories import live

OPERATOR = name_of(Role.OPERATOR, "own")
PATH = "/admin/sources/hangzhou/harvest"


def ordered(browser: Browser, **form: str) -> tuple[str, int]:
    """Where whoever has ordered a harvest is led, and the number of the order."""
    answer = browser.post(PATH, form)
    assert answer.status_code == 303 and answer.location.startswith(PATH)
    return answer.location, int(answer.location.rpartition("=")[2])


def progress(browser: Browser, where: str) -> dict[str, object]:
    answer = browser.get(where.replace("harvest?", "harvest/progress?"))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    return dict(answer.json)


def end(office: Office, number: int, ending: str) -> None:
    """The order has led to nothing."""
    order = office.installation.claims.claim(number)
    assert order is not None
    office.installation.claims.finish(order, OrderStatus.DONE, {"ending": ending})


def test_it_waits_and_goes_on_to_its_run(office: Office) -> None:
    browser = office.client(OPERATOR)
    where, number = ordered(browser)
    page = browser.get(where).text
    assert "采集命令已下达" in page and "没有进程执行采集任务" in page
    assert progress(browser, where)["ended"] is False
    assert ordered(browser)[1] == number  # the one that waits is joined
    harvest = office.installation.carry_out(number)
    assert harvest is not None
    assert progress(browser, where)["ended"] is True
    assert browser.get(where).location == f"/admin/runs/{harvest.run.id}"
    harvest.take([live("1")])
    harvest.finish()
    assert browser.get(where).location == f"/admin/runs/{harvest.run.id}"


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (str(Obstacle.HELD_RUN), "待人工处理"),
        (str(Obstacle.NOT_APPROVED), "已暂停、注销或修改"),
        (str(Obstacle.STOPPED), "发布已停止"),
        ("whatever", "未能开始"),
    ],
)
def test_it_tells_why_nothing_came_of_it(office: Office, ending: str, told: str) -> None:
    browser = office.client(OPERATOR)
    where, number = ordered(browser)
    end(office, number, ending)
    assert told in browser.get(where).text
    assert progress(browser, where)["ended"] is True


def test_a_held_run_in_the_way_is_a_link(office: Office) -> None:
    made, browser = office.installation, office.client(OPERATOR)
    made.deliver("hangzhou", [live(str(number)) for number in range(20)], full=True)
    run = made.harvest("hangzhou", [live("0")])
    where, number = ordered(browser)
    end(office, number, str(Obstacle.HELD_RUN))
    assert f"/admin/runs/{run.id}" in browser.get(where).text


def test_one_that_was_cancelled_says_so(office: Office) -> None:
    made, browser = office.installation, office.client(OPERATOR)
    where, _ = ordered(browser)
    cancelling.cancel(
        made.engines.write, "hangzhou", actor=office.cli, now=made.clock(), reason="wrong window"
    )
    assert "这次采集已取消" in browser.get(where).text


def test_other_orders_are_not_shown_there(office: Office) -> None:
    office.add_source("xihu", CITY, "西湖区")
    other = office.installation.order("xihu")
    probe = office.look("hangzhou", OrderKind.PROBE, PROBED)
    browser = office.client(OPERATOR)
    for number in (other, probe, 10_000, "", "x", "9" * 30):
        assert browser.get(f"{PATH}?order={number}").status_code == 404
