"""For every kind of target something in the city that a route can be asked about, and for every act a form that is
accepted. A new resolver needs a line in ``PARTS``; a new act a line in ``ACTS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.model.event import Actor
from registry.model.issue import Issue, Severity, Text
from registry.model.role import Role
from registry.model.run import RunStatus
from registry.model.source import SourceStatus
from registry.services import accounts, erasing, ordering, pinning
from registry.store import issues, runs, sources
from registry.store.engine import transaction
from registry.web.admin import targets
from registry.web.admin.routing import Route
from registry.web.admin.targets import Resolver
from tests.console.abroad import name_a_provider
from tests.console.desk import DESK, delivery_of, hand_in, open_desk
from tests.console.office import CITY, Office, name_of
from tests.factories import identifier_of, live
from tests.unit.registry.formats.test_columns import MINIMAL

PARTS: Mapping[Resolver, Callable[[Office], dict[str, Any]]] = {
    targets.anywhere: lambda _: {},
    targets.installation: lambda _: {},
    targets.oneself: lambda _: {},
    targets.nobody: lambda _: {},
    targets.of_register: lambda _: {"code": CITY},
    targets.of_named_register: lambda _: {},
    targets.of_source: lambda _: {"code": "hangzhou"},
    targets.of_run: lambda office: {"id": office.run_id},
    targets.of_entry: lambda _: {"code": CITY},
    targets.of_account: lambda _: {"name": name_of(Role.VIEWER, "own")},
    targets.of_grant: lambda _: {"name": name_of(Role.VIEWER, "own")},
    targets.of_order: lambda office: {"id": office.order_id},
    targets.of_delivery: lambda office: {"id": delivery_of(office)},
    targets.of_key: lambda office: {"id": office.key_id},
    targets.of_event: lambda office: {"id": office.event_id},
}
"""The parts of an address that name something in the city."""


def address(office: Office, route: Route) -> str:
    """The address of a route, about something in the city; parts that name nothing in it are 1."""
    parts = PARTS[route.on](office)
    named: dict[str, Any] = {part: parts.get(part, 1) for part in route_parts(route)}
    with office.app.test_request_context():
        return office.app.url_for(route.endpoint, **named)


def route_parts(route: Route) -> list[str]:
    """The names of the variable parts of a route's rule."""
    return [part.partition(">")[0].rpartition(":")[2] for part in route.rule.split("<")[1:]]


def posted_to(office: Office, act: Act, route: Route) -> str:
    """Where an act is posted."""
    own = act.address if isinstance(act.address, str) else act.address(office)
    return own or address(office, route)


@dataclass(frozen=True, slots=True)
class Act:
    """How an act is tried: by whom, with which form, after what was prepared, how many
    events it leaves, and where it is posted (empty: about what ``PARTS`` names)."""

    account: str
    form: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Office], None] = lambda _office: None
    events: int = 1
    address: str | Callable[[Office], str] = ""


_VIEWER, _ADMINISTRATOR = name_of(Role.VIEWER, "own"), name_of(Role.ADMINISTRATOR, "own")
_APPROVER, _SUBMITTER = name_of(Role.APPROVER, "own"), name_of(Role.SUBMITTER, "own")
_KEY = {"label": "省平台", "permissions": ["entries.read"], "on": CITY, "days": "90"}


def _hold(office: Office) -> None:
    """The run of the city is one that waits for somebody."""
    with transaction(office.installation.engines.write) as connection:
        runs.change(connection, office.run_id, status=str(RunStatus.HELD))


def _order(office: Office) -> None:
    """A harvest of the city's source waits."""
    made = office.installation
    ordering.order_harvest(
        made.engines.write, "hangzhou", full=False, actor=Actor("cli:test"), now=made.clock()
    )


def _tell(office: Office) -> None:
    office.add_source("asks", CITY, "待审核", approved=False)
    office.tell()


def _lock(office: Office) -> None:
    engine, now = office.installation.engines.write, office.installation.clock()
    accounts.set_locked(engine, _VIEWER, locked=True, actor=Actor("cli:test"), now=now)


