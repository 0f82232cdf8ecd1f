"""``mulu source``: the verbs that move a source through its life, and what people decide about it.

The verbs are the rows of ``registry.model.lifecycle.TRANSITIONS``; ``lift`` is the counterpart of ``run undo`` and
``run refuse``.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from registry.commands import exits
from registry.commands.output import json_option, print_json, remark, tell
from registry.commands.session import Session, acting, pass_session
from registry.commands.source_options import amending, amendments
from registry.commands.sources import row_of
from registry.commands.upward import carry_upward
from registry.model.issue import Text
from registry.model.labels import label_of
from registry.model.lifecycle import TRANSITIONS, SourceAction
from registry.model.source import Protocol, SourceStatus
from registry.services import cancelling, registration, reviewing
from registry.store import holdings, sources
from registry.store.engine import Connection

_MOVED = Text(zh="来源 {code}：{status}。", en="the source {code} is now {status}.")
_AMENDED = Text(zh="来源 {code} 已修改。", en="the source {code} is amended.")
_AGAIN = {
    SourceStatus.SUBMITTED: Text(
        zh="来源 {code} 已修改，须由他人重新批准后才会采集，已发布的数据保留。下一步：mulu source approve {code}。",
        en="the source {code} is amended. It must be approved again, by someone else, before it is harvested; what "
        "it published stays. Next: `mulu source approve {code}`.",
    ),
    SourceStatus.DRAFT: Text(
        zh="来源 {code} 已修改(草稿)。下一步：mulu source submit {code}。",
        en="the source {code} is amended (draft). Next: `mulu source submit {code}`.",
    ),
}
_CANCELLED = Text(
    zh="来源 {code} 等待中的采集已取消。", en="the harvest of {code} that was waiting is cancelled."
)
_RUN_CANCELLED = Text(
    zh="来源 {code} 的运行 {run} 已取消，登记册未作更改。",
    en="run {run} of {code} is cancelled; the register is as it was.",
)
_LIFTED = Text(
    zh="来源 {code} 可再次提供 {identifier}({count} 个版本)。下一步：mulu harvest {code}{option}。",
    en="the source {code} may propose {identifier} again ({count} contents). Next: `mulu harvest {code}{option}`.",
)
_NOTHING_TO_LIFT = Text(
    zh="来源 {code} 的 {identifier} 没有被撤销或拒绝的内容。",
    en="nothing of {identifier} was undone or refused for the source {code}.",
)
_PREVIEW = Text(
    zh="注销来源 {code} 将从登记册 {register} 撤下其 {live} 条有效记录(其中 {alone} 条没有其他来源提供)。",
    en="retiring {code} withdraws its {live} live records from the register {register} ({alone} of them are held "
    "by no other source).",
)
_ABOVE = Text(zh="上级登记册随之更新：{above}。", en="the registers above follow: {above}.")
_ASK = Text(zh="注销后不能恢复。继续吗？", en="A retired source does not come back. Go on?")
_LEFT = Text(zh="未作任何更改。", en="nothing was changed.")

_HELP = {
    SourceAction.SUBMIT: "Ask for approval.",
    SourceAction.APPROVE: "Approve a submitted source: from now on it is harvested.",
    SourceAction.REJECT: "Send a submitted source back to its submitter.",
    SourceAction.SUSPEND: "Stop harvesting; what it published stays.",
    SourceAction.RESUME: "Harvest a suspended source again.",
}


def _verb(action: SourceAction) -> click.Command:
    """The command of one row of the table of transitions."""
    needs_reason = any(row.reason_needed for (_, each), row in TRANSITIONS.items() if each is action)

    @click.argument("code")
    @click.option("--reason", default="", help="Why (needed)." if needs_reason else "Why.")
    @json_option
    @acting
    @pass_session
    def take(session: Session, code: str, reason: str, as_json: bool) -> None:
        _tell_moved(session, _act(session, code, action, reason), as_json)

    example = f"mulu source {action} jiujiang" + (' --reason "..."' if needs_reason else "")
    return click.command(str(action), help=f"{_HELP[action]}\n\n\b\nExample:\n  {example}")(take)


def _act(session: Session, code: str, action: SourceAction, reason: str) -> sources.Source:
    return registration.act(
        session.engines.write, code, action, actor=session.actor, now=session.clock(), reason=reason
    )


def _tell_moved(session: Session, moved: sources.Source, as_json: bool) -> None:
    if as_json:
        print_json(row_of(moved))
    else:
        tell(session, _MOVED.format(code=moved.code, status=session.say(label_of(moved.status))))


@click.command("amend")
@click.argument("code")
@amending
@json_option
@acting
@pass_session
def amend(session: Session, /, code: str, as_json: bool, **stated: Any) -> None:
    """Change what is stated of a source. Whatever was approved must be approved again; a name or a schedule
    need not.

    Only what is named changes. An option that may be given several times replaces the whole list; an empty
    value ("") clears.

    \b
    Examples:
      mulu source amend jiujiang --schedule "every 6h"
      mulu source amend jiujiang --location https://data.jiujiang.gov.cn/xmjbxx.xml --as wang
    """
    with session.engines.read.connect() as connection:
        before = sources.get(connection, code)
    changes = amendments(session, before.description, **stated)
    if not changes:
        raise click.UsageError("name what is to change (--location, --schedule, --name, ...)")
    amended = registration.amend_source(
        session.engines.write, code, changes, actor=session.actor, now=session.clock()
    )
    if as_json:
        print_json(row_of(amended))
    elif amended.description.fingerprint == before.description.fingerprint:
        tell(session, _AMENDED.format(code=code))
    else:
        tell(session, _AGAIN[amended.status].format(code=code))


@click.command("lift")
@click.argument("code")
@click.argument("identifier")
@json_option
@acting
@pass_session
def lift(session: Session, code: str, identifier: str, as_json: bool) -> None:
    """Let a source propose again what was undone or refused under an identifier.

    \b
    Example:
      mulu source lift jiujiang oai:jiujiang.gov.cn:360402M000100Y420250001
    """
    lifted = reviewing.lift(session.engines.write, code, identifier, actor=session.actor, now=session.clock())
    with session.engines.read.connect() as connection:
        protocol = sources.get(connection, code).description.protocol
    if as_json:
        print_json({"source": code, "identifier": identifier, "lifted": lifted})
        return
    option = " --full" if protocol is Protocol.FOLDER else ""
    told = _LIFTED if lifted else _NOTHING_TO_LIFT
    tell(session, told.format(code=code, identifier=identifier, count=lifted, option=option))


@click.command("retire")
@click.argument("code")
@click.option("--reason", default="", help="Why (needed).")
@click.option("--yes", is_flag=True, help="Do not ask (scripts).")
@json_option
@acting
@pass_session
def retire(session: Session, code: str, reason: str, yes: bool, as_json: bool) -> None:
    """End a source: what it published is withdrawn, here and in the registers above.

    Shows what that takes away, and asks.

    \b
    Example:
      mulu source retire jiujiang --reason "closed"
    """
    with session.engines.read.connect() as connection:
        source = sources.get(connection, code)
        registration.check_act(connection, source, SourceAction.RETIRE, actor=session.actor, reason=reason)
        _preview(session, connection, source)
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("this withdraws what the source published: confirm with --yes")
    if not yes and not click.confirm(session.say(_ASK), err=True):
        remark(session, _LEFT)
        click.get_current_context().exit(exits.FAILED)
    retired = _act(session, code, SourceAction.RETIRE, reason)
    carry_upward(session, retired.description.register_id)
    with session.engines.read.connect() as connection:
        _tell_moved(session, sources.get(connection, code), as_json)


@click.command("cancel")
@click.argument("code")
@click.option("--reason", default="", help="Why (needed).")
@json_option
@acting
@pass_session
def cancel(session: Session, code: str, reason: str, as_json: bool) -> None:
    """Cancel the harvests of a source that wait or run. Nothing of them enters the register; the schedule goes on.

    \b
    Example:
      mulu source cancel jiujiang --reason "wrong window"
    """
    engine, now = session.engines.write, session.clock()
    run = cancelling.cancel(engine, code, actor=session.actor, now=now, reason=reason)
    if as_json:
        print_json({"source": code, "run": run.id if run else None, "status": run.status if run else None})
        return
    tell(
        session, (_CANCELLED if run is None else _RUN_CANCELLED).format(code=code, run=run.id if run else "")
    )


def _preview(session: Session, connection: Connection, source: sources.Source) -> None:
    register = source.description.register_code
    alone = holdings.only_held_by(connection, source.description.register_id, source.id)
    remark(session, _PREVIEW.format(code=source.code, register=register, live=source.live, alone=alone))
    if above := sources.registers_above(connection, register):
        remark(session, _ABOVE.format(above=", ".join(above)))


COMMANDS = (*(_verb(action) for action in _HELP), amend, cancel, lift, retire)
