"""Issues that runs found, kept with the digest of the bytes in which they were found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select, union_all

from registry.model.issue import Issue, Severity, Text
from registry.store.engine import among, insert_rows
from registry.store.tables import issues

_c = issues.c
COLUMNS = (
    _c.identifier, _c.code, _c.severity, _c.path, _c.line,
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
        (_c.run_id, *COLUMNS),
        [
            (
                run_id, each.identifier, each.issue.code, str(each.issue.severity), each.issue.path,
                each.issue.line, each.issue.message.zh, each.issue.message.en, each.issue.hint.zh,
                each.issue.hint.en, each.place, each.raw_digest,
            )
            for each in found
        ],
    )  # fmt: skip


def remove_of_whole(connection: Connection, run_id: int, codes: Sequence[str]) -> None:
    """Take back what was told, under these ``codes``, of a run as a whole."""
    connection.execute(
        delete(issues).where(_c.run_id == run_id, _c.code.in_(codes), _c.identifier == "", _c.place == "")
    )


def identifiers_with(connection: Connection, run_id: int, code: str, identifiers: Sequence[str]) -> set[str]:
    """Those of the ``identifiers`` of which a run has an issue with this code."""
    query = select(_c.identifier).where(_c.run_id == run_id, _c.code == code)
    return set(connection.scalars(query.where(among(_c.identifier, identifiers, connection))))


def of_run(connection: Connection, run_id: int, *, limit: int = 1000, code: str = "") -> list[FoundIssue]:
    """Issues of a run in the order in which they were found."""
    return [found for _, found in page(connection, run_id, code=code, limit=limit)]


def page(
    connection: Connection, run_id: int, *, code: str = "", after: int = 0, limit: int = 50
) -> list[tuple[int, FoundIssue]]:
    """Issues of a run behind the issue number ``after``, each with its number, in the order in which they were found;
    ``code``: of this code only."""
    query = select(_c.id, *COLUMNS).where(_c.run_id == run_id, _c.id > after).order_by(_c.id).limit(limit)
    if code:
        query = query.where(_c.code == code)
    return [(row.id, found_issue(row)) for row in connection.execute(query)]


def of_run_by_id(connection: Connection, run_id: int, issue_id: int) -> FoundIssue | None:
    """One issue of a run; None where the run has none under this number."""
    query = select(*COLUMNS).where(_c.id == issue_id, _c.run_id == run_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else found_issue(row)


def of_whole(connection: Connection, run_id: int, limit: int) -> list[Issue]:
    """The last warnings and errors of a run that concern its answers as a whole and no place in them, oldest first."""
    query = (
        select(_c.id, *COLUMNS)
        .where(_c.run_id == run_id, _c.identifier == "", _c.place == "")
        .where(_c.severity.in_((str(Severity.WARNING), str(Severity.ERROR))))
        .order_by(_c.id.desc())
        .limit(limit)
    )
    return [found_issue(row).issue for row in reversed(connection.execute(query).all())]


def examples(
    connection: Connection, run_id: int, codes: Sequence[str], each: int
) -> dict[str, list[FoundIssue]]:
    """The first issues of these ``codes`` in a run, so many of ``each``, by code. Reads no more than it returns."""
    firsts = [
        select(_c.id, *COLUMNS).where(_c.run_id == run_id, _c.code == code).order_by(_c.id).limit(each)
        for code in codes
    ]
    if not firsts:
        return {}
    found: dict[str, list[FoundIssue]] = {}
    for row in connection.execute(union_all(*(select(first.subquery()) for first in firsts))):
        found.setdefault(row.code, []).append(found_issue(row))
    return found


def found_issue(row: Any) -> FoundIssue:
    """The issue in a row of ``COLUMNS``."""
    message, hint = Text(row.message_zh, row.message_en), Text(row.hint_zh, row.hint_en)
    issue = Issue(row.code, Severity(row.severity), message, hint, row.path, row.line)
    return FoundIssue(row.identifier, row.place, row.raw_digest, issue)
