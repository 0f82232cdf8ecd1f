"""Issues that runs found, kept with the digest of the bytes in which they were found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from registry.model.issue import Issue, Severity, Text
from registry.store.engine import insert_rows
from registry.store.tables import issues

_c = issues.c
_COLUMNS = (
    _c.run_id, _c.identifier, _c.code, _c.severity, _c.path, _c.line,
    _c.message_zh, _c.message_en, _c.hint_zh, _c.hint_en, _c.place, _c.raw_digest,
)  # fmt: skip


class FoundIssue(NamedTuple):
    """An issue and where it was found. ``identifier`` is empty for an answer as a whole."""

    identifier: str
    place: str
    raw_digest: bytes
    issue: Issue


def add(connection: Connection, run_id: int, found: Iterable[FoundIssue]) -> None:
    """Keep issues of a run."""
    insert_rows(
        connection,
        issues,
        _COLUMNS,
        [
            (
                run_id, each.identifier, each.issue.code, str(each.issue.severity), each.issue.path,
                each.issue.line, each.issue.message.zh, each.issue.message.en, each.issue.hint.zh,
                each.issue.hint.en, each.place, each.raw_digest,
            )
            for each in found
        ],
    )  # fmt: skip


def of_run(connection: Connection, run_id: int, *, limit: int = 1000, code: str = "") -> list[FoundIssue]:
    """Issues of a run in the order in which they were found."""
    query = select(*_COLUMNS[1:]).where(_c.run_id == run_id).order_by(_c.id).limit(limit)
    if code:
        query = query.where(_c.code == code)
    return [
        FoundIssue(
            row.identifier,
            row.place,
            row.raw_digest,
            Issue(
                row.code,
                Severity(row.severity),
                Text(row.message_zh, row.message_en),
                Text(row.hint_zh, row.hint_en),
                row.path,
                row.line,
            ),
        )
        for row in connection.execute(query)
    ]


def count_by_code(connection: Connection, run_id: int) -> list[tuple[str, Severity, int]]:
    """(code, severity, count) of a run's issues, most frequent first."""
    count = func.count()
    query = (
        select(_c.code, _c.severity, count)
        .where(_c.run_id == run_id)
        .group_by(_c.code, _c.severity)
        .order_by(count.desc(), _c.code)
    )
    return [(row[0], Severity(row[1]), row[2]) for row in connection.execute(query)]
