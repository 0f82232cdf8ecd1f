"""The issues of a run as CSV: for whoever mends the records, in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from registry.model.issue import Text
from registry.model.issue_life import IssueState
from registry.model.labels import label_of
from registry.outlets.csv_lines import BEGINNING, csv_line
from registry.store import issue_life
from registry.store.engine import Engine
from registry.store.issues import FoundIssue

_HEADINGS = (
    Text("严重程度", "severity"), Text("问题", "issue"), Text("说明", "what is wrong"), Text("办法", "what to do"),
    Text("标识符", "identifier"), Text("位置", "place"), Text("元素", "element"), Text("行", "line"),
)  # fmt: skip
_BATCH = 1000


def issue_lines(
    engine: Engine, run_id: int, state: IssueState | None, code: str, language: str
) -> Iterator[str]:
    """The lines of a file: headings, then an issue each, in the ``language`` (zh, en). ``state``, ``code``: as in
    ``store.issue_life.page``. Reads in batches, each in a transaction of its own."""
    yield BEGINNING
    yield csv_line(heading.in_language(language) for heading in _HEADINGS)
    after = 0
    while True:
        with engine.connect() as connection:
            found = issue_life.page(connection, run_id, state, code=code, after=after, limit=_BATCH)
        yield from (csv_line(_cells(each, language)) for _, each in found)
        if len(found) < _BATCH:
            return
        after = found[-1][0]


def _cells(found: FoundIssue, language: str) -> tuple[object, ...]:
    issue = found.issue
    texts = (label_of(issue.severity), issue.message, issue.hint)
    severity, message, hint = (text.in_language(language) for text in texts)
    return (severity, issue.code, message, hint, found.identifier, found.place, issue.path, issue.line)
