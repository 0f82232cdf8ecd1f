"""Runs: rows, checkpoints, decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from registry.errors import NotFound
from registry.model.brake import BrakeReason
from registry.model.issue import Text
from registry.model.run import Ending, Failures, RunStatus, Scope, Tally, Verdict, Walk, Window
from registry.store.engine import among
from registry.store.tables import runs, sources

_c = runs.c


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands. ``cause`` is ``order``, or the act that made it (``undo``, ``retire``)."""

    id: int
    source_id: int
    source_code: str
    register_id: int
    order_id: int | None
    cause: str
    scope: Scope
    status: RunStatus
    verdict: Verdict | None
    ending: Ending | None
    window: Window
    checkpoint: str
    mid_answer: bool
    tally: Tally
    hold_reasons: tuple[BrakeReason, ...]
    walk: Walk | None
    failures: Failures
    rules_version: int
    settled_through: int
    vanished: int
    live_change: int
    decided_by: str
    started_at: datetime
    finished_at: datetime | None
    published_at: datetime | None
    publication_id: int | None
    undoes_run_id: int | None


_SELECTED = (
    _c.id, _c.source_id, sources.c.code.label("source_code"), _c.register_id, _c.order_id, _c.cause,
    _c.scope, _c.status, _c.verdict, _c.ending, _c.window, _c.checkpoint, _c.mid_answer, _c.tally,
    _c.hold_reasons, _c.walk, _c.failures, _c.rules_version, _c.settled_through, _c.vanished, _c.live_change,
    _c.decided_by, _c.started_at, _c.finished_at, _c.published_at, _c.publication_id, _c.undoes_run_id,
)  # fmt: skip
_SELECT = select(*_SELECTED).join_from(runs, sources, sources.c.id == _c.source_id)


def _run(row: Any) -> Run:
    values = dict(row._mapping)
    values["scope"] = Scope(row.scope)
    values["status"] = RunStatus(row.status)
    values["verdict"] = Verdict(row.verdict) if row.verdict else None
    values["ending"] = Ending(row.ending) if row.ending else None
    values["window"] = msgspec.convert(row.window, Window)
    values["tally"] = msgspec.convert(row.tally, Tally)
    values["hold_reasons"] = msgspec.convert(row.hold_reasons or (), tuple[BrakeReason, ...])
    values["failures"] = msgspec.convert(row.failures or {}, Failures)
    values["walk"] = None if row.walk is None else msgspec.convert(row.walk, Walk)
    return Run(**values)


def add(
    connection: Connection,
    *,
    source_id: int,
    register_id: int,
    order_id: int | None,
    cause: str,
    scope: Scope,
    status: RunStatus,
    window: Window,
    rules_version: int,
    now: datetime,
    undoes_run_id: int | None = None,
    decided_by: str = "",
) -> int:
    """A new run; returns its id."""
    result = connection.execute(
        insert(runs)
        .values(
            source_id=source_id, register_id=register_id, order_id=order_id, cause=cause, scope=str(scope),
            status=str(status), window=window, tally=Tally(), rules_version=rules_version, started_at=now,
            undoes_run_id=undoes_run_id, decided_by=decided_by,
        )
        .returning(_c.id)
    )  # fmt: skip
    return int(result.scalar_one())


def get(connection: Connection, run_id: int, *, lock: bool = False) -> Run:
    """One run; ``lock`` holds its row until the transaction ends. Raises ``NotFound``."""
    query = _SELECT.where(_c.id == run_id)
    row = connection.execute(query.with_for_update(of=runs, key_share=True) if lock else query).one_or_none()
    if row is None:
        raise NotFound(
            Text(
                zh=f"没有运行 {run_id}；用 mulu run list 查看。",
                en=f"there is no run {run_id}; see `mulu run list`.",
            )
        )
    return _run(row)


def of_order(connection: Connection, source_id: int, order_id: int) -> Run:
    """The last run in which an order on a source was carried out: a list that begins anew does so in a run of its
    own."""
    run = begun_by(connection, source_id, order_id)
    assert run is not None, order_id
    return run


