"""The issues of a run: what was wrong with the records, since when, and what has been mended."""

from __future__ import annotations

from typing import IO

from flask import Response, request

from registry.model.issue_life import IssueState
from registry.model.role import Permission
from registry.outlets.issue_lines import issue_lines, write_issues
from registry.store import issue_ledgers, issue_life, runs
from registry.store.sources import Source
from registry.web.admin import paging
from registry.web.admin.forms import member
from registry.web.admin.language import language
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_run
from registry.web.admin.visit import Visit
from registry.web.admin.workbooks import workbook_of

pages = Pages("run_issues")


def _state() -> IssueState | None:
    return member(IssueState, request.args.get("state", ""))


@pages.read("/runs/<int:id>/issues", Permission.READ_RUNS, on=of_run)
def listing(visit: Visit, run: runs.Run, source: Source) -> Response:
    """All issues of a run; of one code, new ones or known ones; or those that are fixed since."""
    after, code = paging.after_number() or 0, request.args.get("code", "")
    found = issue_life.page(visit.connection, run.id, _state(), code=code, after=after, limit=paging.ROWS + 1)
    return visit.page(
        "runs/issues.html",
        run=run,
        source=source,
        issues=paging.cut(found, lambda each: each[0]),
        codes=[(each.code, each.code) for each in issue_life.counts(visit.connection, run.id)],
        states=list(IssueState),
        beyond=issue_ledgers.of_run(visit.connection, run.id).beyond(code),
    )


@pages.read("/runs/<int:id>/issues.csv", Permission.READ_RUNS, on=of_run)
def export(visit: Visit, run: runs.Run, _source: Source) -> Response:
    """What :func:`listing` shows, as a file."""
    lines = issue_lines(visit.engines.read, run.id, _state(), request.args.get("code", ""), language())
    headers = {"Content-Disposition": f'attachment; filename="mulu-run-{run.id}-issues.csv"'}
    return Response(lines, mimetype="text/csv; charset=utf-8", headers=headers)


@pages.read("/runs/<int:id>/issues.xlsx", Permission.READ_RUNS, on=of_run)
def workbook(visit: Visit, run: runs.Run, _source: Source) -> Response:
    """The same as a workbook."""

    def write(output: IO[bytes]) -> None:
        code = request.args.get("code", "")
        write_issues(visit.engines.read, run.id, _state(), code, language(), output)

    return workbook_of(f"mulu-run-{run.id}-issues.xlsx", write)
