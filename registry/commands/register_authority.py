"""``mulu register authority``: which sources speak with authority in a register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import click

from registry.commands.output import column, json_option, print_json, print_listing, tell
from registry.commands.session import Session, acting, pass_session, reading
from registry.commands.upward import carry_upward
from registry.model.issue import Text
from registry.model.merge import AuthorityRule
from registry.model.register import Register
from registry.services import admission, policies
from registry.store import registers

Command = TypeVar("Command", bound=Callable[..., Any])

_COLUMNS = (
    column("source_code", "来源", "source"),
    column("division", "行政区划", "division"),
    column("category", "类别", "category"),
    column("body", "发布单位", "publishing body"),
)
_FOLLOWED = Text(
    zh="登记册 {register} 的权威规则现有 {count} 条；现有条目已随之更新。",
    en="{register} has {count} rules of authority now; the standing entries follow them.",
)
_WAITS = Text(
    zh="登记册 {register} 的权威规则现有 {count} 条；现有条目待入册时更新。",
    en="{register} has {count} rules of authority now; the standing entries follow when it is settled next.",
)


@click.group()
def authority() -> None:
    """Who speaks with authority: before the newer records of a register's other sources."""


def _stating(command: Command) -> Command:
    for option in (
        click.option("--reason", default="", help="Why (needed)."),
        click.option("--body", default="", help="Only for what this body publishes."),
        click.option(
            "--category", default="", help="Only for project, credit, or an item (credit:6.2) and below."
        ),
        click.option(
            "--division", default="", help="Only for this division (GB/T 2260) and what lies below."
        ),
        click.option("--source", "source_code", required=True, help="The source that has the authority."),
        click.argument("register_code", metavar="REGISTER"),
    ):
        command = option(command)
    return command


@authority.command("add")
@_stating
@json_option
@acting
@pass_session
def add(session: Session, /, register_code: str, reason: str, as_json: bool, **rule: str) -> None:
    """Let a source speak with authority; the standing entries follow.

    \b
    Example:
      mulu register authority add 330000 --source hangzhou --division 330100 --reason "its own projects"
    """
    admission.check_divisions(filter(None, [rule["division"]]))
    admission.check_categories(filter(None, [rule["category"]]))
    changed = policies.add_authority(
        session.engines.write, register_code, AuthorityRule(**rule), actor=session.actor, now=session.clock(),
        reason=reason,
    )  # fmt: skip
    _follow(session, changed, as_json)


@authority.command("remove")
@_stating
@json_option
@acting
@pass_session
def remove(session: Session, /, register_code: str, reason: str, as_json: bool, **rule: str) -> None:
    """Take a rule back, as it was stated; the standing entries follow.

    \b
    Example:
      mulu register authority remove 330000 --source hangzhou --division 330100 --reason "shared from now on"
    """
    changed = policies.remove_authority(
        session.engines.write, register_code, AuthorityRule(**rule), actor=session.actor, now=session.clock(),
        reason=reason,
    )  # fmt: skip
    _follow(session, changed, as_json)


@authority.command("list")
@click.argument("register_code", metavar="REGISTER")
@json_option
@reading
@pass_session
def list_rules(session: Session, register_code: str, as_json: bool) -> None:
    """List the rules of a register; an empty field means any.

    \b
    Example:
      mulu register authority list 330000
    """
    with session.engines.read.connect() as connection:
        found = registers.get(connection, register_code)
    print_listing(session, _rows(found), _COLUMNS, as_json=as_json)


def _rows(register: Register) -> list[dict[str, Any]]:
    return [asdict(rule) for rule in register.policy.authority.rules]


def _follow(session: Session, changed: Register, as_json: bool) -> None:
    """Have the entries follow at once, in the registers above too."""
    carry_upward(session, changed.id)
    with session.engines.read.connect() as connection:
        now = registers.get(connection, changed.code)
    if as_json:
        print_json(_rows(now))
        return
    told = _WAITS if now.policy.to_follow else _FOLLOWED
    tell(session, told.format(register=now.code, count=len(_rows(now))))
