"""Options that the verbs of ``mulu account`` share: where a role is held, which password, and what is told."""

from __future__ import annotations

import sys
from typing import Any

import click

from registry.commands.output import print_json, tell
from registry.commands.session import Session
from registry.errors import Refused
from registry.model.account import Account
from registry.model.external import subject_of
from registry.model.issue import Text
from registry.model.labels import label_of
from registry.model.role import Role
from registry.services import passwords
from registry.store import accounts

_PASSWORD = Text(zh="密码(仅显示一次):{password}", en="password (shown once): {password}")
_NO_PROVIDER = Text(
    zh="没有设置 oidc.issuer：请先在 mulu.toml 的 [oidc] 中设置统一身份认证。",
    en="oidc.issuer is not set: name the identity provider under [oidc] in mulu.toml first.",
)
_ASK = Text(zh="密码", en="Password")

ROLES = click.Choice([str(each) for each in Role])


def placing(command: Any) -> Any:
    """Where a role is held: one register and beneath, or everywhere."""
    register = click.option("--register", "register_code", help="On this register and everything beneath it.")
    everywhere = click.option(
        "--everywhere", is_flag=True, help="On every register, and the installation itself."
    )
    return register(everywhere(command))


def chosen_place(register_code: str | None, everywhere: bool) -> str | None:
    """The code of the register, None for everywhere; one of them must have been said."""
    if everywhere is (register_code is not None):
        raise click.UsageError("say where: --register CODE or --everywhere")
    return register_code


def with_password(command: Any) -> Any:
    """How a password is come by, where not on a terminal."""
    generate = click.option("--generate", is_flag=True, help="Make a password, print it once.")
    read = click.option("--password-stdin", is_flag=True, help="Read it from standard input (one line).")
    return generate(read(command))


def chosen_password(session: Session, name: str, *, generate: bool, password_stdin: bool) -> tuple[str, bool]:
    """The password of the account ``name``, and whether it was made here: asked for on a terminal, read, else made."""
    if generate and password_stdin:
        raise click.UsageError("one of --generate, --password-stdin")
    if password_stdin:
        wanted = sys.stdin.readline().rstrip("\r\n")
    elif generate or not sys.stdin.isatty():
        return passwords.generated(name), True
    else:
        wanted = click.prompt(session.say(_ASK), hide_input=True, confirmation_prompt=True, err=True)
    if not wanted:
        raise click.UsageError("no password was given")
    return wanted, False


def chosen_subject(session: Session, value: str) -> str:
    """Who is meant by what the identity provider calls them. Raises ``Refused`` where none is set."""
    issuer = session.settings.oidc.issuer
    if not issuer:
        raise Refused(_NO_PROVIDER)
    return subject_of(issuer, value)


def tell_account(session: Session, found: Account, sentence: Text, as_json: bool, password: str = "") -> None:
    """Say what was done; ``password``: one that was made here, which is shown this once."""
    if as_json:
        shown = {"password": password} if password else {}
        print_json({**rows_of(session, [found])[0], **shown})
        return
    tell(session, sentence.format(name=found.name))
    if password:
        tell(session, _PASSWORD.format(password=password))


def rows_of(session: Session, found: list[Account]) -> list[dict[str, Any]]:
    """Accounts as ``--json`` tells them."""
    with session.engines.read.connect() as connection:
        held = accounts.held(connection, [each.id for each in found])
    return [_row(session, each, held.get(each.id, [])) for each in found]


def _row(session: Session, found: Account, held: list[accounts.Held]) -> dict[str, Any]:
    return {
        "name": found.name,
        "full_name": found.full_name,
        "email": found.email,
        "language": found.language,
        "mails": found.mails,
        "subject": found.subject,
        "has_password": found.has_password,
        "must_change": found.must_change,
        "locked": found.locked,
        "created_at": found.created_at,
        "signed_in_at": found.signed_in_at,
        "roles": [
            {
                "role": each.grant.role, "register": each.register_code or None, "granted_by": each.granted_by,
                "granted_at": each.granted_at,
            }
            for each in held
        ],
        "told_roles": [f"{session.say(label_of(each.grant.role))}@{each.register_code or '*'}" for each in held],
    }  # fmt: skip