def _link(office: Office) -> None:
    engine, now = office.installation.engines.write, office.installation.clock()
    accounts.set_subject(engine, _VIEWER, "https://id.example|8d1f0c2e", actor=Actor("cli:test"), now=now)


_ENTRY = {"identifier": identifier_of("1"), "reason": "已核实"}
_THE_ENTRY = {**_ENTRY, "source": "hangzhou"}


def _pin(office: Office) -> None:
    engine, now = office.installation.engines.write, office.installation.clock()
    pinning.pin(engine, CITY, identifier_of("1"), "hangzhou", actor=office.cli, now=now, reason="双方确认")


def _ask_erasure(office: Office) -> None:
    engine, now = office.installation.engines.write, office.installation.clock()
    erasing.ask(engine, CITY, identifier_of("1"), actor=office.cli, now=now, reason="本人要求")


def find_issue(office: Office) -> None:
    record = live("1")
    issue = Issue("title-empty", Severity.ERROR, Text("名称为空", "the title is empty"))
    with transaction(office.installation.engines.write) as connection:
        found = issues.FoundIssue(record.identifier, "page 1", record.raw_digest, issue)
        issues.add(connection, office.run_id, [found])


def _standing(status: SourceStatus) -> Callable[[Office], None]:
    """The source of the city is in this status."""

    def prepare(office: Office) -> None:
        with transaction(office.installation.engines.write) as connection:
            source = sources.get(connection, "hangzhou")
            sources.change(connection, source.id, status=str(status))

    return prepare


def _hand_in(office: Office) -> None:
    hand_in(office)


RECORD = MINIMAL | {"division": CITY, "parties": "1"}
"""What a form states of a record."""

_WHY = {"reason": "已核实"}

AMENDED = {
    "name": "杭州市建委", "protocol": "oai-pmh", "location": "https://data.hangzhou.gov.cn/oai",
    "metadata_prefix": "catalogue", "namespace": "hangzhou.gov.cn", "schedule": "every 6h",
    "divisions": "330100", "categories": ["project:2", "credit:6.2"],
}  # fmt: skip
"""What a form states of a source."""
NEW_SOURCE = AMENDED | {"code": "hangzhou-2", "on": CITY, "body": "杭州市建委", "contact_name": "王芳"}

