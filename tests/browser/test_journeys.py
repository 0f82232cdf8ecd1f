"""Journeys of people over the console of a town at work: by what they see, from the page where they begin."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from registry.services.passwords import hashed
from registry.store import accounts
from registry.store.engine import open_engines, transaction
from tests.browser.addresses import APPROVER, AUDITOR, OPERATOR, SUBMITTER
from tests.browser.conftest import Opener, opening
from tests.browser.town import FAILING, GONE, NAMES, SHARED, SHARING, WAITING, Town, identifier, town
from tests.databases import SqliteTemplate

PASSWORD = "a phrase of the operator"
NAME = "each => (each.labels?.[0] ?? each).innerText.trim()"
"""What something that has the focus is called."""
SOON = 15_000
"""Milliseconds within which what was ordered is done."""


@pytest.fixture(scope="module")
def at_work(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The town."""
    folder = tmp_path_factory.mktemp("town")
    engines = open_engines(sqlite_template.copy_to(folder))
    with town(engines, folder) as made:
        with transaction(engines.write) as connection:
            account = accounts.get(connection, OPERATOR)
            accounts.change(connection, account.id, password_hash=hashed(PASSWORD, OPERATOR))
        yield made
    engines.dispose()


@pytest.fixture
def opened(chromium: Browser, at_work: Town) -> Iterator[Opener]:
    """``opened(account, path, language="zh", width=WIDE)`` in the town."""
    with opening(chromium, at_work.office, at_work.url) as opener:
        yield opener


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str, within: str = "main") -> None:
    """Follow the first link of that name, in the page's content or (``nav``) beside it."""
    page.locator(within).get_by_role("link", name=name, exact=True).first.click()


def told(page: Page, text: str) -> None:
    """The page tells this."""
    expect(page.locator("main").get_by_text(text).first).to_be_visible(timeout=SOON)


def comes(page: Page, name: re.Pattern[str]) -> Locator:
    """Have the page shown anew until it has a link of that name."""
    for _ in range(40):
        found = page.locator("main").get_by_role("link", name=name)
        if found.count():
            return found.first
        page.wait_for_timeout(300)
        page.reload()
    raise AssertionError(f"{name.pattern} does not come")


def fact(page: Page, label: str) -> Locator:
    """What stands at a label among the facts of a page."""
    return page.locator("dl div", has=page.get_by_text(label, exact=True)).locator("dd").first


