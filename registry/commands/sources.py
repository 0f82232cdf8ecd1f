"""``mulu source``: register endpoints, and look at them.

``source_life`` adds the verbs that move them through their life, the harvester adds ``probe``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from registry.commands.output import column, json_option, print_card, print_json, print_listing, tell
from registry.commands.session import Session, acting, pass_session, reading
from registry.commands.source_options import describing, new_source
from registry.model.health import LastFailure
from registry.model.issue import Text
from registry.model.lifecycle import actions_from
from registry.model.source import OwnedPrefix, SourceDescription, SourceStatus
from registry.services import ownership, registration
from registry.store import events, health, registers, sources

_COLUMNS = (
    column("code", "代码", "code"),
    column("register", "登记册", "register"),
    column("name", "名称", "name"),
    column("protocol", "协议", "protocol"),
    column("location", "地址", "location"),
    column("status", "状态", "status"),
    column("health", "健康", "health"),
    column("live", "有效记录", "live records", right=True),
    column("failures", "连续失败", "failures", right=True),
    column("succeeded_at", "最近成功", "last success"),
)
_LABELS = (
    *_COLUMNS,
    column("metadata_prefix", "元数据格式", "metadata prefix"),
    column("namespace", "标识符命名空间", "namespace"),
    column("set_spec", "采集集合", "set"),
    column("identifier_prefixes", "可用标识符前缀", "identifier prefixes"),
    column("approved_prefixes", "已批准的标识符前缀", "approved identifier prefixes"),
    column("inherited_prefixes", "由下级登记册继承的前缀", "prefixes inherited from beneath"),
    column("owned_elsewhere", "属于其他来源的前缀", "prefixes that others own"),
    column("co_reports_with", "共同报送来源", "co-reports with"),
    column("divisions", "可用行政区划", "divisions"),
    column("categories", "可用类目", "categories"),
    column("allowed_networks", "允许的网络", "allowed networks"),
    column("credentials", "凭据引用", "credentials"),
    column("ca_bundle", "证书引用", "CA bundle"),
    column("schedule", "计划", "schedule"),
    column("due_at", "下次采集", "due"),
    column("health_since", "健康状态自", "health since"),
    column("late_at", "逾期时间", "late at"),
    column("failures_by_kind", "失败类型", "failures by kind"),
    column("last_failure", "最近失败", "last failure"),
    column("full_at", "最近全量", "last full harvest"),
    column("submitted_by", "提交人", "submitted by"),
    column("approved_by", "批准人", "approved by"),
    column("fingerprint", "指纹", "fingerprint"),
    column("possible", "可执行操作", "possible acts"),
)
_OWNED_SHOWN = 10
_EVENTS = (
    column("happened_at", "时间", "when"),
    column("actor", "操作人", "who"),
    column("action", "操作", "act"),
    column("reason", "理由", "reason"),
)
_HEALTH = (
    column("changed_at", "时间", "when"),
    column("before", "原状态", "from"),
    column("after", "新状态", "to"),
    column("reason", "原因", "why"),
)
_ADDED = Text(
    zh="已登记来源 {code}(草稿)。下一步：mulu source submit {code}。",
    en="added the source {code} (draft). Next: `mulu source submit {code}`.",
)


@click.group()
def source() -> None:
    """Register endpoints, have them approved, and look at them."""


@source.command("add")
@click.argument("code")
@describing
@json_option
@acting
@pass_session
def add(session: Session, /, code: str, as_json: bool, **stated: Any) -> None:
    """Draft a source. It is harvested once someone else has approved it.

    \b
    Example:
      mulu source add jiujiang --register 360400 --name 九江市目录 \\
          --protocol xml-document --location https://www.jiujiang.gov.cn/xmjbxx.xml \\
          --prefix municipal_list --namespace jiujiang.gov.cn --division 360400
    """
    made = registration.add_source(
        session.engines.write,
        new_source(session, code, **stated),
        actor=session.actor,
        now=session.clock(),
    )
    if as_json:
        print_json(row_of(made))
    else:
        tell(session, _ADDED.format(code=code))


@source.command("list")
@click.option("--register", "register_code", help="Only the sources of this register.")
@click.option("--status", type=click.Choice([str(each) for each in SourceStatus]), help="Only these.")
@json_option
@reading
@pass_session
def list_sources(session: Session, register_code: str | None, status: str | None, as_json: bool) -> None:
    """List sources in the order of their codes.

    \b
    Example:
      mulu source list --status submitted
    """
    statuses = [SourceStatus(status)] if status else []
    with session.engines.read.connect() as connection:
        register_id = registers.get(connection, register_code).id if register_code else None
        found = sources.listed(connection, register_id=register_id, statuses=statuses, limit=100_000)
    print_listing(session, [row_of(each) for each in found], _COLUMNS, as_json=as_json)


@source.command("show")
@click.argument("code")
@json_option
@reading
@pass_session
def show(session: Session, code: str, as_json: bool) -> None:
    """Show one source, what can be done with it, how its health has changed, and who did what.

    \b
    Example:
      mulu source show jiujiang
    """
    with session.engines.read.connect() as connection:
        found = sources.get(connection, code)
        acts = events.of_subject(connection, f"source:{code}")
        changes = health.of_source(connection, found.id)
        walked = ownership.for_walk(connection, found.description)
    told = [
        {"happened_at": moment, "actor": act.actor.name, "action": act.action, "reason": act.reason}
        for moment, act in acts
    ]
    changed = [_change_told(each) for each in changes]
    row = {
        **row_of(found),
        "approved_prefixes": list(found.approved_scope.identifier_prefixes) if found.approved_scope else [],
        "inherited_prefixes": [each.prefix for each in _inherited(walked)],
        "owned_elsewhere": [{"prefix": each.prefix, "owner": each.owner} for each in walked.owned_elsewhere],
        "possible": list(actions_from(found.status, holds_records=found.live > 0)),
        "health_changes": changed,
        "events": told,
    }
    if as_json:
        print_json(row)
        return
    failure = found.last_failure
    shown = {
        "last_failure": failure and failure.text,
        "inherited_prefixes": _first([each.prefix for each in _inherited(walked)]),
        "owned_elsewhere": _first([f"{each.prefix} ({each.owner})" for each in walked.owned_elsewhere]),
    }
    print_card(session, {**row, **shown}, _LABELS, as_json=False)
    for rows, columns in ((changed, _HEALTH), (told, _EVENTS)):
        if rows:
            click.echo()
            print_listing(session, rows, columns, as_json=False)


def _inherited(walked: SourceDescription) -> tuple[OwnedPrefix, ...]:
    return () if walked.scope.identifier_prefixes else walked.owned


def _first(prefixes: Sequence[str]) -> list[str]:
    """The first prefixes, and how many more there are."""
    told = list(prefixes[:_OWNED_SHOWN])
    more = len(prefixes) - len(told)
    return [*told, f"+{more}"] if more else told


def _change_told(found: health.HealthChange) -> dict[str, Any]:
    told = found.change
    return {"changed_at": found.at, "before": told.before, "after": told.after, "reason": told.reason}


def _failure_told(failure: LastFailure | None) -> dict[str, Any] | None:
    return None if failure is None else {"kind": failure.kind, "at": failure.at, "text": failure.text}


def row_of(found: sources.Source) -> dict[str, Any]:
    """A source as ``--json`` tells it."""
    description = found.description
    return {
        "code": found.code,
        "register": description.register_code,
        "name": found.name,
        "protocol": description.protocol,
        "location": description.location,
        "metadata_prefix": description.metadata_prefix,
        "namespace": description.namespace,
        "set_spec": description.set_spec,
        "identifier_prefixes": list(description.scope.identifier_prefixes),
        "co_reports_with": list(description.scope.co_reports_with),
        "divisions": list(description.scope.divisions),
        "categories": list(description.scope.categories),
        "allowed_networks": list(description.allowed_networks),
        "credentials": description.credentials,
        "ca_bundle": description.ca_bundle,
        "schedule": found.schedule,
        "status": found.status,
        "submitted_by": found.submitted_by,
        "approved_by": found.approved_by,
        "fingerprint": description.fingerprint,
        "health": found.health,
        "health_since": found.health_since,
        "live": found.live,
        "failures": found.failures,
        "failures_by_kind": found.failures_by_kind,
        "last_failure": _failure_told(found.last_failure),
        "late_at": found.late_at,
        "succeeded_at": found.succeeded_at,
        "full_at": found.full_at,
        "due_at": found.due_at,
    }
