"""``mulu entry pin``, ``unpin`` and ``erase``: what people decide about one entry."""

from __future__ import annotations

import sys

import click

from registry.commands import exits
from registry.commands.output import remark, tell
from registry.commands.session import Session, acting, pass_session
from registry.commands.upward import carry_upward
from registry.model.issue import Text
from registry.services import erasing, pinning
from registry.store import erasures, registers

_PINNED = Text(
    zh="条目 {identifier} 已指定采用来源 {source} 的记录。",
    en="the record of {source} stands for {identifier} from now on.",
)
_UNPINNED = Text(zh="条目 {identifier} 不再指定来源。", en="{identifier} is pinned no more.")
_EXTENT = Text(
    zh="抹除 {identifier}：从 {registers} 个登记册删除 {versions} 个版本的内容、{documents} 份文档、{raw} 份原始数据。",
    en="erasing {identifier} removes the content of {versions} versions, {documents} documents and {raw} raw records"
    " from {registers} registers.",
)
_BACKUPS = Text(
    zh="此前的备份仍含有这些内容，请另行处理。",
    en="backups that were made before still hold it; see to them.",
)
_ASKED = Text(
    zh="已申请抹除；须由另一人确认：mulu entry erase {register} {identifier} --confirm --as 账号。",
    en="the erasure is asked for; another person confirms it: "
    "`mulu entry erase {register} {identifier} --confirm --as ACCOUNT`.",
)
_ERASED = Text(zh="{identifier} 的内容已抹除。", en="the content of {identifier} is erased.")
_WITHDRAWN = Text(zh="抹除申请已撤回。", en="the request is taken back.")
_ASK = Text(zh="确定抹除吗？此操作无法恢复", en="erase it? This cannot be undone")
_LEFT = Text(zh="未作更改。", en="nothing was changed.")


@click.command("pin")
@click.argument("register")
@click.argument("identifier")
@click.option("--source", "source_code", required=True, help="The source whose record is to stand.")
@click.option("--reason", default="", help="Why (needed).")
@acting
@pass_session
def pin(session: Session, register: str, identifier: str, source_code: str, reason: str) -> None:
    """Let a source's record stand for an entry, whatever the others hold.

    \b
    Example:
      mulu entry pin 330000 oai:hangzhou.example:330100-P-00001 --source hangzhou --reason "agreed on 5 May"
    """
    pinning.pin(
        session.engines.write, register, identifier, source_code, actor=session.actor, now=session.clock(),
        reason=reason,
    )  # fmt: skip
    _carry(session, register)
    tell(session, _PINNED.format(identifier=identifier, source=source_code))


@click.command("unpin")
@click.argument("register")
@click.argument("identifier")
@click.option("--reason", default="", help="Why (needed).")
@acting
@pass_session
def unpin(session: Session, register: str, identifier: str, reason: str) -> None:
    """Take a pin out: authority, date and digest decide again.

    \b
    Example:
      mulu entry unpin 330000 oai:hangzhou.example:330100-P-00001 --reason "mended at its source"
    """
    engine = session.engines.write
    pinning.unpin(engine, register, identifier, actor=session.actor, now=session.clock(), reason=reason)
    _carry(session, register)
    tell(session, _UNPINNED.format(identifier=identifier))


def _carry(session: Session, register_code: str) -> None:
    with session.engines.read.connect() as connection:
        register_id = registers.get(connection, register_code).id
    carry_upward(session, register_id)


@click.command("erase")
@click.argument("register")
@click.argument("identifier")
@click.option("--reason", default="", help="Why (needed to ask).")
@click.option("--confirm", "step", flag_value="confirm", help="Erase what another person asked for.")
@click.option("--withdraw", "step", flag_value="withdraw", help="Take a request back.")
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@acting
@pass_session
def erase(session: Session, register: str, identifier: str, reason: str, step: str | None, yes: bool) -> None:
    """Erase what is known under an identifier, in every register: one person asks, another one confirms.

    \b
    Examples:
      mulu entry erase 330000 oai:hangzhou.example:330100-P-00001 --reason "court order 12" --as wang.fang
      mulu entry erase 330000 oai:hangzhou.example:330100-P-00001 --confirm --as zhao.min
    """
    engine, actor = session.engines.write, session.actor
    with session.engines.read.connect() as connection:
        registers.get(connection, register)
        if step is not None:
            erasures.standing(connection, identifier)
        told = erasing.extent(connection, identifier)
    if step == "withdraw":
        erasing.withdraw(engine, identifier, actor=actor, now=session.clock(), reason=reason)
        tell(session, _WITHDRAWN)
        return
    counts = {"versions": told.versions, "documents": told.documents, "raw": told.raw}
    sentence = _EXTENT.format(identifier=identifier, registers=len(told.registers), **counts)
    if step is None:
        erasing.ask(engine, register, identifier, actor=actor, now=session.clock(), reason=reason)
        remark(session, sentence)
        tell(session, _ASKED.format(register=register, identifier=identifier))
        return
    remark(session, sentence)
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("this cannot be undone: say --yes")
    if not yes and not click.confirm(session.say(_ASK), err=True):
        remark(session, _LEFT)
        click.get_current_context().exit(exits.FAILED)
    for register_id in erasing.confirm(engine, identifier, actor=actor, now=session.clock()):
        carry_upward(session, register_id)
    tell(session, _ERASED.format(identifier=identifier))
    remark(session, _BACKUPS)


COMMANDS = (pin, unpin, erase)
"""What ``mulu entry`` offers besides looking."""
