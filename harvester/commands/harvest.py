"""``mulu harvest``: order harvests, carry them out here and now, and everything that follows upward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from harvester.commands.bridge import Bridge, pass_bridge
from harvester.commands.progress import progress
from harvester.commands.waiting import Ended, carry_out
from harvester.trial import Trial, try_out
from harvester.worker import Worker
from registry.commands import exits
from registry.commands.output import column, json_option, print_listing, remark
from registry.commands.session import Session, acting, pass_session
from registry.model.issue import Issue, Severity, Text
from registry.model.run import Ending, RunStatus, Verdict
from registry.model.source import SourceStatus
from registry.services import ordering
from registry.store import issues, registers, sources

_COLUMNS = (
    column("source", "来源", "source"),
    column("register", "登记册", "register"),
    column("run", "运行", "run", right=True),
    column("scope", "范围", "scope"),
    column("status", "状态", "status"),
    column("verdict", "完整性", "verdict"),
    column("received", "收到", "received", right=True),
    column("accepted", "合格", "accepted", right=True),
    column("refused", "不合格", "refused", right=True),
    column("declined", "曾被拒绝", "declined", right=True),
    column("seconds", "秒", "seconds", right=True),
    column("message", "说明", "message"),
)
_TRIAL = (
    column("source", "来源", "source"),
    column("verdict", "完整性", "verdict"),
    column("received", "收到", "received", right=True),
    column("created", "新增", "created", right=True),
    column("updated", "更新", "updated", right=True),
    column("unchanged", "未变", "unchanged", right=True),
    column("deleted", "删除", "deleted", right=True),
    column("absent", "缺失", "absent", right=True),
    column("declined", "曾被拒绝", "declined", right=True),
    column("refused", "不合格", "refused", right=True),
    column("hold_reasons", "将被拦截", "would be held"),
    column("message", "说明", "message"),
)

_DECLINED = Text(
    zh="{source}：{count} 条曾被人拒绝或撤销，未再提出(mulu run changes {run});"
    "mulu source lift {source} 标识符 可允许再次提出。",
    en="{source}: declined {count}: refused or undone by people before (`mulu run changes {run}`); "
    "`mulu source lift {source} IDENTIFIER` lets it be proposed again.",
)

_FAILED_HERE = Text(zh="{source}：{message}", en="{source}: {message}")
_FOUND = Text(zh="{source}：{message}。{hint}", en="{source}: {message}. {hint}")
_MOST_ISSUES = 5


@click.command()
@click.argument("source_codes", metavar="[SOURCE]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every approved source.")
@click.option("--register", "register_code", help="The approved sources of this register.")
@click.option("--full", is_flag=True, help="Ask for the whole list, not for what changed.")
@click.option("--dry-run", is_flag=True, help="Compare only; change nothing.")
@click.option("--workers", type=click.IntRange(1, 32), default=2, show_default=True, help="Threads.")
@json_option
@acting
@pass_session
@pass_bridge
def harvest(
    bridge: Bridge,
    session: Session,
    source_codes: tuple[str, ...],
    everything: bool,
    register_code: str | None,
    full: bool,
    dry_run: bool,
    workers: int,
    as_json: bool,
) -> None:
    """Harvest sources, and let the registers above them read what that brings.

    Exit code 4 where a run is held for a person or only a part came, 3 where all that came from a source was refused
    (some refused records are daily life), 1 where a run failed or was cancelled, or this program failed.

    \b
    Examples:
      mulu harvest jiujiang
      mulu harvest --register 330000 --full
      mulu harvest --all --dry-run
    """
    if bool(source_codes) + everything + bool(register_code) != 1:
        raise click.UsageError("name sources, or give --all, or --register R (one of these)")
    codes = list(source_codes) or _approved(session, register_code)
    with bridge.worker(session, threads=workers) as worker:
        if dry_run:
            rows = [_trial_row(code, _try(session, worker, code, full)) for code in codes]
        else:
            rows = [row_of(each) for each in _carry_out(session, worker, codes, full, workers)]
            _add_issues(session, rows)
    print_listing(session, rows, _TRIAL if dry_run else _COLUMNS, as_json=as_json)
    remark_declined(session, rows)
    _remark_issues(session, rows)
    remark_failures(session, rows)
    code = exit_code(rows)
    if code == exits.DONE and any(row["nothing_accepted"] for row in rows):
        code = exits.INVALID
    click.get_current_context().exit(code)


def _approved(session: Session, register_code: str | None) -> list[str]:
    with session.engines.read.connect() as connection:
        register_id = registers.get(connection, register_code).id if register_code else None
        found = sources.listed(
            connection, register_id=register_id, statuses=[SourceStatus.APPROVED], limit=100_000
        )
    return [each.code for each in found]


def _carry_out(
    session: Session, worker: Worker, codes: Sequence[str], full: bool, threads: int
) -> list[Ended]:
    placed = [
        ordering.order_harvest(
            session.engines.write, code, full=full, actor=session.actor, now=session.clock()
        )
        for code in codes
    ]
    with progress(session, len(placed)) as tell:
        return carry_out(worker, placed, threads=threads, tell=tell)


def _try(session: Session, worker: Worker, code: str, full: bool) -> Trial:
    with session.engines.read.connect() as connection:
        source = sources.get(connection, code)
    return try_out(source, worker.road, worker.changes, worker.engines, full=full, windowing=worker.windowing)


def exit_code(rows: Sequence[dict[str, Any]]) -> int:
    """What the worst of some outcomes makes of the command."""
    if any(row["status"] in (RunStatus.FAILED, RunStatus.CANCELLED, "failed") for row in rows):
        return exits.FAILED
    waits = (RunStatus.HELD, RunStatus.COLLECTING, RunStatus.SETTLING, "waiting")
    if any(row["status"] in waits or row["verdict"] is Verdict.PARTIAL for row in rows):
        return exits.HELD
    return exits.DONE


def remark_declined(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Say of each run what it did not propose because people had refused or undone it, and the way out."""
    for row in rows:
        if row.get("run") and row["declined"]:
            remark(session, _DECLINED.format(source=row["source"], count=row["declined"], run=row["run"]))


