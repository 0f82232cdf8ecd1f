"""The acts of a source's life, drawn from the table of transitions: each asks before it is done, and says what it does.

Of two people who decide at once, one wins, and the other is told who was faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import Response, request

from registry.errors import Conflict, Refused
from registry.model.issue import Text
from registry.model.labels import label_of
from registry.model.lifecycle import TRANSITIONS, SourceAction, transition
from registry.services import registration, steps
from registry.store import events, holdings, registers, sources
from registry.store.sources import Source
from registry.web.admin.dossiers import dossier_of
from registry.web.admin.language import number
from registry.web.admin.routing import Pages
from registry.web.admin.schedules import schedule_told
from registry.web.admin.scopes import categories_told, divisions_told
from registry.web.admin.targets import of_source
from registry.web.admin.visit import Visit

pages = Pages("source_life")

_DONE = Text(zh="{source}：{status}。", en="{source} is {status} now.")
_NEEDED = Text(zh="请写明理由。", en="Say why.")

_CONSEQUENCES: Mapping[SourceAction, tuple[Text, ...]] = MappingProxyType(
    {
        SourceAction.SUBMIT: (
            Text("审核员会收到通知，由他人批准或退回。", "Approvers are told; one of them approves it or refuses."),
            Text("批准之前不采集。", "It is not harvested before that."),
        ),
        SourceAction.APPROVE: (
            Text("立即开始采集，此后按计划采集。", "It is harvested at once, and by its schedule from then on."),
            Text(
                "您批准的是本页所列的地址、协议、格式和范围；其中任何一项改动都须重新批准。",
                "You approve the address, protocol, format and scope shown here; whatever of it changes has to be "
                "approved again.",
            ),
        ),
        SourceAction.REJECT: (
            Text("退回提交人修改；提交人会看到理由。", "It goes back to its submitter, who reads the reason."),
            Text("此前已发布的内容(如有)保留。", "What it published before, if anything, stays."),
        ),
        SourceAction.SUSPEND: (
            Text("停止采集，直到有人恢复。", "It is not harvested until somebody resumes it."),
            Text("已发布的内容保留。", "What it published stays."),
        ),
        SourceAction.RESUME: (
            Text("立即采集，此后按计划采集。", "It is harvested at once, and by its schedule from then on."),
            Text("此前的失败不再计入。", "What failed before does not count."),
        ),
    }
)  # fmt: skip
_AT_ONCE = Text(
    "立即采集一次；未设采集计划，此后仅在要求时采集。",
    "It is harvested at once; it has no schedule, and is harvested on demand from then on.",
)
_WITHDRAWS = Text(
    "从登记册 {register} 撤下其 {live} 条有效记录，其中 {alone} 条没有其他来源提供，将从登记册中消失。",
    "Its {live} live records are withdrawn from the register {register}; {alone} of them are held by no other source "
    "and vanish from it.",
)
_ABOVE = Text("上级登记册随之更新：{above}。", "The registers above follow: {above}.")
_FOR_GOOD = Text("注销后不能恢复。", "A retired source does not come back.")
_BENEATH = Text(
    "批准后登记册 {child} 位于本登记册之下：在本登记册担任的角色对其同样有效。",
    "Once approved, the register {child} lies beneath this one: roles on this register count there too.",
)
_DANGEROUS = frozenset({SourceAction.REJECT, SourceAction.RETIRE})

ACTIONS = (*_CONSEQUENCES, SourceAction.RETIRE)
"""The acts that have a page here; amending has a form of its own."""


def _draw(action: SourceAction) -> None:
    """The two routes of one act. All its rows of the table ask for one permission."""
    (permission,) = {row.permission for (_, each), row in TRANSITIONS.items() if each is action}

    def form(visit: Visit, source: Source) -> Response:
        try:
            return _ask(visit, source, action)
        except Conflict as conflict:
            return late(visit, source, conflict.text)

    def act(visit: Visit, source: Source) -> Response:
        return _act(visit, source, action)

    form.__name__, act.__name__ = f"{action}_form", str(action)
    pages.form(f"/sources/<code>/{action}", permission, on=of_source)(form)
    pages.act(f"/sources/<code>/{action}", permission, on=of_source)(act)


for _each in ACTIONS:
    _draw(_each)


def _act(visit: Visit, source: Source, action: SourceAction) -> Response:
    reason, seen = request.form.get("reason", ""), request.form.get("seen", "")
    try:
        if steps.step(source, action).reason_needed and not reason.strip():
            return _ask(visit, source, action, _NEEDED)
        moved = registration.act(
            visit.engines.write,
            source.code,
            action,
            actor=visit.actor,
            now=visit.now,
            reason=reason,
            seen=seen,
        )
    except Refused as refused:
        return _ask(visit, source, action, refused.text)
    except Conflict as conflict:
        now = sources.get(visit.connection, source.code)
        if now.status is source.status and seen in ("", now.description.fingerprint) and _fits(now, action):
            return _ask(visit, now, action, conflict.text, status=409)
        return late(visit, now, conflict.text)
    visit.tell(_DONE.format(source=moved.name, status=label_of(moved.status)))
    return visit.to("sources.show", code=source.code)


def _fits(source: Source, action: SourceAction) -> bool:
    return transition(source.status, action, holds_records=source.live > 0) is not None


def late(visit: Visit, source: Source, text: Text) -> Response:
    """Somebody was faster: what was done meanwhile, and by whom."""
    acts = events.of_subject(visit.connection, f"source:{source.code}", limit=3)
    return visit.page("sources/late.html", 409, source=source, text=text, acts=acts)


def _ask(
    visit: Visit, source: Source, action: SourceAction, error: Text | None = None, *, status: int = 422
) -> Response:
    row = steps.step(source, action)
    return visit.page(
        "sources/act.html",
        status if error else 200,
        source=source,
        described=source.description,
        register=registers.by_id(visit.connection, source.description.register_id),
        divisions=divisions_told(source.description.scope.divisions),
        categories=categories_told(source.description.scope.categories),
        schedule=schedule_told(source.schedule),
        action=action,
        row=row,
        consequences=_consequences(visit, source, action),
        dangerous=action in _DANGEROUS,
        dossier=dossier_of(visit, source) if action in (SourceAction.APPROVE, SourceAction.REJECT) else None,
        error=error,
    )


def _consequences(visit: Visit, source: Source, action: SourceAction) -> list[Text]:
    told = list(_CONSEQUENCES.get(action, ()))
    description = source.description
    if action in (SourceAction.APPROVE, SourceAction.RESUME) and not source.schedule:
        told[0] = _AT_ONCE
    if action is SourceAction.APPROVE and description.is_internal:
        told.append(_BENEATH.format(child=description.location))
    if action is not SourceAction.RETIRE:
        return told
    alone = holdings.only_held_by(visit.connection, description.register_id, source.id)
    register = description.register_code
    told = [_WITHDRAWS.format(register=register, live=number(source.live), alone=number(alone))]
    if above := sources.registers_above(visit.connection, register):
        told.append(_ABOVE.format(above=", ".join(above)))
    return [*told, _FOR_GOOD]
