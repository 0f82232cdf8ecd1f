"""``mulu source probe``: ask an endpoint who it is, and check a sample of its records."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from harvester.commands.bridge import Bridge, pass_bridge
from registry.commands import exits
from registry.commands.output import column, json_option, print_card, print_json, print_listing
from registry.commands.session import Session, acting, pass_session
from registry.errors import Conflict
from registry.model.issue import Text
from registry.model.run import Ending
from registry.services import inspecting

_LABELS = (
    column("ending", "结果", "result"),
    column("message", "说明", "message"),
    column("name", "自称", "calls itself"),
    column("base_url", "基础地址", "base URL"),
    column("granularity", "时间粒度", "granularity"),
    column("deleted_record", "删除记录", "deleted records"),
    column("earliest", "最早时间", "earliest"),
    column("prefixes", "元数据格式", "metadata formats"),
    column("set_specs", "集合", "sets"),
    column("received", "抽查", "records looked at"),
    column("accepted", "合格", "accepted"),
    column("refused", "不合格", "refused"),
    column("failures", "未能询问", "could not be asked"),
)
_ISSUES = (
    column("code", "问题", "issue"),
    column("severity", "严重程度", "severity"),
    column("count", "数量", "count", right=True),
)
_ANSWERED = Text(zh="已应答", en="answered")
_BUSY = Text(
    zh="该来源正由另一进程探测；请稍后再试。",
    en="another process is probing this source; try again in a while.",
)


@click.command()
@click.argument("code")
@json_option
@acting
@pass_session
@pass_bridge
def probe(bridge: Bridge, session: Session, code: str, as_json: bool) -> None:
    """Ask an endpoint who it is, and check a sample of its records. Changes no register.

    Exit code 1 where it does not answer, 3 where records of the sample would be refused.

    \b
    Example:
      mulu source probe jiujiang
    """
    order_id = inspecting.order_probe(session.engines.write, code, actor=session.actor, now=session.clock())
    with bridge.worker(session) as worker, worker.employed(1):
        outcome = worker.carry_out(order_id)
    if outcome is None or outcome.interrupted:  # it gave way, and is done again by whoever has time
        raise Conflict(_BUSY)
    found: dict[str, Any] = msgspec.to_builtins(outcome.detail)
    if as_json:
        print_json(found)
    else:
        _print(session, found)
    if found["ending"] != "answered":
        click.get_current_context().exit(exits.FAILED)
    if found["refused"]:
        click.get_current_context().exit(exits.INVALID)


def _print(session: Session, found: dict[str, Any]) -> None:
    said = found["identity"] or {}
    card = {
        **found,
        **said,
        "ending": _ANSWERED if found["ending"] == "answered" else Ending(found["ending"]),
        "message": Text(**found["message"]),
        "failures": [Text(**each) for each in found["failures"]],
        "prefixes": [each["prefix"] for each in found["formats"]],
        "set_specs": [each["spec"] for each in found["sets"]],
    }
    print_card(session, card, _LABELS, as_json=False)
    if found["issues"]:
        click.echo()
        print_listing(session, found["issues"], _ISSUES, as_json=False)