ACTS: dict[str, Act] = {
    "admin.deciding.pin": Act(_APPROVER, _THE_ENTRY),
    "admin.deciding.unpin": Act(_APPROVER, _ENTRY, prepare=_pin),
    "admin.deciding.ask_erasure": Act(_APPROVER, _ENTRY),
    "admin.deciding.confirm_erasure": Act(_APPROVER, _ENTRY, prepare=_ask_erasure),
    "admin.deciding.withdraw_erasure": Act(_APPROVER, _ENTRY, prepare=_ask_erasure),
    "admin.deciding.raw": Act(name_of(Role.AUDITOR, "own"), _THE_ENTRY),
    "admin.deciding.refused": Act(
        name_of(Role.OPERATOR, "own"), {"issue": "1", "reason": "核对"}, prepare=find_issue
    ),
    "admin.sign_in.leave": Act(_VIEWER),
    "admin.language.choose": Act(_VIEWER, {"language": "en"}),
    "admin.profile.change": Act(_VIEWER, {"full_name": "李四", "email": "li@example.cn"}),
    "admin.profile.end_sessions": Act(_VIEWER),
    "admin.inbox.open": Act(
        _APPROVER,
        prepare=_tell,
        events=0,
        address=lambda office: f"/admin/inbox/{office.told(_APPROVER)}/open",
    ),
    "admin.inbox.read_all": Act(_APPROVER, prepare=_tell, events=0),
    "admin.accounts.add": Act(
        _ADMINISTRATOR, {"name": "li.na", "full_name": "李娜", "language": "zh", "role": "viewer", "on": CITY}
    ),
    "admin.accounts.lock": Act(_ADMINISTRATOR, {"reason": "离职"}),
    "admin.accounts.unlock": Act(_ADMINISTRATOR, prepare=_lock),
    "admin.accounts.reset": Act(_ADMINISTRATOR),
    "admin.linking.link": Act(_ADMINISTRATOR, {"value": "8d1f0c2e"}, prepare=name_a_provider),
    "admin.linking.unlink": Act(_ADMINISTRATOR, {"reason": "换号"}, prepare=_link),
    "admin.roles.grant": Act(_ADMINISTRATOR, {"role": "operator", "on": CITY}),
    "admin.roles.revoke": Act(_ADMINISTRATOR, {"role": "viewer", "on": CITY}),
    "admin.keys.issue": Act(_ADMINISTRATOR, _KEY),
    "admin.keys.revoke": Act(_ADMINISTRATOR),
    "admin.own_keys.own_issue": Act(_VIEWER, _KEY),
    "admin.own_keys.own_revoke": Act(_VIEWER, address="/admin/me/keys/1/revoke"),
    "admin.sources.note": Act(name_of(Role.OPERATOR, "own"), {"kind": "call", "text": "已电话说明"}),
    "admin.source_forms.add": Act(_SUBMITTER, NEW_SOURCE),
    "admin.source_forms.amend": Act(_SUBMITTER, AMENDED | {"confirmed": "yes"}),
    "admin.source_person.change": Act(_SUBMITTER, {"body": "杭州市建委", "contact_name": "王芳"}),
    "admin.probes.probe": Act(_SUBMITTER),
    "admin.probes.check": Act(_SUBMITTER, AMENDED),
    "admin.probes.check_new": Act(_SUBMITTER, NEW_SOURCE),
    "admin.dossiers.trial": Act(_APPROVER),
    "admin.dossiers.prove": Act(_APPROVER),
    "admin.deliveries.upload": Act(
        _SUBMITTER,
        {"scope": "delta", "file": (str(Path(__file__)), "list.csv")},
        prepare=open_desk,
        address=f"/admin/sources/{DESK}/deliveries",
    ),
    "admin.deliveries.look": Act(_SUBMITTER, prepare=_hand_in),
    "admin.deliveries.deliver": Act(_SUBMITTER, prepare=_hand_in),
    "admin.deliveries.discard": Act(_SUBMITTER, prepare=_hand_in),
    "admin.entering.enter": Act(
        _SUBMITTER, RECORD, prepare=open_desk, address=f"/admin/sources/{DESK}/record"
    ),
    "admin.entering.withdraw": Act(
        _SUBMITTER,
        {"identifier": identifier_of("d1"), "reason": "项目已取消"},
        prepare=open_desk,
        address=f"/admin/sources/{DESK}/withdraw",
    ),
    "admin.source_life.submit": Act(_SUBMITTER, prepare=_standing(SourceStatus.DRAFT)),
    "admin.source_life.approve": Act(_APPROVER, prepare=_standing(SourceStatus.SUBMITTED)),
    "admin.source_life.reject": Act(_APPROVER, _WHY, prepare=_standing(SourceStatus.SUBMITTED)),
    "admin.source_life.suspend": Act(name_of(Role.OPERATOR, "own"), _WHY),
    "admin.source_life.resume": Act(name_of(Role.OPERATOR, "own"), prepare=_standing(SourceStatus.SUSPENDED)),
    "admin.source_life.retire": Act(_APPROVER, _WHY),
    "admin.harvests.order": Act(name_of(Role.OPERATOR, "own")),
    "admin.cancelling.cancel": Act(name_of(Role.OPERATOR, "own"), {"reason": "窗口有误"}, prepare=_order),
    "admin.reviews.release": Act(_APPROVER, {"reason": "已核实"}, prepare=_hold),
    "admin.reviews.refuse": Act(_APPROVER, {"reason": "内容有误"}, prepare=_hold),
    "admin.reviews.undo": Act(_APPROVER, {"reason": "送错文件"}),
}
"""Every act of the console, but those that need a password (``test_sign_in.py``)."""

WITH_A_PASSWORD = {"admin.sign_in.enter", "admin.password.change"}
