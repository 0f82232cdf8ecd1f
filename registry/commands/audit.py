"""``mulu audit``: the book of acts. ``mulu verify --audit`` examines it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from registry.commands.output import column, json_option, print_card, print_json, print_listing, tell
from registry.commands.session import Session, pass_session, reading
from registry.model.issue import Text
from registry.outlets import book
from registry.services import sealing
from registry.services.signing import SigningKey
from registry.store import events, seals

_COLUMNS = (
    column("id", "编号", "event", right=True),
    column("happened_at", "时间", "when"),
    column("actor", "操作人", "who"),
    column("action", "操作", "act"),
    column("subject", "对象", "on"),
    column("reason", "理由", "reason"),
)
_LABELS = (
    *_COLUMNS,
    column("address", "来自", "from"),
    column("before", "此前", "before"),
    column("after", "此后", "after"),
    column("seal", "封印", "seal"),
)
_SEALED = Text(zh="已封印 {count} 个事件。", en="sealed {count} events.")


@click.group()
def audit() -> None:
    """Read, export and seal the book of acts."""


def _filtering(command: Callable[..., Any]) -> Callable[..., Any]:
    moment = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"))
    for option in (
        click.option("--until", type=moment, help="Before this moment (UTC)."),
        click.option("--since", type=moment, help="From this moment on (UTC)."),
        click.option("--action", default="", help="Only this act, such as approve."),
        click.option("--actor", default="", help="Only acts of this account, or cli:<user>."),
        click.option(
            "--subject", default="", help="Only about this, such as source:hangzhou; source: for all."
        ),
    ):
        command = option(command)
    return command


def _filter(
    subject: str, actor: str, action: str, since: datetime | None, until: datetime | None
) -> events.Filter:
    first, last = (each and each.replace(tzinfo=UTC) for each in (since, until))
    return events.Filter(subject, actor, action, first, last)


@audit.command("list")
@_filtering
@click.option("--before", type=int, default=0, help="Go on behind the event with this number.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@reading
@pass_session
def list_events(session: Session, /, before: int, limit: int, as_json: bool, **wanted: Any) -> None:
    """List acts, newest first.

    \b
    Examples:
      mulu audit list --actor li.na --since 2026-07-01
      mulu audit list --subject source:hangzhou
    """
    with session.engines.read.connect() as connection:
        found = events.listed(connection, _filter(**wanted), before=before, limit=limit)
    print_listing(session, [book.row_of(each) for each in found], _COLUMNS, as_json=as_json)


@audit.command("show")
@click.argument("event_id", type=int)
@json_option
@reading
@pass_session
def show(session: Session, event_id: int, as_json: bool) -> None:
    """Show one act, with what was before and after, and its seal.

    \b
    Example:
      mulu audit show 17
    """
    with session.engines.read.connect() as connection:
        found = events.get(connection, event_id)
        seal = seals.seal_of(connection, event_id)
    row = {**book.row_of(found), "seal": None if seal is None else f"{seal.number} {seal.digest.hex()}"}
    print_card(session, row, _LABELS, as_json=as_json)


@audit.command("export")
@_filtering
@click.option("--format", "form", type=click.Choice(("csv", "json")), default="csv", show_default=True)
@reading
@pass_session
def export(session: Session, /, form: str, **wanted: Any) -> None:
    """Print acts, oldest first: as CSV, or as JSON lines.

    \b
    Example:
      mulu audit export --since 2026-01-01 > acts-2026.csv
    """
    with session.engines.read.connect() as connection:
        acts = events.exported(connection, _filter(**wanted))
        for line in book.json_lines(acts) if form == "json" else book.csv_lines(acts):
            click.echo(line, nl=False)


@audit.command("seal")
@json_option
@reading
@pass_session
def seal(session: Session, as_json: bool) -> None:
    """Seal what waits. `mulu serve` does so every second; this is for installations where it does not run.

    \b
    Example:
      mulu audit seal
    """
    signer = signing_key(session)
    count = sealing.seal_all(session.engines.write, signer, holder="audit-seal", clock=session.clock)
    if as_json:
        print_json({"sealed": count})
    else:
        tell(session, _SEALED.format(count=count))


@audit.command("head")
@json_option
@reading
@pass_session
def head(session: Session, as_json: bool) -> None:
    """Print the head of the book: keep it elsewhere, and a book that is cut off at its end will be found.

    \b
    Example:
      mulu audit head > /mnt/elsewhere/mulu-head-2026-07-01.txt
    """
    key = signing_key(session).key
    with session.engines.read.connect() as connection:
        exported = sealing.exported_head(connection, key, session.clock())
    if as_json:
        row = {"number": exported.head.number, "digest": exported.head.digest, "key": key, "at": exported.at}
        print_json(row)
    else:
        click.echo(exported.text(), nl=False)


def signing_key(session: Session) -> SigningKey:
    """The key that seals are signed with. Raises ``config.secrets.SecretError``."""
    return SigningKey(session.keyring.key(session.settings.secrets.audit_key))
