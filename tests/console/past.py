"""A past for the office: what people who open the console find after some months of work."""

from __future__ import annotations

from datetime import timedelta

from registry.model.delivery import FileKind, Origin
from registry.model.event import Actor
from registry.model.health import LastFailure
from registry.model.issue import Text
from registry.model.lifecycle import SourceAction
from registry.model.order import OrderKind
from registry.model.record import CheckedRecord
from registry.model.role import Role
from registry.model.run import Ending
from registry.services import delivering, erasing, health, pinning, registration
from registry.services.delivering import HandedIn
from registry.store import sources
from registry.store.engine import transaction
from tests.console.desk import DESK, PREVIEWED, ROOM, SUBMITTER, enter, hand_in
from tests.console.found import PROVED, TRIED
from tests.console.office import CITY, COUNTY, NEIGHBOUR, Office, name_of
from tests.factories import APPROVER, BEGINNING, catalogue_document, deleted, identifier_of, live

LIVING = 40
"""Records that the source of the city holds."""


def grow(office: Office) -> None:
    """Sources in every status, runs over two weeks, one of them held, one source that fails."""
    made = office.installation
    office.add_source("xihu", CITY, "西湖区住建局", approved=False)
    office.add_source("binjiang", CITY, "滨江区住建局")
    office.add_source("yuhang", CITY, "余杭区城乡建设信息网项目信息公开目录采集接口", approved=False)
    office.add_source("ningbo", NEIGHBOUR, "宁波市住建局")
    office.add_source("wulin", COUNTY, "武林街道")
    engine = made.engines.write
    registration.act(
        engine, "yuhang", SourceAction.REJECT, actor=APPROVER, now=made.clock(), reason="接口地址不属于该单位"
    )
    registration.act(
        engine, "binjiang", SourceAction.SUSPEND, actor=Actor(name_of(Role.OPERATOR, "own")), now=made.clock(),
        reason="平台迁移，预计两周",
    )  # fmt: skip
    made.clock.now = max(made.clock.now, BEGINNING) + timedelta(hours=1)
    texts = {str(number): live(str(number)) for number in range(LIVING)}
    made.deliver("hangzhou", list(texts.values()), full=True)
    walls: list[CheckedRecord] = []
    for day in range(12):
        made.clock.advance(hours=23)
        texts[str(day)] = live(str(day), catalogue_document(str(day), title=f"杭州市第 {day} 次变更"))
        for each in range(day % 4):
            key = str(LIVING + day * 3 + each)
            texts[key] = live(key)
        made.deliver("hangzhou", list(texts.values()), full=True)
        walls += [live(f"w{day}-{each}") for each in range(day % 3 + 1)]
        made.deliver("wulin", walls, full=True)
    made.read_upward("330100-over-330106", full=True)
    made.read_upward("330000-over-330100", full=True)
    made.clock.advance(hours=2)
    made.deliver(
        "hangzhou", [*list(texts.values())[20:], *(deleted(str(each)) for each in range(20))], full=True
    )
    office.look("xihu", OrderKind.TRIAL, TRIED)
    office.look("xihu", OrderKind.PROVE, PROVED)
    _fail(office, "ningbo", 4)
    office.tell()


def _fail(office: Office, code: str, failures: int) -> None:
    """The source has not answered for so many harvests."""
    now = office.installation.clock()
    why = LastFailure(
        Ending.TRANSPORT,
        Text("连接超时(10 秒)。", "the connection timed out (10 s)."),
        now - timedelta(hours=3),
    )
    with transaction(office.installation.engines.write) as connection:
        source = sources.get(connection, code, lock=True)
        sources.change(
            connection,
            source.id,
            failures=failures,
            failures_by_kind={"transport": failures},
            last_failure=why,
        )
        health.judge(connection, source.id, now)


def dispute(office: Office) -> None:
    """Two sources hold one entry, and somebody says which stands; another entry is to be erased."""
    made = office.installation
    office.add_source("gongshu", CITY, "拱墅区住建局")
    day = made.clock().date()
    said = catalogue_document("30", title="杭州市城北污水处理厂一期工程(变更)", updated_on=day)
    made.deliver("gongshu", [live("30", said), live("g1")])
    engine, now = made.engines.write, made.clock()
    pinning.pin(
        engine,
        CITY,
        identifier_of("30"),
        "gongshu",
        actor=APPROVER,
        now=now,
        reason="两单位会商，以变更后为准",
    )
    erasing.ask(engine, CITY, identifier_of("31"), actor=APPROVER, now=now, reason="当事人申请，信用已修复")
    made.settle(made.read(CITY).id)


def bring(office: Office) -> None:
    """An office without an endpoint has handed in a file, a record from a form, and a record that it takes back."""
    hand_in(office)
    enter(office, found=PREVIEWED)
    made, what = office.installation, identifier_of("d1")
    taken_back = HandedIn(what, FileKind.XML, Origin.WITHDRAWAL, withdrawn=(what,), reason="项目已取消")
    delivering.hand_in(made.engines.write, DESK, taken_back, room=ROOM, actor=SUBMITTER, now=made.clock())
