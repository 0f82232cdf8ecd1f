"""``mulu db``: the shape of the store, and copies of it."""

from __future__ import annotations

from pathlib import Path

import click

from config.secrets import without_password
from registry.commands import exits
from registry.commands.output import json_option, print_json, tell
from registry.commands.session import Session, pass_session, reading
from registry.model.issue import Text

_UPGRADED = Text(zh="已执行 {count} 个迁移：{names}。", en="applied {count} migrations: {names}.")
_CURRENT = Text(zh="目录库已是最新。", en="the store has the newest shape already.")
_AS_DECLARED = Text(zh="目录库与程序一致。", en="the store is what this program expects.")
_COPIED = Text(zh="已备份到 {file}({size} 字节)。", en="copied the store to {file} ({size} bytes).")


@click.group()
def db() -> None:
    """Upgrade, check and copy the store."""


@db.command("upgrade")
@reading
@pass_session
def upgrade_store(session: Session) -> None:
    """Bring the store to the shape that this version needs, in one transaction.

    \b
    Example:
      mulu db upgrade
    """
    from registry.store import upgrade  # loads Alembic: half a second

    applied = upgrade.upgrade(session.engines.write)
    tell(session, _UPGRADED.format(count=len(applied), names=", ".join(applied)) if applied else _CURRENT)


@db.command("check")
@json_option
@reading
@pass_session
def check_store(session: Session, as_json: bool) -> None:
    """Say how the store differs from what this version expects; exit code 1 where it does.

    \b
    Example:
      mulu db check
    """
    from registry.store import upgrade

    differences = upgrade.check(session.engines.read)
    if as_json:
        print_json({"store": without_password(session.settings.database_url), "differences": differences})
    elif differences:
        click.echo("\n".join(differences))
    else:
        tell(session, _AS_DECLARED)
    if differences:
        click.get_current_context().exit(exits.FAILED)


@db.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@reading
@pass_session
def backup_store(session: Session, file: Path) -> None:
    """Copy the store into FILE while it is in use: an SQLite file, or a dump by pg_dump.

    \b
    Example:
      mulu db backup /backup/mulu-2026-07-01.sqlite3
    """
    from registry.store import backup

    backup.backup(session.engines.read, file, session.keyring.environ)
    tell(session, _COPIED.format(file=file, size=file.stat().st_size))
