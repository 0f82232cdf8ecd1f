"""``mulu validate``: what a harvest would say about files, before anybody harvests them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click
import msgspec

from harvester.commands.bridge import tabulator
from harvester.commands.checking import Checked, FileChecker
from harvester.deliver.delivery import KindRefused
from harvester.sandbox import Sandboxes, SandboxLimits
from harvester.tables.sheets import TableRefused
from registry.commands import exits
from registry.commands.output import column, json_option, print_json, print_listing, remark, tell
from registry.commands.session import Session, pass_session, reading
from registry.formats import FORMATS
from registry.model.issue import Text
from registry.model.source import SourceScope
from registry.model.visibility import day_of
from registry.store import sources

_COLUMNS = (
    column("place", "位置", "place"),
    column("identifier", "标识符", "identifier"),
    column("severity", "严重程度", "severity"),
    column("code", "问题", "issue"),
    column("message", "说明", "message"),
    column("hint", "建议", "hint"),
)
_SUMMARY = Text(
    zh="{file}：{received} 条({prefix})，{refused} 条不合格。",
    en="{file}: {received} records ({prefix}), {refused} of them refused.",
)
_NONE = Text(zh="{file}：没有可读的记录。", en="{file}: no record that can be read.")
_PREFIXES = sorted(prefix for prefix, each in FORMATS.items() if each.read)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...",
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option("--prefix", type=click.Choice(_PREFIXES), help="Metadata format (default: found out).")
@click.option("--source", "source_code", help="Check as if they came from this source: namespace and scope.")
@click.option("--namespace", default="validate.example", help="Mints identifiers where there are none.")
@json_option
@reading
@pass_session
def validate(
    session: Session,
    files: tuple[Path, ...],
    prefix: str | None,
    source_code: str | None,
    namespace: str,
    as_json: bool,
) -> None:
    """Check XML, CSV and XLSX files by the rules of a harvest. Nothing is stored.

    Exit code 3 where a record would be refused.

    \b
    Examples:
      mulu validate xmjbxx.xml
      mulu validate --source jiujiang list.csv --json
    """
    scope = SourceScope()
    if source_code:
        with session.engines.read.connect() as connection:
            described = sources.get(connection, source_code).description
        scope, namespace = described.scope, described.namespace or namespace
        prefix = prefix or described.metadata_prefix
    limits = SandboxLimits(**msgspec.structs.asdict(session.settings.child))
    with Sandboxes(1, limits) as reader, tempfile.TemporaryDirectory(prefix="mulu-") as scratch:
        checker = FileChecker(
            reader, Path(scratch), day_of(session.clock()), namespace, scope, tabulator(session), prefix or ""
        )
        try:
            found = [checker.check(file) for file in files]
        except (KindRefused, TableRefused) as refused:
            remark(session, refused.text)
            click.get_current_context().exit(exits.INVALID)
    _print(session, found, as_json=as_json)
    if any(each.has_errors for each in found):
        click.get_current_context().exit(exits.INVALID)


def _print(session: Session, found: list[Checked], *, as_json: bool) -> None:
    if as_json:
        print_json({"files": [_told(each) for each in found]})
        return
    for each in found:
        summary = _SUMMARY if each.received else _NONE
        tell(
            session,
            summary.format(file=each.file, received=each.received, prefix=each.prefix, refused=each.refused),
        )
        if each.issues:
            print_listing(session, _told(each)["issues"], _COLUMNS, as_json=False)


def _told(checked: Checked) -> dict[str, Any]:
    return {
        "file": checked.file,
        "prefix": checked.prefix,
        "received": checked.received,
        "accepted": checked.received - checked.refused,
        "refused": checked.refused,
        "issues": [
            {
                "identifier": identifier,
                "place": place,
                "code": issue.code,
                "severity": issue.severity,
                "path": issue.path,
                "line": issue.line,
                "message": issue.message,
                "hint": issue.hint,
            }
            for identifier, place, issue in checked.issues
        ],
    }
