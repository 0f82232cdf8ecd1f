"""The way of an officer whose office has no endpoint: a file, then a record in a form, each looked at and delivered."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from harvester.sandbox import Sandbox
from harvester.worker import Worker
from registry.store import deliveries, orders, sources
from tests.browser.addresses import SUBMITTER
from tests.browser.conftest import Opener
from tests.console.desk import DESK
from tests.console.office import Office
from tests.integration.office import ROW, csv_of, rows, worker_of

LISTING = f"/admin/sources/{DESK}/deliveries"


@pytest.fixture(scope="module")
def worker(busy: Office) -> Iterator[Worker]:
    """Whoever carries out orders; what was handed in before is looked at."""
    with Sandbox() as sandbox:
        made = worker_of(busy.installation, sandbox)
        look(busy, made)
        yield made


def look(busy: Office, worker: Worker) -> None:
    """Have looked at whatever waits for that."""
    with busy.installation.engines.read.connect() as connection:
        found = deliveries.of_source(connection, sources.get(connection, DESK).id, before=None, limit=10)
    for each in found:
        if each.order_id is not None:
            worker.carry_out(each.order_id)


def harvest(busy: Office, worker: Worker) -> None:
    """Have read what was delivered."""
    with busy.installation.engines.read.connect() as connection:
        waiting = [orders.placed(connection, each) for each in worker.to_do()]
    (order,) = [each for each in waiting if each and each.source and each.source.code == DESK]
    assert worker.carry_out(order.id) is not None
    busy.installation.clock.advance(seconds=3)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_file_is_uploaded_seen_and_delivered(busy: Office, worker: Worker, opened: Opener) -> None:
    page, complaints = opened(SUBMITTER, LISTING)
    table = csv_of([*rows(3, resTitle="城东泵站"), ROW | {"mdId": "K-9", "division": "000001"}])
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "三季度.csv", "mimeType": "text/csv", "buffer": table}
    )
    press(page, "上传并检查")
    expect(page.get_by_role("status")).to_contain_text("正在检查")
    look(busy, worker)
    expect(page.get_by_role("heading", name="报送后将会")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("第 4 条记录，第 5 行").first).to_be_visible()
    press(page, "报送")
    expect(page.get_by_text("已报送。系统读取")).to_be_visible()
    harvest(busy, worker)
    page.goto(f"/admin/sources/{DESK}/records")
    expect(page.get_by_text("城东泵站")).to_have_count(3)
    assert complaints == []


def test_a_record_is_entered_mended_and_delivered(busy: Office, worker: Worker, opened: Opener) -> None:
    page, complaints = opened(SUBMITTER, LISTING)
    page.get_by_role("link", name="登记项目信息").click()
    for label, text in (
        ("元数据标识符", "F-7"),
        ("信息资源名称", "城西泵站"),
        ("信息资源摘要", "施工许可"),
        ("信息资源提供方", "杭州市建委"),
        ("行政区划代码", "000001"),
        ("主体名称", "某建设有限公司"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    for label, choice in (
        ("指导目录项目", "2.1 基本信息"),
        ("共享类型", "无条件共享"),
        ("是否开放", "开放"),
        ("主体角色", "施工单位"),
    ):
        page.get_by_label(label, exact=True).select_option(label=choice)
    press(page, "保存并检查")
    look(busy, worker)
    page.reload()
    page.get_by_role("link", name="修改").click()
    expect(page.get_by_text("“000001”")).to_be_visible()
    page.get_by_label("行政区划代码", exact=True).fill("330100")
    press(page, "保存并检查")
    expect(page).to_have_url(re.compile(r"/admin/deliveries/\d+$"))
    look(busy, worker)
    page.reload()
    press(page, "报送")
    harvest(busy, worker)
    page.goto(f"/admin/sources/{DESK}/records")
    expect(page.get_by_text("城西泵站")).to_be_visible()
    assert complaints == []