def go(page: Page, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        here = page.locator(":focus")
        if here.count() and name == here.evaluate(NAME):
            return
    raise AssertionError(f"{name} is not reached by keyboard")


def figure(page: Page, label: str) -> Locator:
    """A number that matters."""
    return page.locator(".figure", has_text=label).locator("strong")


def test_an_officer_registers_and_submits_a_source(at_work: Town, opened: Opener) -> None:
    page, complaints = opened(SUBMITTER, "/admin/")
    endpoint = at_work.endpoints[""]
    follow(page, "数据源", "nav.side")
    follow(page, "登记数据源")
    page.get_by_label("地址").fill(endpoint.oai_url)
    page.get_by_label("登记册").select_option(label="杭州市目录 (330100)")
    with page.context.expect_page() as beside:
        press(page, "先试采(在新页打开)")
    told(beside.value, "接口应答正常，抽查的 12 条记录全部合格")
    told(beside.value, "西湖区住建局")
    beside.value.close()
    for label, text in (
        ("代码", "xihu"), ("名称", "西湖区住建局"), ("标识符命名空间", "xihu.test"), ("行政区划", "330106"),
        ("责任单位", "西湖区住房和城乡建设局"), ("联络员", "王芳"),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("采集计划").select_option(label="每 6 小时")
    press(page, "存为草稿")
    told(page, "已登记(草稿)")
    follow(page, "审核材料：试采比对与接口归属")
    press(page, "核验")
    told(page, "未核验")
    endpoint.files["/.well-known/mulu-source.txt"] = page.locator(".secret").inner_text().encode()
    press(page, "核验")
    told(page, "已核验")
    follow(page, "提交审核…")
    told(page, "由他人批准或退回")
    press(page, "提交审核")
    told(page, "西湖区住建局：待审核。")
    assert complaints == []


def test_an_approver_reads_the_dossier_and_approves(at_work: Town, opened: Opener) -> None:
    page, complaints = opened(APPROVER, "/admin/", language="en")
    follow(page, NAMES[WAITING])
    follow(page, "Dossier: trial, and who controls the endpoint")
    press(page, "Start the trial")
    expect(figure(page, "Received")).to_have_text("9", timeout=SOON)
    expect(figure(page, "Refused")).to_have_text("1")
    expect(figure(page, "Held by others too")).to_have_text("1")
    told(page, "division-unknown")
    follow(page, "Approve…")
    page.get_by_label("Reason").fill("seen with the office on the telephone")
    press(page, "Approve")
    told(page, "is approved now")
    comes(page, re.compile(r"run \d+")).click()
    expect(fact(page, "accepted")).to_have_text("8")
    assert complaints == []


def test_an_operator_sees_a_failing_run_and_has_it_run_again(at_work: Town, opened: Opener) -> None:
    """By keyboard only, from signing in on."""
    page, complaints = opened(None, "/admin/")
    page.keyboard.type(OPERATOR)
    go(page, "密码")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    told(page, "应答是网页")
    go(page, NAMES[FAILING])
    page.keyboard.press("Enter")
    go(page, "运行 6")
    page.keyboard.press("Enter")
    expect(fact(page, "结束方式")).to_have_text("不符合协议")
    at_work.endpoints[FAILING].faults = ()
    go(page, "再次采集")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已发布", timeout=SOON)
    expect(fact(page, "合格")).to_have_text("5")
    go(page, FAILING)
    page.keyboard.press("Enter")
    told(page, "异常 → 正常")
    assert complaints == []


def test_an_approver_releases_a_part_of_a_held_run(at_work: Town, opened: Opener) -> None:
    page, complaints = opened(APPROVER, "/admin/")
    follow(page, "运行 3")
    told(page, "为什么需要人工处理")
    follow(page, "挑选放行…")
    page.get_by_role("combobox", name="变更").select_option(label="删除")
    press(page, "筛选")
    for number in (1, 2):
        page.get_by_label(f"选择 {identifier(number)}").check()
    press(page, "只放行选中的…")
    told(page, "将入册并发布：删除 2 条")
    told(page, identifier(2))
    told(page, f"将被拒绝，内容不变则不再提出：删除 {GONE - 2} 条")
    page.get_by_label("理由").fill("两项已电话核实，其余退回")
    press(page, "放行")
    told(page, "运行 3 已放行")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已发布", timeout=SOON)
    told(page, "两项已电话核实，其余退回")
    page.goto(f"/admin/registers/330100/entry?identifier={identifier(1)}")
    told(page, "已删除")
    page.goto(f"/admin/registers/330100/entry?identifier={identifier(3)}")
    told(page, "有效")
    assert complaints == []


def test_an_auditor_traces_an_entry_to_the_bytes(at_work: Town, opened: Opener) -> None:
    page, complaints = opened(AUDITOR, "/admin/")
    follow(page, "登记册", "nav.side")
    follow(page, "浙江省目录")
    page.get_by_label("名称、编号或其中任意一段").fill("第九号 改造")
    press(page, "查找")
    follow(page, "祥路第九号道路改造工程")
    page.get_by_role("region", name="来源比较").get_by_role("link", name="登记册 330100 中的条目").click()
    expect(page.get_by_role("region", name="来源比较")).to_contain_text(SHARING)
    told(page, "杭州市𠮷祥路第9号道路工程")  # what the other office says
    page.get_by_role("region", name="历史").get_by_role("link", name="采集运行 2").click()
    expect(fact(page, "来源")).to_have_text(SHARING)
    follow(page, "查看全部变更")
    follow(page, "祥路第九号道路改造工程")
    expect(page.get_by_role("region", name="逐项对比")).to_contain_text("祥路第九号道路改造工程")
    follow(page, "查看条目")
    page.get_by_role("row", name=SHARING).get_by_role("link", name="原始内容…").first.click()
    page.get_by_label("理由").fill("核对来件")
    press(page, "显示")
    told(page, "<resTitle>祥路第九号道路改造工程</resTitle>")
    follow(page, "操作记录", "nav.side")
    page.get_by_role("row", name="查看原始内容").get_by_role("link").first.click()
    told(page, "核对来件")
    told(page, SHARED.identifier)
    assert complaints == []
