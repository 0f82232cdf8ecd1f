"""An office of the city without an endpoint: its source, and what it has handed in."""

from __future__ import annotations

import msgspec

from registry.errors import NotFound
from registry.formats.entered import Entered, document_of
from registry.model.delivery import FileKind, Origin
from registry.model.event import Actor
from registry.model.inspection import Previewed, RowIssue
from registry.model.issue import Severity, Text
from registry.model.lifecycle import SourceAction
from registry.model.order import OrderStatus
from registry.model.role import Role
from registry.model.run import Scope, Tally, Verdict
from registry.model.source import Protocol
from registry.services import delivering, registration
from registry.services.delivering import HandedIn, Room
from registry.store import deliveries, sources
from tests.console.found import PROBED
from tests.console.office import CITY, Office, name_of
from tests.factories import APPROVER, live
from tests.unit.registry.formats.test_columns import MINIMAL

DESK = "desk"
SUBMITTER = Actor(name_of(Role.SUBMITTER, "own"))
ROOM = Room(1 << 20, 20)

PREVIEWED = Previewed(
    ending="answered",
    message=Text("", ""),
    scope=Scope.FULL,
    verdict=Verdict.COMPLETE,
    tally=Tally(pages=1, received=120, created=7, updated=3, unchanged=107, refused=2, deleted=1, absent=14),
    holds=(Text("超过 10% 的记录将消失", "more than 10 % of the records would vanish"),),
    issues=PROBED.issues,
    rows=(
        RowIssue(
            "0001-list.xml: record 16, line 17", "oai:hangzhou.gov.cn:16", "division-unknown", Severity.ERROR,
            Text("行政区划代码“000001”不存在", "there is no division 000001"),
            Text("请按 GB/T 2260 填写六位代码", "give the six digits of GB/T 2260"), "/record/division",
        ),
        RowIssue(
            "0001-list.xml: record 16, line 17", "oai:hangzhou.gov.cn:16", "party-name-missing", Severity.ERROR,
            Text("主体没有名称", "the party has no name"), Text("", ""), "/record/party[2]/partyName",
        ),
        RowIssue("", "", "list-short", Severity.WARNING, Text("列表较短", "the list is short"), Text("", ""), ""),
    ),
    records=PROBED.records,
)  # fmt: skip
"""What was found in a delivery."""

ENTERED = Entered(
    MINIMAL | {"mdId": "F-1", "division": CITY, "decisionDate": "2025-06-01"},
    [{"partyRole": "construction", "partyName": "某建设有限公司"}, {"partyRole": "other", "partyId": "X"}],
)


def open_desk(office: Office, *, approved: bool = True) -> None:
    """The source, with one live record (``d1``) where it is approved; once."""
    made = office.installation
    with made.engines.read.connect() as connection:
        try:
            sources.get(connection, DESK)
        except NotFound:
            pass
        else:
            return
    engine, now = made.engines.write, made.clock()
    new = registration.NewSource(
        DESK, CITY, "余杭区城建档案馆", Protocol.CONSOLE, "", namespace="hangzhou.gov.cn"
    )
    registration.add_source(engine, new, actor=SUBMITTER, now=now)
    registration.act(engine, DESK, SourceAction.SUBMIT, actor=SUBMITTER, now=now)
    if approved:
        registration.act(engine, DESK, SourceAction.APPROVE, actor=APPROVER, now=now)
        made.deliver(DESK, [live("d1")])


def hand_in(office: Office, content: bytes = b"a", *, found: Previewed | None = PREVIEWED) -> int:
    """A file that was handed in, and (unless None) what was ``found`` in it."""
    return _keep(office, HandedIn("2025年第三季度.csv", FileKind.CSV, Origin.FILE, pieces=(content,)), found)


def enter(office: Office, entered: Entered = ENTERED, *, found: Previewed | None = PREVIEWED) -> int:
    """A record that was entered in a form."""
    what = HandedIn(entered.values["resTitle"], FileKind.XML, Origin.FORM, pieces=(document_of(entered),))
    return _keep(office, what, found)


def _keep(office: Office, what: HandedIn, found: Previewed | None) -> int:
    open_desk(office)
    made = office.installation
    delivery_id = delivering.hand_in(
        made.engines.write, DESK, what, room=ROOM, actor=SUBMITTER, now=made.clock()
    )
    if found is not None:
        look_at(office, delivery_id, found)
    return delivery_id


def look_at(office: Office, delivery_id: int, found: Previewed | None = PREVIEWED) -> None:
    """Somebody has looked at a delivery (None: in vain)."""
    with office.installation.engines.read.connect() as connection:
        order_id = deliveries.get(connection, delivery_id).order_id
    assert order_id is not None
    order = office.installation.claims.claim(order_id)
    assert order is not None
    status = OrderStatus.FAILED if found is None else OrderStatus.DONE
    outcome = {"error": "ValueError: x"} if found is None else msgspec.to_builtins(found)
    office.installation.claims.finish(order, status, outcome)


def delivery_of(office: Office) -> int:
    """The newest file that was handed in and looked at; made where there is none."""
    open_desk(office)
    with office.installation.engines.read.connect() as connection:
        found = deliveries.of_source(connection, sources.get(connection, DESK).id, before=None, limit=1)
    return found[0].id if found else hand_in(office)
