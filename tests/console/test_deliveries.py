"""Handing in: files with a preview, records in a form, records taken back."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from config.settings import Deliveries, Settings, Web
from registry.formats.entered import entered_in
from registry.model.delivery import Delivery, DeliveryState, Origin
from registry.model.issue import Text
from registry.model.role import Role
from registry.model.run import Scope
from registry.model.source import Protocol
from registry.store import deliveries, sources
from registry.store.engine import transaction
from tests.console.desk import DESK, ENTERED, PREVIEWED, delivery_of, enter, hand_in, look_at, open_desk
from tests.console.office import Browser, Office, name_of
from tests.console.samples import NEW_SOURCE
from tests.console.test_source_forms import filled
from tests.console.test_source_strings import HOSTILE
from tests.factories import identifier_of

SUBMITTER, OPERATOR, VIEWER = (name_of(role, "own") for role in (Role.SUBMITTER, Role.OPERATOR, Role.VIEWER))
LISTING = f"/admin/sources/{DESK}/deliveries"
RECORD = f"/admin/sources/{DESK}/record"


def kept(office: Office, delivery_id: int) -> Delivery:
    with office.installation.engines.read.connect() as connection:
        return deliveries.get(connection, delivery_id)


def content(office: Office, delivery_id: int) -> bytes:
    with office.installation.engines.read.connect() as connection:
        return b"".join(deliveries.pieces(connection, delivery_id))


def number(address: str) -> int:
    return int(address.rpartition("/")[2])


def upload(browser: Browser, sent: bytes = b"mdId\n1\n", name: str = "list.csv", **form: Any) -> Any:
    return browser.post(LISTING, {"file": (BytesIO(sent), name), "scope": "delta", **form})


def test_a_source_without_an_endpoint_is_registered_in_the_form(office: Office) -> None:
    browser = office.client(SUBMITTER)
    form = NEW_SOURCE | {"code": "archive", "protocol": "console", "location": ""}
    wrong = browser.post("/admin/new-source", form | {"location": "https://a.example/"})
    assert wrong.status_code == 422 and 'id="location-error"' in wrong.text
    assert browser.post("/admin/new-source", form | {"metadata_prefix": "oai_dc"}).status_code == 422
    assert browser.post("/admin/new-source", form).status_code == 303
    with office.installation.engines.read.connect() as connection:
        described = sources.get(connection, "archive").description
    assert (described.protocol, described.location) == (Protocol.CONSOLE, "")
    page = browser.get("/admin/sources/archive").text
    assert "/admin/sources/archive/deliveries" in page
    assert "/admin/sources/archive/probe" not in page


def test_a_file_is_uploaded_looked_at_and_delivered(office: Office) -> None:
    open_desk(office)
    browser = office.client(SUBMITTER)
    answer = upload(browser, b"mdId\n1\n", "C:/Users/li/2025 第三季度.CSV", scope="full")
    assert answer.status_code == 303
    made = kept(office, number(answer.location))
    assert (made.name, made.scope, made.size) == ("2025 第三季度.CSV", Scope.FULL, 7)
    page = browser.get(answer.location).text
    assert "data-progress" in page and "没有进程执行采集任务" in page
    assert f"{answer.location}/deliver" not in page
    assert browser.post(f"{answer.location}/deliver").status_code == 409
    look_at(office, made.id)
    page = browser.get(answer.location).text
    for each in (
        "请按 GB/T 2260 填写六位代码",
        "第 16 条记录，第 17 行",
        "超过 10% 的记录将消失",
        "污水处理厂 1 期",
    ):
        assert each in page
    assert browser.post(f"{answer.location}/deliver").status_code == 303
    assert kept(office, made.id).state is DeliveryState.DELIVERED
    assert browser.post(f"{answer.location}/discard").status_code == 409
    assert "已报送" in browser.get(LISTING).text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"file": (b"a", "")}, "请选择文件"),
        ({"file": (b"a", "list.exe")}, "只接受"),
        ({"file": (b"", "list.csv")}, "文件是空的"),
        ({"scope": "some"}, "完整清单"),
    ],
)
def test_what_is_no_delivery_is_told(office: Office, form: dict[str, Any], told: str) -> None:
    open_desk(office)
    sent, name = form.get("file", (b"mdId", "list.csv"))
    answer = upload(office.client(SUBMITTER), sent, name, scope=form.get("scope", "delta"))
    assert (answer.status_code, told in answer.text) == (422, True)


MOST = 100_000
"""Bytes of a file."""


class Narrow(Office):
    """An office whose installation takes small files only."""

    @property
    def settings(self) -> Settings:
        return Settings(self.home, web=Web(request_bytes=20_000), deliveries=Deliveries(file_bytes=MOST))


def narrow(office: Office) -> Narrow:
    return Narrow(office.installation, office.home, office.run_id, office.key_id, office.order_id)


def test_more_is_read_of_whoever_may_hand_in_and_of_nobody_else(office: Office) -> None:
    """The limit of all requests is a fifth of that of a file."""
    small = narrow(office)
    open_desk(small)
    for name, size, status in (
        (SUBMITTER, MOST, 303),
        (SUBMITTER, MOST + 1, 422),
        (SUBMITTER, 2 * MOST, 413),
        (OPERATOR, 10_000, 403),
        (OPERATOR, MOST, 413),
        (None, MOST, 413),
    ):
        browser = small.client(name)
        assert upload(browser, b"x" * size).status_code == status, (name, size)
    elsewhere = {"kind": "call", "text": "x" * MOST}
    assert small.client(SUBMITTER).post(f"/admin/sources/{DESK}/contacts", elsewhere).status_code == 413


def test_what_was_found_in_vain_is_told(office: Office) -> None:
    browser = office.client(SUBMITTER)
    broken = replace(PREVIEWED, ending="protocol", message=Text("不是 zip 文件", "no zip file"))
    unreadable = hand_in(office, found=broken)
    page = browser.get(f"/admin/deliveries/{unreadable}").text
    assert "不是 zip 文件" in page and f"/admin/deliveries/{unreadable}/deliver" not in page
    failed = hand_in(office, found=None)
    look_at(office, failed, None)
    assert "检查未能完成" in browser.get(f"/admin/deliveries/{failed}").text
    assert browser.post(f"/admin/deliveries/{failed}/look").status_code == 303
    second = hand_in(office, found=None)
    assert "另一份报送正在检查" in browser.get(f"/admin/deliveries/{second}").text


def test_others_see_what_was_handed_in_and_touch_nothing(office: Office) -> None:
    delivery_id = delivery_of(office)
    for address in (LISTING, f"/admin/deliveries/{delivery_id}"):
        page = office.client(OPERATOR).get(address)
        assert page.status_code == 200
        assert "<form" not in page.text.partition("<main")[2].partition("</main")[0]
    assert office.client(VIEWER).get(LISTING).status_code == 403


FORM = {
    "catalogue": "project", "parties": "2", "mdId": "F-2", "resTitle": "城北污水处理厂", "abstract": "施工许可",
    "rpOrgName": "杭州市建委", "item": "2.1", "division": "330100", "sharing": "1", "openness": "1",
    "projectCode": "330100M000100Y420250001", "partyRole_0": "construction", "partyName_0": "某建设有限公司",
    "partyName_1": "另一公司",
}  # fmt: skip


def test_a_record_is_entered_with_its_parties(office: Office) -> None:
    open_desk(office)
    browser = office.client(SUBMITTER)
    page = browser.get(f"{RECORD}?catalogue=project").text
    assert "信息资源名称" in page and 'value="2.1"' in page
    missing = browser.post(RECORD, FORM | {"resTitle": ""})
    assert missing.status_code == 422 and 'id="resTitle-error"' in missing.text
    more = browser.post(RECORD, FORM | {"more": "1", "resTitle": ""})
    assert more.status_code == 200 and 'name="partyName_2"' in more.text and "另一公司" in more.text
    answer = browser.post(RECORD, FORM)
    assert answer.status_code == 303
    made = kept(office, number(answer.location))
    assert (made.origin, made.scope, made.name) == (Origin.FORM, Scope.DELTA, "城北污水处理厂")
    entered = entered_in(content(office, made.id))
    assert entered.values["projectCode"] == FORM["projectCode"]
    assert [each["partyName"] for each in entered.parties] == ["某建设有限公司", "另一公司"]


def test_what_was_found_stands_at_the_fields_and_is_mended_there(office: Office) -> None:
    delivery_id = enter(office)
    browser = office.client(SUBMITTER)
    page = browser.get(f"/admin/deliveries/{delivery_id}/record").text
    for at in ("division-error", "partyName_1-error"):
        assert f'id="{at}"' in page
    assert "列表较短" in page, "what belongs to no field stands above"
    form = filled(page)
    assert (form["replaces"], form["partyName_0"]) == (str(delivery_id), "某建设有限公司")
    answer = browser.post(RECORD, form | {"resTitle": "更正", "partyName_1": "另一公司"})
    assert answer.status_code == 303
    assert kept(office, delivery_id).state is DeliveryState.DISCARDED
    again = browser.post(RECORD, form | {"resTitle": "更正"})
    assert again.status_code == 422, "what was replaced cannot be replaced again"
    file = hand_in(office, found=None)
    assert browser.get(f"/admin/deliveries/{file}/record").status_code == 409


def test_what_is_held_is_changed_in_the_form(office: Office) -> None:
    open_desk(office)
    browser = office.client(SUBMITTER)
    identifier = identifier_of("d1")
    assert identifier in browser.get(f"/admin/sources/{DESK}/records").text
    page = browser.get(f"{RECORD}?identifier={identifier}")
    assert page.status_code == 200
    answer = browser.post(RECORD, filled(page.text) | {"resTitle": "新名称"})
    assert answer.status_code == 303, answer.text
    made = entered_in(content(office, number(answer.location)))
    assert made.values["resTitle"] == "新名称"
    assert browser.get(f"{RECORD}?identifier=oai:nobody:1").status_code == 404


def test_a_record_is_taken_back(office: Office) -> None:
    open_desk(office)
    browser = office.client(SUBMITTER)
    identifier = identifier_of("d1")
    address = f"/admin/sources/{DESK}/withdraw"
    assert identifier in browser.get(f"{address}?identifier={identifier}").text
    assert browser.get(f"{address}?identifier=oai:nobody:1").status_code == 404
    assert browser.post(address, {"identifier": identifier, "reason": " "}).status_code == 422
    assert browser.post(address, {"identifier": "oai:nobody:1", "reason": "x"}).status_code == 422
    answer = browser.post(address, {"identifier": identifier, "reason": "项目已取消"})
    assert answer.status_code == 303
    made = kept(office, number(answer.location))
    assert (made.origin, made.withdrawn, made.reason) == (Origin.WITHDRAWAL, (identifier,), "项目已取消")
    assert "项目已取消" in browser.get(answer.location).text


def test_a_field_takes_anything(office: Office) -> None:
    open_desk(office)
    browser = office.client(SUBMITTER)
    token, engine = browser.forgery_token(), office.installation.engines.write
    for field in (*FORM, "replaces", "more", "publicUntil", "keyword"):
        for value in (HOSTILE, "\x00", "x" * 5000, "١", "-1", "9" * 30):
            sent = FORM | {field: value, "csrf_token": token}
            answer = browser.client.post(RECORD, data=sent, follow_redirects=True)
            assert answer.status_code < 500, (field, value, answer.text)
            assert "<script>alert" not in answer.text, field
        with transaction(engine) as connection:  # there is room for so many only
            deliveries.discard_all(
                connection, sources.get(connection, DESK).id, "test", office.installation.clock()
            )
    assert browser.get(LISTING).status_code == 200


@pytest.mark.parametrize("name", [f"{HOSTILE}.csv", "../../x.csv", "\x00.csv", ".csv", "x" * 4000 + ".csv"])
def test_a_file_may_have_any_name(office: Office, name: str) -> None:
    open_desk(office)
    browser = office.client(SUBMITTER)
    answer = upload(browser, name=name)
    assert answer.status_code < 500
    for address in (LISTING, answer.location or LISTING):
        page = browser.get(address)
        assert page.status_code == 200 and "<script>alert" not in page.text and "\u202e" not in page.text


def test_a_look_at_many_deliveries_costs_no_more(office: Office, statements: Any) -> None:
    delivery_of(office)
    browser = office.client(SUBMITTER)
    browser.get(LISTING)
    with statements.counted() as few:
        browser.get(LISTING)
    for _ in range(10):
        enter(office, ENTERED)
    with statements.counted() as many:
        browser.get(LISTING)
    assert len(many) == len(few)
