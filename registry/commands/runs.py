"""``mulu run``: what harvests did, and what people decide about them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from registry.commands import exits
from registry.commands.kept import PAGES, page_rows, write_page
from registry.commands.output import column, json_option, print_card, print_json, print_listing, remark, tell
from registry.commands.run_changes import changes, choosing
from registry.commands.run_issues import COLUMNS, COUNTS, count_row, issue_row
from registry.commands.run_issues import issues as list_issues
from registry.commands.session import Session, acting, pass_session, reading
from registry.commands.upward import carry_upward
from registry.model.choice import Choice
from registry.model.issue import Text
from registry.model.labels import failures_told, label_of, tally_told
from registry.model.run import RunStatus
from registry.model.stop import Stop
from registry.services import reviewing
from registry.store import events, issue_life, issues, registers, runs, sources, stops

_COLUMNS = (
    column("id", "编号", "run", right=True),
    column("source", "来源", "source"),
    column("scope", "范围", "scope"),
    column("status", "状态", "status"),
    column("verdict", "完整性", "verdict"),
    column("received", "收到", "received", right=True),
    column("accepted", "合格", "accepted", right=True),
    column("refused", "不合格", "refused", right=True),
    column("started_at", "开始", "started"),
    column("finished_at", "结束", "finished"),
)
_LABELS = (
    *_COLUMNS,
    column("register", "登记册", "register"),
    column("cause", "起因", "cause"),
    column("ending", "结束方式", "ending"),
    column("message", "说明", "message"),
    column("told_failures", "失败次数", "failures"),
    column("hold_reasons", "拦截原因", "why it is held"),
    column("told_tally", "统计", "counts"),
    column("published_at", "发布时间", "published"),
    column("decided_by", "处理人", "decided by"),
    column("undoes", "撤销的运行", "undoes run"),
)
_DECIDED = Text(zh="运行 {run}：{status}。", en="run {run} is now {status}.")
_UNDONE = Text(
    zh="运行 {run} 已由运行 {inverse} 撤销：恢复 {taken} 条，{left} 条此后已变更、未予改动"
    "(mulu run changes {inverse} 逐条列出)。",
    en="run {run} is undone by run {inverse}: {taken} records taken back, {left} left alone, since they have changed "
    "since (`mulu run changes {inverse}` lists them).",
)
_UNDOING = Text(
    zh="运行 {run} 将由运行 {inverse} 撤销，待其发布后见 mulu run show {inverse}(共 {taken} 条)。",
    en="run {run} is undone once run {inverse} is published ({taken} records); see `mulu run show {inverse}`.",
)


@click.group()
def run() -> None:
    """Look at runs; release, refuse or undo them."""


@run.command("list")
@click.option("--source", "source_code", help="Only runs of this source.")
@click.option("--register", "register_code", help="Only runs of this register.")
@click.option("--status", type=click.Choice([str(each) for each in RunStatus]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@reading
@pass_session
def list_runs(
    session: Session,
    source_code: str | None,
    register_code: str | None,
    status: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List runs, newest first.

    \b
    Example:
      mulu run list --status held
    """
    with session.engines.read.connect() as connection:
        found = runs.listed(
            connection,
            within=[registers.get(connection, register_code).id] if register_code else None,
            source=sources.get(connection, source_code).code if source_code else "",
            statuses=[RunStatus(status)] if status else [],
            limit=limit,
        )
        stop = stops.standing(connection)
    if stop is not None:
        remark(session, stop.text)
    rows = [{**row_of(each), "publication_stopped": _waits(each, stop)} for each in found]
    print_listing(session, rows, _COLUMNS, as_json=as_json)


def _waits(found: runs.Run, stop: Stop | None) -> bool:
    """Whether nothing but the stop of publication stands between a run and its readers."""
    return stop is not None and found.status is RunStatus.SETTLING


@run.command("show")
@click.argument("run_id", type=int)
@click.option("--issues", "shown_issues", type=click.IntRange(0, 10_000), default=20, show_default=True,
              help="How many issues to list.")  # fmt: skip