def remark_failures(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Say where something of ours failed, and the way out: behind what became of the others."""
    for row in rows:
        if row.get("failed_here"):
            name = row["source"] or row["register"]
            remark(session, _FAILED_HERE.format(source=name, message=row["message"]))


def _add_issues(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add to each run the last warnings that concern its answers as a whole."""
    with session.engines.read.connect() as connection:
        for row in rows:
            found = issues.of_whole(connection, row["run"], _MOST_ISSUES) if row["run"] else []
            row["issues"] = [_issue_row(each) for each in found]


def _issue_row(issue: Issue) -> dict[str, Any]:
    return {"code": issue.code, "message": issue.message, "hint": issue.hint}


def _remark_issues(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Say of each source what was found of its answers as a whole, and what to do about it."""
    for row in rows:
        for each in row["issues"][-_MOST_ISSUES:]:
            remark(session, _FOUND.format(source=row["source"], message=each["message"], hint=each["hint"]))


def row_of(ended: Ended) -> dict[str, Any]:
    """What came of an order, as ``--json`` tells it."""
    run = ended.run
    return {
        "order": ended.order_id,
        "source": ended.source_code,
        "register": ended.register_code,
        "run": run.id if run else None,
        "scope": run.scope if run else None,
        "status": run.status if run else ended.status,
        "verdict": run.verdict if run else None,
        "ending": run.ending if run else None,
        "received": run.tally.received if run else 0,
        "accepted": run.tally.accepted if run else 0,
        "refused": run.tally.refused if run else 0,
        "declined": run.tally.not_proposed if run else 0,
        "nothing_accepted": run.tally.nothing_accepted if run else False,
        "seconds": ended.seconds,
        "message": (run.walk.message if run and run.walk else None) or ended.message,
        "hold_reasons": [each.text for each in run.hold_reasons] if run else [],
        "failed_here": ended.is_ours,
    }


def _trial_row(code: str, trial: Trial) -> dict[str, Any]:
    tally = trial.sink.tally
    broke_off = trial.walk.ending in (Ending.TRANSPORT, Ending.PROTOCOL, Ending.FATAL)
    return {
        "source": code,
        "status": "failed" if broke_off and not tally.received else "compared",
        "verdict": trial.sink.verdict,
        "ending": trial.walk.ending,
        "received": tally.received,
        "created": tally.created + tally.restored,
        "updated": tally.updated,
        "unchanged": tally.unchanged,
        "deleted": tally.deleted,
        "absent": tally.absent,
        "declined": tally.not_proposed,
        "refused": tally.refused,
        "repeated": tally.repeated,
        "nothing_accepted": tally.nothing_accepted,
        "issues": [
            _issue_row(each.issue)
            for each in trial.sink.issues
            if each.issue.severity is not Severity.NOTE and not each.identifier and not each.place
        ],
        "hold_reasons": [each.text for each in trial.sink.reasons],
        "message": trial.walk.message,
    }