def begun_by(connection: Connection, source_id: int, order_id: int) -> Run | None:
    """The same; None where the order has led to no run (yet)."""
    query = _SELECT.where(_c.source_id == source_id, _c.order_id == order_id).order_by(_c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _run(row)


def listed(
    connection: Connection,
    *,
    within: Collection[int] | None = None,
    source: str = "",
    statuses: Iterable[RunStatus] = (),
    verdict: Verdict | None = None,
    ending: Ending | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Run]:
    """Runs, newest first: of these registers (None: of all), of the source with this code, in one of these statuses,
    older than run ``before``; whatever is left out says nothing."""
    query = _SELECT.order_by(_c.id.desc()).limit(limit)
    if within is not None:
        query = query.where(among(_c.register_id, sorted(within), connection))
    if names := [str(each) for each in statuses]:
        query = query.where(_c.status.in_(names))
    for column, value in ((sources.c.code, source), (_c.verdict, verdict), (_c.ending, ending)):
        if value:
            query = query.where(column == str(value))
    if before is not None:
        query = query.where(_c.id < before)
    return [_run(row) for row in connection.execute(query)]


def settling(connection: Connection, register_id: int) -> list[int]:
    """The ids of a register's decided runs that are not yet published: first one that a worker has begun to
    settle (nothing else may be published before it is whole), then the oldest."""
    query = (
        select(_c.id)
        .where(_c.register_id == register_id, _c.status == str(RunStatus.SETTLING))
        .order_by(_c.settled_through == 0, _c.id)
    )
    return list(connection.execute(query).scalars())


def under_way(connection: Connection, source_id: int) -> Run | None:
    """The source's run that is being collected or settled (one at most)."""
    return _only(connection, source_id, RunStatus.COLLECTING, RunStatus.SETTLING)


def held(connection: Connection, source_id: int) -> Run | None:
    """The source's run that waits for a person (one at most)."""
    return _only(connection, source_id, RunStatus.HELD)


def _only(connection: Connection, source_id: int, *statuses: RunStatus) -> Run | None:
    query = _SELECT.where(_c.source_id == source_id, _c.status.in_([str(each) for each in statuses]))
    row = connection.execute(query).one_or_none()
    return None if row is None else _run(row)


def usual_seconds(connection: Connection, source_id: int) -> float | None:
    """How long an answer of the source took in its last published run that was walked to the end, with all that we did
    meanwhile; None where there was none that brought anything."""
    query = (
        select(_c.started_at, _c.finished_at, _c.tally)
        .where(
            _c.source_id == source_id,
            _c.cause == "order",
            _c.status == str(RunStatus.PUBLISHED),
            _c.ending == str(Ending.FINISHED),
            _c.finished_at.is_not(None),
        )
        .order_by(_c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    pages = 0 if row is None else msgspec.convert(row.tally, Tally).pages
    if row is None or not pages:
        return None
    took: timedelta = row.finished_at - row.started_at
    return took.total_seconds() / pages


def answers_read(connection: Connection, source_id: int) -> set[str]:
    """The entity tags of the answers that runs of the source have read (of a folder: the names of its deliveries)."""
    query = select(_c.walk).where(
        _c.source_id == source_id, _c.walk.is_not(None), _c.ending != str(Ending.NOT_MODIFIED)
    )
    return {msgspec.convert(each, Walk).etag for each in connection.scalars(query) if each} - {""}


def change(connection: Connection, run_id: int, **values: Any) -> None:
    """Set columns of a run (statuses and the like as their members)."""
    connection.execute(update(runs).where(_c.id == run_id).values(**values))


def tallies_since(connection: Connection, source_id: int, moment: datetime) -> list[Tally]:
    """The tallies of the source's published runs that were closed after ``moment`` and took something away (what people
    take away by an act is no news of the source).

    A run is dated by the end of its walk: what was held then and released later is counted where it was seen.
    """
    query = select(_c.tally).where(
        _c.source_id == source_id,
        _c.finished_at > moment,
        _c.status == str(RunStatus.PUBLISHED),
        _c.cause == "order",
    )
    tallies = [msgspec.convert(each, Tally) for each in connection.scalars(query)]
    return [each for each in tallies if each.absent + each.deleted + each.vanished]
