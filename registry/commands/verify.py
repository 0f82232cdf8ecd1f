"""``mulu verify``: check the invariants of the whole store, or examine the book of acts."""

from __future__ import annotations

from pathlib import Path

import click

from registry.commands import exits
from registry.commands.audit import signing_key
from registry.commands.output import column, json_option, print_json, print_listing, remark
from registry.commands.session import Session, pass_session, reading
from registry.errors import Refused
from registry.model.issue import Text
from registry.services import sealing
from registry.services.signing import TrustedKeys
from registry.store import verification

_COLUMNS = (
    column("text", "不变量", "invariant"),
    column("checked", "检查数", "checked", right=True),
    column("broken", "不符", "broken", right=True),
    column("examples", "例", "such as"),
)
_BREACHES = (
    column("breach", "问题", "breach"),
    column("seal", "封印", "seal", right=True),
    column("event", "事件", "event", right=True),
)
_WHOLE = Text(
    zh="审计链完整：{sealed} 个事件已封印并核对，{unsealed} 个待封印。",
    en="the book is whole: {sealed} events are sealed and were checked, {unsealed} have no seal yet.",
)
_BROKEN = Text(
    zh="审计链有 {count} 处不符({sealed} 个封印，{unsealed} 个事件待封印)。",
    en="the book has {count} breaches ({sealed} seals, {unsealed} events have none yet).",
)
_NO_KEY = Text(zh="{key} 不是公钥(64 位十六进制数)。", en="{key} is no public key (64 hexadecimal digits).")


@click.command()
@click.option("--audit", is_flag=True, help="Examine the book of acts instead: its seals, one by one.")
@click.option(
    "--head",
    "heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="With --audit: a head that was kept elsewhere (`mulu audit head`); several may be given.",
)
@click.option("--key", "keys", multiple=True, help="With --audit: another public key that is trusted.")
@json_option
@reading
@pass_session
def verify(
    session: Session, audit: bool, heads: tuple[Path, ...], keys: tuple[str, ...], as_json: bool
) -> None:
    """Check the invariants of the whole store; exit code 1 where one is broken.

    \b
    Examples:
      mulu verify --json
      mulu verify --audit --head /mnt/elsewhere/mulu-head-2026-07-01.txt
    """
    if audit:
        _examine(session, heads, keys, as_json)
        return
    if heads or keys:
        raise click.UsageError("--head and --key go with --audit")
    with session.engines.read.connect() as connection:
        findings = list(verification.verify(connection))
    rows = [{**each._asdict(), "examples": list(each.examples)} for each in findings]
    print_listing(session, rows, _COLUMNS, as_json=as_json)
    if any(each.broken for each in findings):
        click.get_current_context().exit(exits.FAILED)


def _examine(session: Session, heads: tuple[Path, ...], keys: tuple[str, ...], as_json: bool) -> None:
    kept = [sealing.read_head(each).head for each in heads]
    prover = _trusted((signing_key(session).key, *keys))
    with session.engines.read.connect() as connection:
        found = sealing.examine(connection, prover, kept)
    rows = [{"breach": each.breach, "seal": each.number, "event": each.event_id} for each in found.findings]
    if as_json:
        print_json(
            {
                "sealed": found.sealed, "unsealed": found.unsealed, "oldest_unsealed": found.oldest_unsealed,
                "breaches": rows,
            }
        )  # fmt: skip
    elif rows:
        print_listing(session, rows, _BREACHES, as_json=False)
    told = {"sealed": found.sealed, "unsealed": found.unsealed, "count": len(rows)}
    remark(session, (_BROKEN if rows else _WHOLE).format(**told))
    if rows:
        click.get_current_context().exit(exits.FAILED)


def _trusted(keys: tuple[str, ...]) -> TrustedKeys:
    for key in keys:
        try:
            TrustedKeys([key])
        except ValueError as failure:
            raise Refused(_NO_KEY.format(key=key)) from failure
    return TrustedKeys(keys)
