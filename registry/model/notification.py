"""Notifications: what people who work on a register are told, to whom each kind goes, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from registry.model.health import Change, Health
from registry.model.issue import Text
from registry.model.role import Role


class Kind(StrEnum):
    SUBMITTED = "submitted"  # a source asks for approval
    APPROVED = "approved"
    REJECTED = "rejected"
    HELD = "held"  # a run waits for a decision
    FAILING = "failing"  # a source fails, or is late
    HEALED = "healed"
    ISSUES = "issues"  # a run found kinds of issues that were not there before


RECIPIENTS: Mapping[Kind, Role] = MappingProxyType(
    {
        Kind.SUBMITTED: Role.APPROVER,
        Kind.APPROVED: Role.SUBMITTER,
        Kind.REJECTED: Role.SUBMITTER,
        Kind.HELD: Role.APPROVER,
        Kind.FAILING: Role.OPERATOR,
        Kind.HEALED: Role.OPERATOR,
        Kind.ISSUES: Role.SUBMITTER,
    }
)
"""To whom each kind goes: the holders of a role on the register, or (submitters) who submitted the source."""


class MailStatus(StrEnum):
    """Whether a notification also goes out as a mail."""

    NONE = "none"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # given up: refused for good, or too often


@dataclass(frozen=True, slots=True)
class Facts:
    """What a notification speaks of. ``run`` 0: of no run; ``codes``: of issues."""

    source: str
    source_name: str
    register: str
    run: int = 0
    reason: Text = Text("", "")
    actor: str = ""
    codes: tuple[str, ...] = ()


_BETWEEN = (Health.LATE, Health.FAILING)


def told_of_health(change: Change) -> Kind | None:
    """What a change in the health of a source is told as; None where people brought it about, or know."""
    if change.after is Health.HEALTHY and change.before in _BETWEEN:
        return Kind.HEALED
    worse = change.after is Health.FAILING or (
        change.after is Health.LATE and change.before is not Health.FAILING
    )
    return Kind.FAILING if worse else None


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification of one account. ``subject`` as in events: ``source:hangzhou``, ``run:17``."""

    id: int
    account_id: int
    kind: Kind
    subject: str
    facts: Facts
    at: datetime
    read_at: datetime | None
    mail: MailStatus


_TITLES: Mapping[Kind, Text] = MappingProxyType(
    {
        Kind.SUBMITTED: Text("数据源 {source} 待审核", "the source {source} waits for approval"),
        Kind.APPROVED: Text("数据源 {source} 已批准", "the source {source} is approved"),
        Kind.REJECTED: Text("数据源 {source} 已退回", "the source {source} is sent back"),
        Kind.HELD: Text(
            "数据源 {source} 的运行 {run} 待人工处理", "run {run} of {source} is held for a decision"
        ),
        Kind.FAILING: Text("数据源 {source} 采集异常", "the source {source} is in trouble"),
        Kind.HEALED: Text("数据源 {source} 已恢复", "the source {source} works again"),
        Kind.ISSUES: Text("数据源 {source} 出现新问题", "new issues in the source {source}"),
    }
)
_TEXTS: Mapping[Kind, Text] = MappingProxyType(
    {
        Kind.SUBMITTED: Text(
            "{actor} 提交了数据源 {source}({source_name}，登记册 {register})，请审核。\n"
            "下一步：查看其地址、范围和试采结果，然后批准或退回。\n"
            "  {url}/sources/{source}\n  mulu source show {source}",
            "{actor} submitted the source {source} ({source_name}, register {register}).\n"
            "Next: look at its address, its scope and a probe, then approve it or send it back.\n"
            "  {url}/sources/{source}\n  mulu source show {source}",
        ),
        Kind.APPROVED: Text(
            "数据源 {source}({source_name})已由 {actor} 批准，将按计划采集。\n"
            "下一步：首次采集后查看问题清单。\n  {url}/sources/{source}",
            "{actor} approved the source {source} ({source_name}); it is harvested from now on.\n"
            "Next: look at the issues that its first harvest finds.\n  {url}/sources/{source}",
        ),
        Kind.REJECTED: Text(
            "数据源 {source}({source_name})已由 {actor} 退回。理由：{reason}\n"
            "下一步：修改后重新提交。\n  {url}/sources/{source}\n  mulu source amend {source} ...",
            "{actor} sent the source {source} ({source_name}) back. Reason: {reason}\n"
            "Next: amend it and submit it again.\n  {url}/sources/{source}\n  mulu source amend {source} ...",
        ),
        Kind.HELD: Text(
            "数据源 {source}({source_name}，登记册 {register})的运行 {run} 已拦截，尚未发布。原因：{reason}\n"
            "下一步：核对变化，然后放行或拒绝。\n  {url}/runs/{run}\n  mulu run show {run}",
            "Run {run} of the source {source} ({source_name}, register {register}) is held, nothing of it is "
            "published. Why: {reason}\n"
            "Next: look at the changes, then release or refuse it.\n  {url}/runs/{run}\n  mulu run show {run}",
        ),
        Kind.FAILING: Text(
            "数据源 {source}({source_name}，登记册 {register})采集异常。{reason}\n"
            "下一步：查看失败原因；必要时联系其联络员，或暂停采集。已发布的数据保留。\n"
            "  {url}/sources/{source}\n  mulu source show {source}",
            "The source {source} ({source_name}, register {register}) is in trouble: {reason}\n"
            "Next: look at why; call its contact person, or suspend it. What it published stays.\n"
            "  {url}/sources/{source}\n  mulu source show {source}",
        ),
        Kind.HEALED: Text(
            "数据源 {source}({source_name}，登记册 {register})已恢复正常采集。{reason}\n无需处理。\n"
            "  {url}/sources/{source}",
            "The source {source} ({source_name}, register {register}) works again. {reason}\n"
            "There is nothing to do.\n  {url}/sources/{source}",
        ),
        Kind.ISSUES: Text(
            "数据源 {source}({source_name})的运行 {run} 出现了此前没有的问题：{codes}。\n"
            "下一步：按问题清单中的建议修改数据。\n  {url}/runs/{run}\n  mulu run show {run}",
            "Run {run} of the source {source} ({source_name}) found issues that were not there before: {codes}.\n"
            "Next: mend the data as the list of issues suggests.\n  {url}/runs/{run}\n  mulu run show {run}",
        ),
    }
)


def title(kind: Kind, facts: Facts) -> Text:
    """One line: what has happened."""
    return _filled(_TITLES[kind], facts)


def text(kind: Kind, facts: Facts, url: str) -> Text:
    """What has happened, and what to do next. ``url``: where the console is, without a slash at its end."""
    return _filled(_TEXTS[kind], facts, url)


def _filled(text: Text, facts: Facts, url: str = "") -> Text:
    told = {
        "source": facts.source,
        "source_name": facts.source_name,
        "register": facts.register,
        "run": facts.run,
        "actor": facts.actor,
        "codes": ", ".join(facts.codes),
        "url": url,
    }
    return Text(
        text.zh.format(**told, reason=facts.reason.zh or "-"),
        text.en.format(**told, reason=facts.reason.en or "-"),
    )
