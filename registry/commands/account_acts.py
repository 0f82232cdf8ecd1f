"""``mulu account``: the verbs that change an account that is there."""

from __future__ import annotations

from typing import Any

import click

from registry.commands.account_options import (
    ROLES,
    chosen_password,
    chosen_place,
    chosen_subject,
    placing,
    tell_account,
    with_password,
)
from registry.commands.output import json_option
from registry.commands.session import Session, acting, pass_session
from registry.model.issue import Text
from registry.model.role import Role
from registry.services import accounts as service

_DONE = Text(zh="账号 {name} 已更改。", en="changed the account {name}.")


def _roles(verb: str, sentence: str, example: str) -> click.Command:
    """``grant`` and ``revoke``."""

    @click.argument("name")
    @click.argument("role", type=ROLES)
    @placing
    @click.option("--reason", default="", help="Why.")
    @json_option
    @acting
    @pass_session
    def change(
        session: Session, name: str, role: str, register_code: str | None, everywhere: bool, reason: str,
        as_json: bool,
    ) -> None:  # fmt: skip
        act = service.grant if verb == "grant" else service.revoke
        found = act(
            session.engines.write, name, Role(role), chosen_place(register_code, everywhere),
            actor=session.actor, now=session.clock(), reason=reason,
        )  # fmt: skip
        tell_account(session, found, _DONE, as_json)

    return _command(verb, sentence, example, change)


def _switch(verb: str, sentence: str) -> click.Command:
    """``lock`` and ``unlock``."""

    @click.argument("name")
    @click.option("--reason", default="", help="Why.")
    @json_option
    @acting
    @pass_session
    def switch(session: Session, name: str, reason: str, as_json: bool) -> None:
        found = service.set_locked(
            session.engines.write, name, locked=verb == "lock", actor=session.actor, now=session.clock(),
            reason=reason,
        )  # fmt: skip
        tell_account(session, found, _DONE, as_json)

    return _command(verb, sentence, "li.na", switch)


def _command(verb: str, sentence: str, example: str, function: Any) -> click.Command:
    text = f"{sentence}\n\n\b\nExample:\n  mulu account {verb} {example}"
    return click.command(verb, help=text)(function)


@click.command("password")
@click.argument("name")
@with_password
@json_option
@acting
@pass_session
def password(session: Session, /, name: str, as_json: bool, **ways: bool) -> None:
    """Give an account another password, to be changed at its next sign-in; its sessions end.

    \b
    Example:
      mulu account password li.na --generate
    """
    wanted, was_made = chosen_password(session, name, **ways)
    found = service.reset_password(
        session.engines.write, name, wanted, actor=session.actor, now=session.clock()
    )
    tell_account(session, found, _DONE, as_json, wanted if was_made else "")


@click.command("link")
@click.argument("name")
@click.argument("subject")
@click.option("--no-password", is_flag=True, help="Take the password away as well.")
@click.option("--reason", default="", help="Why.")
@json_option
@acting
@pass_session
def link(
    session: Session, name: str, subject: str, no_password: bool, reason: str, as_json: bool
) -> None:  # fmt: skip
    """Say what the identity provider ([oidc]) calls the holder of an account; its sessions end.

    A password that it was given and has not changed counts no more.

    \b
    Example:
      mulu account link li.na 8d1f0c2e
    """
    found = service.set_subject(
        session.engines.write, name, chosen_subject(session, subject), drop_password=no_password,
        actor=session.actor, now=session.clock(), reason=reason,
    )  # fmt: skip
    tell_account(session, found, _DONE, as_json)


@click.command("unlink")
@click.argument("name")
@click.option("--reason", default="", help="Why.")
@json_option
@acting
@pass_session
def unlink(session: Session, name: str, reason: str, as_json: bool) -> None:
    """Have the identity provider sign an account in no more; its sessions end.

    \b
    Example:
      mulu account unlink li.na --reason "another number"
    """
    found = service.set_subject(
        session.engines.write, name, "", actor=session.actor, now=session.clock(), reason=reason
    )
    tell_account(session, found, _DONE, as_json)


COMMANDS = (
    _roles("grant", "Give a role.", "li.na approver --register 330100"),
    _roles(
        "revoke",
        "Take a role. It counts no more from now on.",
        'li.na approver --register 330100 --reason "moved to another office"',
    ),
    _switch("lock", "Lock an account: its sessions end, its roles and keys count no more."),
    _switch("unlock", "Let an account be used again."),
    password,
    link,
    unlink,
)
