"""New, known and fixed issues of a run, told by comparing it with what came before.

An issue is compared by its record and its code. What came before is the last run over the whole list, and all runs
since: a run of what changed says nothing about the rest. A record whose bytes are the same is not examined again, so
that a warning which is not told again is not fixed: it is where the run changed the record, or, for what refuses a
record (which is examined every time), where a complete list no longer has it.

Of a code of which a run found more than it keeps (``registry.model.issue_ledger``), nobody can say what is not kept.
So nothing of it is told as fixed there, and in a later run nothing of it is new.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, update

from registry.model.diff import Action
from registry.model.issue import Severity
from registry.model.issue_life import IssueCounts, IssueState
from registry.model.run import Ending, Scope, Verdict
from registry.store import issue_ledgers
from registry.store import issues as issues_of
from registry.store.issues import COLUMNS, FoundIssue, found_issue
from registry.store.tables import changes, issues, runs

_c = issues.c


def counts(connection: Connection, run_id: int) -> list[IssueCounts]:
    """What a run found, code by code, the most frequent first; behind it what was fixed only. Kept with a run whose
    walk has ended (:func:`keep_counts`), counted for another."""
    kept = connection.execute(select(runs.c.issue_counts).where(runs.c.id == run_id)).scalar_one_or_none()
    return counted(connection, run_id) if kept is None else msgspec.convert(kept, list[IssueCounts])


def keep_counts(connection: Connection, run_id: int) -> None:
    """Count the issues of a run whose walk has ended, once what was found is written."""
    connection.execute(
        update(runs).where(runs.c.id == run_id).values(issue_counts=counted(connection, run_id))
    )


def counted(connection: Connection, run_id: int) -> list[IssueCounts]:
    """As :func:`counts`, from the issues themselves."""
    found: dict[tuple[str, str], dict[IssueState, int]] = {}
    unsure = _unsure(connection, run_id)
    for state in IssueState:
        query = _of(state, run_id, unsure, _c.code, _c.severity, func.count()).group_by(_c.code, _c.severity)
        for code, severity, count in connection.execute(query):
            found.setdefault((code, severity), {})[state] = count
    only_counted = issue_ledgers.of_run(connection, run_id).only_counted
    for code, counted in only_counted.items():
        found.setdefault((code, str(counted.severity)), {})
    told = [
        IssueCounts(
            code,
            Severity(severity),
            **{str(state): count for state, count in by_state.items()},
            beyond=only_counted[code].beyond if code in only_counted else 0,
        )
        for (code, severity), by_state in found.items()
    ]
    return sorted(told, key=lambda each: (-each.found, -each.fixed, each.code))


def page(
    connection: Connection,
    run_id: int,
    state: IssueState | None,
    *,
    code: str = "",
    after: int = 0,
    limit: int = 50,
) -> list[tuple[int, FoundIssue]]:
    """The issues in a state behind the issue number ``after``, each with its number, as they were found (what was
    fixed: as it was found last); None: all that the run found. ``code``: of this code only."""
    if state is None:
        return issues_of.page(connection, run_id, code=code, after=after, limit=limit)
    unsure = _unsure(connection, run_id)
    query = _of(state, run_id, unsure, _c.id, *COLUMNS).where(_c.id > after).order_by(_c.id).limit(limit)
    if code:
        query = query.where(_c.code == code)
    return [(row.id, found_issue(row)) for row in connection.execute(query)]


def new_codes(connection: Connection, run_id: int) -> list[str]:
    """The codes of errors and warnings that a run found, and none of those before it that it is compared with."""
    known = select(_c.code).where(_c.run_id.in_(_earlier(run_id)))
    query = (
        select(_c.code)
        .where(_c.run_id == run_id, _c.severity != str(Severity.NOTE), _c.code.not_in(known))
        .distinct()
        .order_by(_c.code)
    )
    return list(connection.execute(query).scalars())


class _Unsure(NamedTuple):
    """The codes of which not all that was found is kept: of the run itself, of those that it is compared with."""

    here: frozenset[str]
    before: frozenset[str]


def _unsure(connection: Connection, run_id: int) -> _Unsure:
    here = issue_ledgers.only_counted(connection, [run_id])
    return _Unsure(frozenset(here), frozenset(issue_ledgers.only_counted(connection, _earlier(run_id))))


def _of(state: IssueState, run_id: int, unsure: _Unsure, *columns: ColumnElement[Any]) -> Select[Any]:
    """A query of issues in a state: those of the run itself, or, of what was fixed, those found last before it."""
    if state is IssueState.FIXED:
        return _fixed(run_id, *columns).where(_c.code.not_in(unsure.here))
    before = _keys(_earlier(run_id)).subquery()
    was_found = or_(
        exists().where(before.c.identifier == _c.identifier, before.c.code == _c.code),
        _c.code.in_(unsure.before),
    )
    return select(*columns).where(_c.run_id == run_id, was_found if state is IssueState.KNOWN else ~was_found)


def _fixed(run_id: int, *columns: ColumnElement[Any]) -> Select[Any]:
    last = _keys(_earlier(run_id)).subquery()
    here = _keys([run_id]).subquery()
    found_again = exists().where(here.c.identifier == _c.identifier, here.c.code == _c.code)
    changed = exists().where(
        changes.c.run_id == run_id,
        changes.c.identifier == _c.identifier,
        changes.c.action != str(Action.ABSENT),
    )
    listed_whole = exists().where(runs.c.id == run_id, *_LISTED_WHOLE)
    refusing = or_(_c.severity == str(Severity.ERROR), _c.identifier == "")
    return (
        select(*columns)
        .join_from(issues, last, last.c.id == _c.id)
        .where(~found_again, or_(changed, and_(refusing, listed_whole)))
    )


_LISTED_WHOLE = (
    runs.c.scope == str(Scope.FULL),
    runs.c.verdict == str(Verdict.COMPLETE),
    runs.c.ending == str(Ending.FINISHED),
)
"""A run that brought the whole list."""


def _keys(of_runs: Any) -> Select[Any]:
    """What was found in some runs: record and code, with the last issue of both."""
    return (
        select(_c.identifier, _c.code, func.max(_c.id).label("id"))
        .where(_c.run_id.in_(of_runs))
        .group_by(_c.identifier, _c.code)
    )


def _earlier(run_id: int) -> Select[Any]:
    """The runs of the same source since the last one over the whole list before this one."""
    this, r = runs.alias(), runs.c
    source = select(this.c.source_id).where(this.c.id == run_id).scalar_subquery()
    last_full = (
        select(func.coalesce(func.max(r.id), 0))
        .where(r.source_id == source, r.id < run_id, *_LISTED_WHOLE)
        .scalar_subquery()
    )
    return select(r.id).where(r.source_id == source, r.id < run_id, r.id >= last_full)