@click.option(
    "--page", help="Only the bytes of this answer, which could not be read: the digest, or its beginning."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write them.")
@json_option
@reading
@pass_session
def show(
    session: Session, run_id: int, shown_issues: int, page: str | None, output: Path | None, as_json: bool
) -> None:
    """Show one run: its counts, why it is held, the issues that were found, the answers that could not be read.

    \b
    Examples:
      mulu run show 17 --issues 100
      mulu run show 17 --page 5ab0e1 --output page.xml
    """
    if page is not None:
        write_page(session, run_id, page, output, as_json=as_json)
        return
    with session.engines.read.connect() as connection:
        found = runs.get(connection, run_id)
        register = registers.by_id(connection, found.register_id)
        counts = issue_life.counts(connection, run_id)
        listed = issues.of_run(connection, run_id, limit=shown_issues) if shown_issues else []
        kept = page_rows(connection, run_id)
        acts = events.of_subject(connection, f"run:{run_id}")
        stop = stops.standing(connection)
    if stop is not None and _waits(found, stop):
        remark(session, stop.text)
    by_code = [count_row(each) for each in counts]
    told = [issue_row(each) for each in listed]
    row = {**row_of(found), "register": register.code, "publication_stopped": _waits(found, stop)}
    if as_json:
        row["issues_by_code"], row["issues"], row["pages_kept"] = by_code, told, kept
        row["events"] = [
            {"happened_at": moment, "actor": act.actor.name, "action": act.action, "reason": act.reason}
            for moment, act in acts
        ]
        print_json(row)
        return
    tally = [f"{session.say(label)} {count}" for label, count in tally_told(found.tally)]
    card = {**row, "told_tally": tally, "told_failures": failures_told(found.failures)}
    print_card(session, card, _LABELS, as_json=False)
    for rows, columns in ((by_code, COUNTS), (told, COLUMNS), (kept, PAGES)):
        if rows:
            click.echo()
            print_listing(session, rows, columns, as_json=False)


@run.command("release")
@click.argument("run_id", type=int)
@click.option("--reason", default="", help="Why.")
@choosing
@json_option
@acting
@pass_session
def release(session: Session, run_id: int, reason: str, as_json: bool, choice: Choice) -> None:
    """Let a held run be settled and published, or a part of it: what is not chosen is refused.

    \b
    Examples:
      mulu run release 17 --reason "confirmed by telephone"
      mulu run release 17 --action created --action updated --reason "the deletions are a mistake"
    """
    reviewing.release(
        session.engines.write,
        run_id,
        actor=session.actor,
        now=session.clock(),
        reason=reason,
        choice=choice,
    )
    _settle_and_tell(session, run_id, as_json)


@run.command("refuse")
@click.argument("run_id", type=int)
@click.option("--reason", required=True, help="Why.")
@json_option
@acting
@pass_session
def refuse(session: Session, run_id: int, reason: str, as_json: bool) -> None:
    """Refuse a held run: the same content is not proposed again.

    \b
    Example:
      mulu run refuse 17 --reason "the list was cut off"
    """
    reviewing.refuse(session.engines.write, run_id, actor=session.actor, now=session.clock(), reason=reason)
    _settle_and_tell(session, run_id, as_json)


@run.command("undo")
@click.argument("run_id", type=int)
@click.option("--reason", required=True, help="Why.")
@json_option
@acting
@pass_session
def undo(session: Session, run_id: int, reason: str, as_json: bool) -> None:
    """Publish the inverse of a published run. Entries changed since are left alone, counted and listed.

    Exit code 4 where nothing was taken back, since all has changed since.

    \b
    Example:
      mulu run undo 17 --reason "wrong file delivered"
    """
    inverse = reviewing.undo(
        session.engines.write, run_id, actor=session.actor, now=session.clock(), reason=reason
    )
    found = _settled(session, inverse)
    taken, left = found.tally.made, found.tally.outdated
    if as_json:
        print_json({**row_of(found), "taken_back": taken, "left_alone": left})
    else:
        text = _UNDONE if found.status is RunStatus.PUBLISHED else _UNDOING
        tell(session, text.format(run=run_id, inverse=inverse, taken=taken, left=left))
    click.get_current_context().exit(exits.HELD if left and not taken else exits.DONE)


def _settle_and_tell(session: Session, run_id: int, as_json: bool) -> None:
    found = _settled(session, run_id)
    if as_json:
        print_json(row_of(found))
    else:
        tell(session, _DECIDED.format(run=run_id, status=session.say(label_of(found.status))))


def _settled(session: Session, run_id: int) -> runs.Run:
    with session.engines.read.connect() as connection:
        register_id = runs.get(connection, run_id).register_id
    carry_upward(session, register_id)
    with session.engines.read.connect() as connection:
        return runs.get(connection, run_id)


def row_of(found: runs.Run) -> dict[str, Any]:
    """A run as ``--json`` tells it."""
    return {
        "id": found.id,
        "source": found.source_code,
        "cause": found.cause,
        "scope": found.scope,
        "status": found.status,
        "verdict": found.verdict,
        "ending": found.ending,
        "message": found.walk.message if found.walk else None,
        "failures": asdict(found.failures),
        "received": found.tally.received,
        "accepted": found.tally.accepted,
        "refused": found.tally.refused,
        "tally": asdict(found.tally),
        "hold_reasons": [each.text for each in found.hold_reasons],
        "started_at": found.started_at,
        "finished_at": found.finished_at,
        "published_at": found.published_at,
        "decided_by": found.decided_by,
        "undoes": found.undoes_run_id,
    }


run.add_command(changes)
run.add_command(list_issues)
