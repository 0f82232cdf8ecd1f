"""``mulu key``: API keys, which programs and systems downstream come with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from registry.commands.output import column, json_option, print_json, print_listing, tell
from registry.commands.session import Session, acting, pass_session, reading
from registry.model.issue import Text
from registry.model.role import Permission
from registry.services import keys
from registry.store import accounts, api_keys
from registry.store.api_keys import ApiKey

_COLUMNS = (
    column("id", "编号", "key", right=True),
    column("account", "账号", "account"),
    column("label", "用途", "label"),
    column("permissions", "权限", "permissions"),
    column("register", "登记册", "register"),
    column("expires_at", "到期", "expires"),
    column("used_at", "最近使用", "last used"),
    column("revoked_at", "撤销", "revoked"),
)
_ISSUED = Text(
    zh="密钥 {id}(仅显示一次):{secret}\n请求时附上：Authorization: Bearer {secret}",
    en="key {id} (shown once): {secret}\nsend it along as: Authorization: Bearer {secret}",
)
_REVOKED = Text(zh="密钥 {id} 已撤销。", en="revoked the key {id}.")


@click.group()
def key() -> None:
    """Issue, list and revoke API keys."""


@key.command("issue")
@click.argument("account")
@click.option("--label", required=True, help="What it is for.")
@click.option(
    "--permission",
    "permissions",
    type=click.Choice([str(each) for each in Permission]),
    multiple=True,
    default=(str(Permission.READ_ENTRIES),),
    show_default=True,
    help="What it is for; several may be given. The account must have them too.",
)
@click.option("--register", "register_code", help="Only on this register and beneath it.")
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="How long it lasts.")
@json_option
@acting
@pass_session
def issue(
    session: Session, account: str, label: str, permissions: tuple[str, ...], register_code: str | None,
    days: int, as_json: bool,
) -> None:  # fmt: skip
    """Issue a key for an account; it is shown once.

    With entries.read it makes a system downstream a peer: OAI-PMH shows it what is shared on conditions.

    \b
    Example:
      mulu account add hangzhou-bureau --role viewer --register 330100 --no-password
      mulu key issue hangzhou-bureau --label "harvester of the bureau" --register 330100
    """
    issued = keys.issue(
        session.engines.write,
        account,
        label=label,
        permissions=[Permission(each) for each in permissions],
        register_code=register_code,
        lasting=timedelta(days=days),
        longest=timedelta(days=session.settings.session.key_days),
        actor=session.actor,
        now=session.clock(),
    )
    if as_json:
        print_json({**_row(issued.key), "secret": issued.secret})
    else:
        tell(session, _ISSUED.format(id=issued.key.id, secret=issued.secret))


@key.command("list")
@click.option("--account", "name", help="Only those of this account.")
@json_option
@reading
@pass_session
def list_keys(session: Session, name: str | None, as_json: bool) -> None:
    """List keys, newest first; never their secrets.

    \b
    Example:
      mulu key list --account hangzhou-bureau
    """
    with session.engines.read.connect() as connection:
        found = api_keys.listed(connection, accounts.get(connection, name).id if name else None)
    print_listing(session, [_row(each) for each in found], _COLUMNS, as_json=as_json)


@key.command("revoke")
@click.argument("key_id", type=int)
@click.option("--reason", default="", help="Why.")
@json_option
@acting
@pass_session
def revoke(session: Session, key_id: int, reason: str, as_json: bool) -> None:
    """Revoke a key: it opens nothing from now on.

    \b
    Example:
      mulu key revoke 3 --reason "the bureau has a new system"
    """
    revoked = keys.revoke(
        session.engines.write, key_id, actor=session.actor, now=session.clock(), reason=reason
    )
    if as_json:
        print_json(_row(revoked))
    else:
        tell(session, _REVOKED.format(id=key_id))


def _row(found: ApiKey) -> dict[str, Any]:
    return {
        "id": found.id,
        "account": found.account,
        "label": found.label,
        "permissions": sorted(found.limits.permissions),
        "register": found.register_code or None,
        "issued_by": found.issued_by,
        "created_at": found.created_at,
        "expires_at": found.expires_at,
        "used_at": found.used_at,
        "revoked_at": found.revoked_at,
    }
