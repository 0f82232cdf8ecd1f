"""``mulu account``: who may act and read. The first administrator is made here."""

from __future__ import annotations

import click

from registry.commands.account_acts import COMMANDS
from registry.commands.account_options import (
    ROLES,
    chosen_password,
    chosen_place,
    chosen_subject,
    placing,
    rows_of,
    tell_account,
    with_password,
)
from registry.commands.output import column, json_option, print_card, print_listing
from registry.commands.session import Session, acting, pass_session, reading
from registry.model.issue import Text
from registry.model.role import Role
from registry.services import accounts as service
from registry.store import accounts, events

_COLUMNS = (
    column("name", "账号", "account"),
    column("full_name", "姓名", "full name"),
    column("told_roles", "角色", "roles"),
    column("locked", "锁定", "locked"),
    column("signed_in_at", "最近登录", "last sign-in"),
)
_LABELS = (
    *_COLUMNS,
    column("email", "电子邮件", "e-mail"),
    column("language", "语言", "language"),
    column("mails", "邮件通知", "mails"),
    column("has_password", "有密码", "has a password"),
    column("must_change", "须改密码", "must change it"),
    column("subject", "外部身份", "external identity"),
    column("created_at", "建立", "created"),
)
_EVENTS = (
    column("happened_at", "时间", "when"),
    column("actor", "操作人", "who"),
    column("action", "操作", "act"),
    column("reason", "理由", "reason"),
)
_MADE = Text(zh="已建立账号 {name}。", en="created the account {name}.")


@click.group()
def account() -> None:
    """Make accounts, grant roles, lock and unlock."""


@account.command("add")
@click.argument("name")
@click.option("--administrator", is_flag=True, help="As --role administrator --everywhere.")
@click.option("--role", type=ROLES, help="Its first role.")
@placing
@click.option("--full-name", default="", help="What people see.")
@click.option("--email", default="", help="Where notifications go.")
@click.option("--language", type=click.Choice(("zh", "en")), default="zh", show_default=True)
@click.option("--no-password", is_flag=True, help="None: for --as, keys, or an identity provider.")
@click.option("--subject", default="", help="What the identity provider calls it; then it has no password.")
@with_password
@json_option
@acting
@pass_session
def add(
    session: Session, /, name: str, administrator: bool, role: str | None, register_code: str | None,
    everywhere: bool, full_name: str, email: str, language: str, no_password: bool, subject: str,
    as_json: bool, **ways: bool,
) -> None:  # fmt: skip
    """Make an account. The password is asked for on a terminal, otherwise made and printed once.

    \b
    Examples:
      mulu account add wang.fang --administrator
      mulu account add li.na --role approver --register 330100 --email li.na@example.cn
      mulu account add zhao.min --role viewer --register 330100 --subject 8d1f0c2e
    """
    if administrator and (role or register_code or everywhere):
        raise click.UsageError("--administrator says already which role, and where")
    place = chosen_place(register_code, everywhere) if role else None
    chosen = Role.ADMINISTRATOR if administrator else Role(role) if role else None
    if subject and any(ways.values()):
        raise click.UsageError(
            "--subject makes an account without a password; `mulu account password` gives it one"
        )
    elsewhere = chosen_subject(session, subject) if subject else ""
    password, was_made = ("", False) if no_password or subject else chosen_password(session, name, **ways)
    made = service.add_account(
        session.engines.write,
        service.NewAccount(
            name, full_name, email, language, password, was_made or not administrator, elsewhere
        ),
        role=chosen, register_code=place, actor=session.actor, now=session.clock(),
    )  # fmt: skip
    tell_account(session, made, _MADE, as_json, password if was_made else "")


@account.command("list")
@json_option
@reading
@pass_session
def list_accounts(session: Session, as_json: bool) -> None:
    """List accounts and their roles.

    \b
    Example:
      mulu account list
    """
    with session.engines.read.connect() as connection:
        found = accounts.listed(connection)
    print_listing(session, rows_of(session, found), _COLUMNS, as_json=as_json)


@account.command("show")
@click.argument("name")
@json_option
@reading
@pass_session
def show(session: Session, name: str, as_json: bool) -> None:
    """Show one account, and what was done about it.

    \b
    Example:
      mulu account show li.na
    """
    with session.engines.read.connect() as connection:
        found = accounts.get(connection, name)
        acts = events.of_subject(connection, f"account:{name}")
    told = [
        {"happened_at": moment, "actor": act.actor.name, "action": act.action, "reason": act.reason}
        for moment, act in acts
    ]
    print_card(session, {**rows_of(session, [found])[0], "events": told}, _LABELS, as_json=as_json)
    if not as_json:
        click.echo()
        print_listing(session, told, _EVENTS, as_json=False)


for _verb in COMMANDS:
    account.add_command(_verb)
