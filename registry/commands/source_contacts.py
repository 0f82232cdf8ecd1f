"""``mulu source contact``: whom to speak to about a source, and what was spoken."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import click

from registry.commands.output import column, json_option, print_card, print_json, print_listing, tell
from registry.commands.session import Session, acting, pass_session, reading
from registry.model.contact import Contact, ContactKind
from registry.model.issue import Text
from registry.services import contacts as service
from registry.store import contacts, sources

_COLUMNS = (
    column("at", "时间", "when"),
    column("account", "记录人", "who"),
    column("kind", "方式", "how"),
    column("text", "内容", "what"),
)
_PERSON = (
    column("name", "联络员", "contact person"),
    column("phone", "电话", "telephone"),
    column("email", "电子邮件", "e-mail"),
    column("body", "责任单位", "responsible body"),
)
_NOTED = Text(zh="已记录与来源 {code} 的联系。", en="noted the contact about {code}.")


@click.group()
def contact() -> None:
    """Whom to speak to about a source, and what was spoken."""


@contact.command("add")
@click.argument("code")
@click.argument("text")
@click.option(
    "--kind", type=click.Choice([str(each) for each in ContactKind]), default="call", show_default=True
)
@json_option
@acting
@pass_session
def add(session: Session, code: str, text: str, kind: str, as_json: bool) -> None:
    """Write a line into the contact log of a source.

    \b
    Example:
      mulu source contact add jiujiang "spoke to Wang Fang: the list comes back on Monday"
    """
    line = service.note(
        session.engines.write, code, ContactKind(kind), text, actor=session.actor, now=session.clock()
    )
    if as_json:
        print_json(_row(line))
    else:
        tell(session, _NOTED.format(code=code))


@contact.command("list")
@click.argument("code")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@reading
@pass_session
def list_contacts(session: Session, code: str, limit: int, as_json: bool) -> None:
    """Show the contact person of a source, and its contact log, newest first.

    \b
    Example:
      mulu source contact list jiujiang
    """
    with session.engines.read.connect() as connection:
        source = sources.get(connection, code)
        rows = [_row(each) for each in contacts.listed(connection, source.id, limit=limit)]
    if as_json:
        print_json({"person": asdict(source.contact), "log": rows})
        return
    print_card(session, asdict(source.contact), _PERSON, as_json=False)
    click.echo()
    print_listing(session, rows, _COLUMNS, as_json=False)


@contact.command("person")
@click.argument("code")
@click.option("--name", help="The contact person (联络员).")
@click.option("--phone", help="Telephone.")
@click.option("--email", help="E-mail address.")
@click.option("--body", help="The responsible body.")
@json_option
@acting
@pass_session
def person(session: Session, /, code: str, as_json: bool, **stated: str | None) -> None:
    """Say who answers for a source. It need not be approved again; an empty value ("") clears.

    \b
    Example:
      mulu source contact person jiujiang --name 王芳 --phone 0792-1234567 --body 九江市住房和城乡建设局
    """
    given = {name: value for name, value in stated.items() if value is not None}
    if not given:
        raise click.UsageError("name what is to change (--name, --phone, --email, --body)")
    with session.engines.read.connect() as connection:
        before = sources.get(connection, code).contact
    changed = service.set_person(
        session.engines.write, code, replace(before, **given), actor=session.actor, now=session.clock()
    )
    print_card(session, asdict(changed.contact), _PERSON, as_json=as_json)


def _row(line: Contact) -> dict[str, Any]:
    return {"id": line.id, "at": line.at, "account": line.account, "kind": line.kind, "text": line.text}
