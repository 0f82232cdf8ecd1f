"""The issues of a run as CSV or as a workbook: for whoever mends the records, in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from registry.model.issue import Text
from registry.model.issue_life import IssueState
from registry.model.labels import label_of, visible_text
from registry.model.places import place_told
from registry.outlets.csv_lines import BEGINNING, csv_line
from registry.outlets.workbook import write_workbook
from registry.store import issue_life
from registry.store.engine import Engine
from registry.store.issues import FoundIssue

_HEADINGS = (
    Text("严重程度", "severity"), Text("问题", "issue"), Text("说明", "what is wrong"), Text("办法", "what to do"),
    Text("标识符", "identifier"), Text("位置", "place"), Text("元素", "element"), Text("行", "line"),
)  # fmt: skip
_BATCH = 1000
_TOO_MANY = Text(
    zh="工作表最多容纳 {limit} 行；请改为导出 CSV，或只导出一种问题。",
    en="a sheet holds {limit} rows at most; export as CSV, or the issues of one code.",
)


def issue_lines(
    engine: Engine, run_id: int, state: IssueState | None, code: str, language: str
) -> Iterator[str]:
    """The lines of a CSV file: headings, then an issue each, in the ``language`` (zh, en). ``state``, ``code``: as in
    ``store.issue_life.page``. Reads in batches, each in a transaction of its own."""
    yield BEGINNING
    yield csv_line(_headings(language))
    for cells in _rows(engine, run_id, state, code, language):
        yield csv_line(cells)


def write_issues(
    engine: Engine, run_id: int, state: IssueState | None, code: str, language: str, output: IO[bytes]
) -> None:
    """The same as a workbook. Raises ``Refused`` where a sheet cannot hold it."""
    rows = (list(map(visible_text, each)) for each in _rows(engine, run_id, state, code, language))
    write_workbook(_headings(language), rows, output, title="issues", too_many=_TOO_MANY)


def _headings(language: str) -> list[str]:
    return [heading.in_language(language) for heading in _HEADINGS]


def _rows(
    engine: Engine, run_id: int, state: IssueState | None, code: str, language: str
) -> Iterator[tuple[str, ...]]:
    after = 0
    while True:
        with engine.connect() as connection:
            found = issue_life.page(connection, run_id, state, code=code, after=after, limit=_BATCH)
        yield from (_cells(each, language) for _, each in found)
        if len(found) < _BATCH:
            return
        after = found[-1][0]


def _cells(found: FoundIssue, language: str) -> tuple[str, ...]:
    issue = found.issue
    texts = (label_of(issue.severity), issue.message, issue.hint, place_told(found.place))
    severity, message, hint, place = (text.in_language(language) for text in texts)
    line = "" if issue.line is None else str(issue.line)
    return (severity, issue.code, message, hint, found.identifier, place, issue.path, line)
