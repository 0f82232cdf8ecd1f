"""``mulu register``: the registers of an installation."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from registry.commands.output import column, json_option, print_card, print_json, print_listing, tell
from registry.commands.register_authority import authority
from registry.commands.session import Session, acting, pass_session, reading
from registry.errors import Refused
from registry.model.brake import BrakeLimits
from registry.model.issue import Text
from registry.model.register import Level, Policy, Register
from registry.model.visibility import day_of
from registry.services import policies, registration
from registry.store import registers, sources
from schemas.codes import divisions

_COLUMNS = (
    column("code", "代码", "code"),
    column("name", "名称", "name"),
    column("level", "级别", "level"),
    column("sources", "来源", "sources", right=True),
    column("entries", "条目", "entries", right=True),
    column("last_sequence", "最新序号", "last sequence", right=True),
    column("published_at", "最近发布", "last published"),
)
_LABELS = (
    *_COLUMNS,
    column("division", "行政区划", "division"),
    column("owner", "所有者", "owner"),
    column("manager", "管理者", "manager"),
    column("gate", "发布审核", "gate"),
    column("feeds", "上级登记册", "read by"),
)
_MADE = Text(zh="已建立登记册 {code}。", en="created the register {code}.")
_GATED = Text(
    zh="登记册 {code} 的每次变更须经审核员放行后发布。",
    en="what changes in {code} waits for an approver from now on.",
)
_OPEN = Text(
    zh="登记册 {code} 不再逐次审核；已拦截的仍待处理。",
    en="what changes in {code} is published unless the brake holds it; what is held stays so.",
)
_NO_DIVISION = Text(
    zh="{code} 不是有效的行政区划代码(GB/T 2260)；请用 --division 指定。",
    en="{code} is no division code (GB/T 2260) that is valid today; state one with --division.",
)


@click.group()
def register() -> None:
    """Create and look at registers."""


register.add_command(authority)


@register.command("add")
@click.argument("code")
@click.option("--name", required=True, help="Name that people see.")
@click.option("--level", type=click.Choice([str(each) for each in Level]), required=True)
@click.option("--division", help="Division code (GB/T 2260); the register's code where not given.")
@click.option("--owner", default="", help="Organisation that owns the register.")
@click.option("--manager", default="", help="Organisation that manages it.")
@json_option
@acting
@pass_session
def add(
    session: Session,
    code: str,
    name: str,
    level: str,
    division: str | None,
    owner: str,
    manager: str,
    as_json: bool,
) -> None:
    """Create an empty register.

    \b
    Example:
      mulu register add 360400 --name 九江市工程建设信息目录 --level municipal
    """
    now = session.clock()
    division = division or code
    if not divisions.is_valid(division, day_of(now)):
        raise Refused(_NO_DIVISION.format(code=division))
    brake = BrakeLimits(**msgspec.structs.asdict(session.settings.brake))
    made = registration.create_register(
        session.engines.write, code=code, name=name, level=Level(level), division=division,
        actor=session.actor, now=now, policy=Policy(brake=brake), owner=owner, manager=manager,
    )  # fmt: skip
    if as_json:
        print_json(_row(session, made))
    else:
        tell(session, _MADE.format(code=made.code))


@register.command("gate")
@click.argument("code")
@click.argument("state", type=click.Choice(("on", "off")))
@click.option("--reason", default="", help="Why.")
@json_option
@acting
@pass_session
def gate(session: Session, code: str, state: str, reason: str, as_json: bool) -> None:
    """Have every run that changes something wait for an approver before it is published, or no more.

    \b
    Example:
      mulu register gate 330100 on --reason "the bureau reviews each publication"
    """
    changed = policies.set_gate(
        session.engines.write, code, on=state == "on", actor=session.actor, now=session.clock(), reason=reason
    )
    if as_json:
        print_json(_row(session, changed))
    else:
        tell(session, (_GATED if changed.policy.gate else _OPEN).format(code=code))


@register.command("list")
@json_option
@reading
@pass_session
def list_registers(session: Session, as_json: bool) -> None:
    """List all registers, from the nation down.

    \b
    Example:
      mulu register list --json
    """
    with session.engines.read.connect() as connection:
        found = registers.listed(connection)
    print_listing(session, [_row(session, each) for each in found], _COLUMNS, as_json=as_json)


@register.command("show")
@click.argument("code")
@json_option
@reading
@pass_session
def show(session: Session, code: str, as_json: bool) -> None:
    """Show one register.

    \b
    Example:
      mulu register show 330000
    """
    with session.engines.read.connect() as connection:
        found = registers.get(connection, code)
        above = [each.description.register_code for each in sources.fed_by(connection, code)]
    print_card(session, {**_row(session, found), "feeds": above}, _LABELS, as_json=as_json)


def _row(session: Session, found: Register) -> dict[str, Any]:
    with session.engines.read.connect() as connection:
        count = len(sources.listed(connection, register_id=found.id, limit=100_000))
    return {
        "code": found.code,
        "name": found.name,
        "level": found.level,
        "division": found.division,
        "sources": count,
        "entries": found.entries,
        "last_sequence": found.mark,
        "published_at": found.published_at,
        "owner": found.owner,
        "manager": found.manager,
        "gate": found.policy.gate,
    }
