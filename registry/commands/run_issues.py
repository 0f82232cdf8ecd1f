"""``mulu run issues``: what was wrong in a run, since when, and what has been mended."""

from __future__ import annotations

from typing import IO, Any

import click

from registry.commands.output import column, json_option, print_listing, remark
from registry.commands.session import Session, pass_session, reading
from registry.model.issue import Text
from registry.model.issue_life import IssueCounts, IssueState
from registry.outlets.issue_lines import issue_lines, write_issues
from registry.store import issue_ledgers, issue_life, runs
from registry.store.issues import FoundIssue

COUNTS = (
    column("code", "问题", "issue"),
    column("severity", "严重程度", "severity"),
    column("count", "数量", "count", right=True),
    column("new", "新出现", "new", right=True),
    column("known", "已知", "known", right=True),
    column("fixed", "已消除", "fixed", right=True),
    column("beyond", "只计数", "only counted", right=True),
)
"""The columns of :func:`count_row`."""

COLUMNS = (
    column("identifier", "标识符", "identifier"),
    column("place", "位置", "place"),
    column("code", "问题", "issue"),
    column("severity", "严重程度", "severity"),
    column("message", "说明", "message"),
    column("hint", "建议", "hint"),
)
"""The columns of :func:`issue_row`."""

_MORE = Text(zh="还有更多；用 --after {id} 接着看。", en="there are more; go on with --after {id}.")


_BEYOND = Text(
    zh="另有 {count} 个问题只计数，没有逐条保留；请先改正已列出的，再重新采集。",
    en="{count} more are only counted, and not listed; have those that are mended, and harvest again.",
)


def count_row(counts: IssueCounts) -> dict[str, Any]:
    """How many issues of a code a run found, and their life."""
    return {
        "code": counts.code,
        "severity": counts.severity,
        "count": counts.found,
        "new": counts.new,
        "known": counts.known,
        "fixed": counts.fixed,
        "beyond": counts.beyond,
    }


def issue_row(found: FoundIssue) -> dict[str, Any]:
    """One issue."""
    return {
        "identifier": found.identifier,
        "place": found.place,
        "code": found.issue.code,
        "severity": found.issue.severity,
        "path": found.issue.path,
        "line": found.issue.line,
        "message": found.issue.message,
        "hint": found.issue.hint,
        "raw_digest": found.raw_digest.hex(),
    }


@click.command("issues")
@click.argument("run_id", type=int)
@click.option("--code", default="", help="Only of this code.")
@click.option("--state", type=click.Choice([str(each) for each in IssueState]),
              help="Only these: new since the last complete list, known before, fixed in this run.")  # fmt: skip
@click.option("--after", type=click.IntRange(0), default=0, help="Behind the issue of this number.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--format", "form", type=click.Choice(("table", "csv", "xlsx")), default="table", show_default=True,
              help="csv, xlsx: all of them, for a spreadsheet.")  # fmt: skip
@click.option("-o", "--output", type=click.File("wb", lazy=True, atomic=True), default="-",
              help="File for csv and xlsx, there once it is whole (default: standard output).")  # fmt: skip
@json_option
@reading
@pass_session
def issues(
    session: Session, run_id: int, code: str, state: str | None, after: int, limit: int, form: str,
    output: IO[bytes], as_json: bool,
) -> None:  # fmt: skip
    """List what was wrong in a run.

    Compared with the last complete list of the source and what came since, an issue is new or known; what is fixed
    was found before and is not any more. Of each code a run keeps so many (harvest.run_issues), and counts the others.

    \b
    Examples:
      mulu run issues 17 --state new
      mulu run issues 17 --format xlsx -o issues.xlsx
    """
    chosen = IssueState(state) if state else None
    with session.engines.read.connect() as connection:
        runs.get(connection, run_id)
        found = issue_life.page(connection, run_id, chosen, code=code, after=after, limit=limit + 1)
        beyond = issue_ledgers.of_run(connection, run_id).beyond(code)
    if beyond:
        remark(session, _BEYOND.format(count=beyond))
    asked = (session.engines.read, run_id, chosen, code, session.language)
    if form == "xlsx" and not as_json:
        write_issues(*asked, output)
        return
    if form == "csv" and not as_json:
        for line in issue_lines(*asked):
            output.write(line.encode())
        return
    rows = [{"number": number, **issue_row(each)} for number, each in found[:limit]]
    print_listing(session, rows, COLUMNS, as_json=as_json)
    if len(found) > limit:
        remark(session, _MORE.format(id=found[limit - 1][0]))
