"""Sources: the list, and one source with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import Response, request
from wtforms import SelectField, TextAreaField

from registry.errors import Refused
from registry.model.contact import ContactKind
from registry.model.event import Event
from registry.model.health import Health
from registry.model.issue import Text
from registry.model.lifecycle import TRANSITIONS, SourceAction, Transition, actions_from
from registry.model.role import PERMISSIONS, Permission, Role
from registry.model.source import Protocol, SourceStatus
from registry.services import contacts as contacting
from registry.services.rights import place_of
from registry.store import contacts, events, health, registers, runs, sources
from registry.store.sources import Source
from registry.web.admin import paging
from registry.web.admin.charts import Bar
from registry.web.admin.forms import Form, at_most, choices, described, fault, listed, member, needed
from registry.web.admin.language import number, say
from registry.web.admin.rendering import TONES, source_actions
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.schedules import schedule_told
from registry.web.admin.scopes import categories_told, divisions_told
from registry.web.admin.targets import Reach, anywhere, of_source
from registry.web.admin.visit import Visit

pages = Pages(
    "sources",
    nav=Nav(Text("数据源", "Sources"), "listing", order=20, icon="source", holds=("deliveries", "entering")),
)

RUNS, LOGGED, ACTS, CHANGES = 20, 20, 10, 5
"""So many of each are shown of a source, the newest."""

_NOTED = Text(zh="已记入联系记录。", en="It is noted in the contact log.")

_ADVICE = {
    SourceStatus.DRAFT: Text(
        "草稿尚未提交。建议先试采，确认地址、格式和内容无误后提交审核。",
        "This is a draft. Probe it first; when address, format and content are as they should be, submit it.",
    ),
    SourceStatus.SUBMITTED: Text(
        "正等待审核。审核员应核对地址、责任单位和试采结果，然后批准或退回。",
        "It waits for approval: an approver looks at the address, the responsible body and what a trial brings, and "
        "approves it or sends it back.",
    ),
    SourceStatus.REJECTED: Text(
        "已被退回：请按退回理由修改后重新提交。", "It was sent back: mend what was said, and submit it again."
    ),
    SourceStatus.APPROVED: Text(
        "已批准，按计划采集，核对后发布。",
        "It is approved: harvested by its schedule, checked and published.",
    ),
    SourceStatus.SUSPENDED: Text(
        "已暂停采集，已发布的内容保留。恢复后从断点继续。",
        "It is not harvested while it is suspended; what it published stays. Resumed, it goes on where it was.",
    ),
    SourceStatus.RETIRED: Text(
        "已注销，其内容已从登记册撤下，不能恢复。", "It is retired: what it published is withdrawn, for good."
    ),
}
_HANDED_IN = Text(
    "已批准。报送的内容随即采集，核对后发布。",
    "It is approved: what is delivered is read at once, checked and published.",
)
_OWN = Text("您提交了该来源，须由他人审核。", "You submitted it; someone else must decide about it.")


class ContactForm(Form):
    """One line of the contact log."""

    kind = SelectField(
        **described(Text("方式", "How")), choices=choices(ContactKind), validators=[listed], validate_choice=False
    )  # fmt: skip
    text = TextAreaField(
        **described(Text("联系内容", "What was spoken")), validators=[needed, at_most(contacting.TEXT_LIMIT)]
    )


class Step(NamedTuple):
    """What can be done next with a source: the act, where it leads, who may take it, and whether the visitor may."""

    action: SourceAction
    row: Transition
    roles: tuple[Role, ...]
    is_mine: bool


@pages.read("/sources", Permission.READ_SOURCES, on=anywhere)
def listing(visit: Visit, reach: Reach) -> Response:
    """Sources within reach, by code."""
    asked = request.args
    found = sources.page(
        visit.connection,
        within=reach.ids,
        status=member(SourceStatus, asked.get("status", "")),
        health=member(Health, asked.get("health", "")),
        wanted=asked.get("text", "").strip(),
        after=paging.after(),
        limit=paging.ROWS + 1,
    )
    return visit.page(
        "sources/list.html",
        sources=paging.cut(found, lambda each: each.code),
        statuses=list(SourceStatus),
        healths=list(Health),
        is_filtered=any(asked.get(name) for name in ("status", "health", "text", paging.PARAMETER)),
        schedule_told=schedule_told,
    )


@pages.read("/sources/<code>", Permission.READ_SOURCES, on=of_source)
def show(visit: Visit, source: Source) -> Response:
    """One source: what it is, where it stands, how it goes, whom to speak to, what was done about it."""
    return page_of(visit, source, ContactForm(formdata=None))


@pages.act("/sources/<code>/contacts", Permission.NOTE_CONTACT, on=of_source)
def note(visit: Visit, source: Source) -> Response:
    """Write a line into the contact log."""
    form = ContactForm()
    if not form.validate():
        return page_of(visit, source, form, 422)
    try:
        contacting.note(
            visit.engines.write, source.code, ContactKind(form.kind.data), form.text.data or "", actor=visit.actor,
            now=visit.now,
        )  # fmt: skip
    except Refused as refused:
        fault(form.text, refused.text)
        return page_of(visit, source, form, 422)
    visit.tell(_NOTED)
    return visit.to("sources.show", code=source.code, _anchor="contacts")


def page_of(visit: Visit, source: Source, form: ContactForm, status: int = 200) -> Response:
    """The page of a source. ``form``: that of its contact log."""
    connection, description = visit.connection, source.description
    works = visit.may(Permission.NOTE_CONTACT, place_of(source))
    reads = visit.may(Permission.READ_RUNS, place_of(source))
    latest = runs.listed(connection, source=source.code, limit=RUNS) if reads else []
    acts = events.of_subject(connection, f"source:{source.code}", limit=ACTS)
    return visit.page(
        "sources/show.html",
        status,
        source=source,
        described=description,
        register=registers.by_id(connection, description.register_id),
        divisions=divisions_told(description.scope.divisions),
        categories=categories_told(description.scope.categories),
        schedule=schedule_told(source.schedule),
        statuses=list(SourceStatus),
        steps=steps(source),
        advice=advice(visit, source),
        sent_back=_reason(acts) if source.status is SourceStatus.REJECTED else "",
        changes=health.of_source(connection, source.id, limit=CHANGES),
        runs=latest,
        run_bars=run_bars(latest),
        works=works,
        contacts=contacts.listed(connection, source.id, limit=LOGGED) if works else [],
        form=form,
        acts=acts,
    )


def steps(source: Source) -> list[Step]:
    """What can be done next with a source, by anybody."""
    mine = source_actions(source)
    found = []
    for action in actions_from(source.status, holds_records=source.live > 0):
        row = TRANSITIONS[source.status, action]
        rule = PERMISSIONS[row.permission]
        roles = tuple(each for each in Role if each in rule.roles | rule.own)
        found.append(Step(action, row, roles, action in mine))
    return found


def advice(visit: Visit, source: Source) -> list[Text]:
    """What to do next, for whoever looks at it."""
    handed_in = source.description.protocol is Protocol.CONSOLE and source.status is SourceStatus.APPROVED
    said = [_HANDED_IN if handed_in else _ADVICE[source.status]]
    if source.status is SourceStatus.SUBMITTED and source.submitted_by == visit.account.name:
        said.append(_OWN)
    return said


def run_bars(latest: Sequence[runs.Run]) -> list[Bar]:
    """The newest runs as bars, from left to right: how many records came, and how the run went."""
    bars = []
    for each in reversed(latest):
        count = number(each.tally.received)
        title = say("运行 {id}：收到 {count} 条", "run {id}: {count} received", id=each.id, count=count)
        tone = TONES.get(str(each.status), "plain")
        bars.append(Bar(title, ((tone, max(each.tally.received, 1)),)))
    return bars


def _reason(acts: Sequence[tuple[object, Event]]) -> str:
    """Why the source was sent back last."""
    return next((each.reason for _, each in acts if each.action == SourceAction.REJECT), "")
