"""``mulu entry``: one entry of a register: as it stands, why so, and how it came about.

Texts that nobody may see (out of their publication period, or not to be shared) are withheld here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from registry.commands import entry_decisions
from registry.commands.output import (
    column,
    json_option,
    print_card,
    print_listing,
)
from registry.commands.session import Session, pass_session, reading
from registry.errors import NotFound
from registry.model.issue import Text
from registry.model.labels import visible_text
from registry.model.merge import Ranking, explain
from registry.model.register import Register
from registry.model.version import Version
from registry.model.visibility import Audience, day_of
from registry.outlets import selection
from registry.store import holdings, log, registers
from registry.store.engine import Connection

_LABELS = (
    column("identifier", "标识符", "identifier"),
    column("register", "登记册", "register"),
    column("sequence", "序号", "sequence"),
    column("datestamp", "发布时间", "published"),
    column("deleted", "已删除", "deleted"),
    column("withheld", "不可展示", "withheld"),
    column("stale", "其后的文本被拒绝", "stale: a later text was refused"),
    column("title", "名称", "title"),
    column("catalogue", "目录", "catalogue"),
    column("item", "类目", "item"),
    column("division", "行政区划", "division"),
    column("body", "发布机构", "publishing body"),
    column("sharing", "共享类型", "sharing"),
    column("open", "开放", "open"),
    column("published_from", "公开起", "shown from"),
    column("published_until", "公开止", "shown until"),
    column("updated_on", "元数据更新", "updated"),
    column("sets", "集合", "sets"),
    column("route", "来路", "route"),
)
_HISTORY = (
    column("sequence", "序号", "sequence", right=True),
    column("datestamp", "发布时间", "published"),
    column("deleted", "已删除", "deleted"),
    column("withheld", "不可展示", "withheld"),
    column("title", "名称", "title"),
    column("route", "来路", "route"),
)
_RANKING = (
    column("source", "来源", "source"),
    column("deleted", "已删除", "deleted"),
    column("stale", "其后被拒绝", "stale"),
    column("authority", "权威性", "authority", right=True),
    column("updated_on", "元数据更新", "updated"),
    column("received_at", "收到", "received"),
    column("digest", "摘要值", "digest"),
    column("route", "来路", "route"),
    column("reason", "原因", "reason"),
)
_NO_ENTRY = Text(
    zh="登记册 {register} 中没有条目 {identifier}。", en="the register {register} has no entry {identifier}."
)

_WITHHELD = Text(
    zh="该条目的内容不可展示(已删除、已过公开期限或不予共享)。",
    en="the text of this entry may not be shown (deleted, out of its publication period, or not shared).",
)


@click.group()
def entry() -> None:
    """Look at one entry of a register, and decide about it."""


for _command in entry_decisions.COMMANDS:
    entry.add_command(_command)


@entry.command("show")
@click.argument("register")
@click.argument("identifier")
@click.option("--at", "sequence", type=click.IntRange(0), help="As of this sequence (default: now).")
@click.option("--xml", "as_xml", is_flag=True, help="Print the document itself.")
@json_option
@reading
@pass_session
def show(
    session: Session, register: str, identifier: str, sequence: int | None, as_xml: bool, as_json: bool
) -> None:
    """Show an entry as it stands, or as it stood; *stale*: a later text was refused, this is the last good one.

    \b
    Example:
      mulu entry show 330000 oai:hangzhou.example:330100-P-00001 --xml
    """
    with session.engines.read.connect() as connection:
        found = registers.get(connection, register)
        mark = found.mark if sequence is None else min(sequence, found.mark)
        version = log.entry(connection, found.id, identifier, mark=mark)
        shown = _shown(session, connection, found, identifier)
        ranked = _ranked(connection, found, identifier)
    if version is None:
        raise _no_entry(found, identifier)
    if as_xml:
        if version.sequence not in shown:
            raise NotFound(_WITHHELD)
        click.echo(visible_text(version.content.decode()))
        return
    is_newest = sequence is None or not version.superseded_by
    row = {**_row(found, version, shown), "stale": bool(is_newest and ranked and ranked[0].record.stale)}
    print_card(session, row, _LABELS, as_json=as_json)


@entry.command("history")
@click.argument("register")
@click.argument("identifier")
@json_option
@reading
@pass_session
def history(session: Session, register: str, identifier: str, as_json: bool) -> None:
    """List the versions of an entry, newest first.

    \b
    Example:
      mulu entry history 330000 oai:hangzhou.example:330100-P-00001
    """
    with session.engines.read.connect() as connection:
        found = registers.get(connection, register)
        versions = log.history(connection, found.id, identifier, mark=found.mark)
        shown = _shown(session, connection, found, identifier)
    if not versions:
        raise _no_entry(found, identifier)
    rows = [_row(found, each, shown) for each in versions]
    print_listing(session, rows, _HISTORY, as_json=as_json)


@entry.command("explain")
@click.argument("register")
@click.argument("identifier")
@json_option
@reading
@pass_session
def why(session: Session, register: str, identifier: str, as_json: bool) -> None:
    """Say which source's record stands for an entry, and why the others do not.

    \b
    Example:
      mulu entry explain 330000 oai:hangzhou.example:330100-P-00001
    """
    with session.engines.read.connect() as connection:
        found = registers.get(connection, register)
        ranked = _ranked(connection, found, identifier)
    if not ranked:
        raise _no_entry(found, identifier)
    print_listing(session, [_ranking_row(each) for each in ranked], _RANKING, as_json=as_json)


def _ranked(connection: Connection, register: Register, identifier: str) -> Sequence[Ranking]:
    """What the sources of a register hold under an identifier, that which stands first."""
    held = holdings.candidates(connection, register.id, [identifier]).get(identifier, [])
    return explain([each.record for each in held], register.policy.authority)


def _no_entry(register: Register, identifier: str) -> NotFound:
    return NotFound(_NO_ENTRY.format(register=register.code, identifier=identifier))


def _shown(session: Session, connection: Connection, register: Register, identifier: str) -> set[int]:
    """The sequences of those versions of an entry whose text peers may see."""
    view = selection.View(Audience.PEER, day_of(session.clock()))
    listed = selection.history(connection, register.id, identifier, view, mark=register.mark)
    return {version.sequence for version, is_shown in listed if is_shown}


def _row(register: Register, version: Version, shown: set[int]) -> dict[str, Any]:
    """A version as ``--json`` tells it: without its text where nobody may see it."""
    row: dict[str, Any] = {
        "register": register.code,
        "identifier": version.identifier,
        "sequence": version.sequence,
        "datestamp": version.datestamp,
        "deleted": version.deleted,
        "withheld": not version.deleted and version.sequence not in shown,
        "sets": list(version.sets),
        "route": [hop.register or hop.base_url for hop in version.path],
    }
    facts = version.facts
    if facts is not None and version.sequence in shown:
        row |= {
            "title": facts.title,
            "catalogue": facts.catalogue,
            "item": facts.item,
            "division": facts.division,
            "body": facts.body,
            "sharing": facts.sharing,
            "open": facts.open,
            "published_from": facts.published_from,
            "published_until": facts.published_until,
            "updated_on": facts.updated_on,
        }
    return row


def _ranking_row(ranking: Ranking) -> dict[str, Any]:
    record = ranking.record
    return {
        "source": record.source_code,
        "deleted": record.deleted,
        "stale": record.stale,
        "authority": ranking.authority,
        "updated_on": ranking.updated_on,
        "received_at": record.received_at,
        "digest": record.digest.hex()[:16] if record.digest else "",
        "route": [hop.register or hop.base_url for hop in record.path],
        "reason": ranking.reason,
    }
