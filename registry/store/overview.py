"""What a person who opens the console wants to know first, over many registers in a few statements: what waits for a
decision, what fails, what is new.

``within``: the ids of the registers that count; None: all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, func, literal_column, select, type_coerce

from registry.model.brake import BrakeReason
from registry.model.delivery import DeliveryState
from registry.model.health import Health, LastFailure
from registry.model.run import RunStatus
from registry.model.source import SourceStatus
from registry.store.columns import to_microseconds
from registry.store.engine import among
from registry.store.tables import deliveries, publications, registers, runs, sources

Within = frozenset[int] | None

_DAY = timedelta(days=1) // timedelta(microseconds=1)


class Submitted(NamedTuple):
    """A source that waits for approval."""

    code: str
    name: str
    register: str
    register_id: int
    added_by: str
    submitted_by: str


class Held(NamedTuple):
    """A run that waits for a decision."""

    id: int
    source: str
    source_name: str
    register_id: int
    submitted_by: str
    finished_at: datetime | None
    reasons: tuple[BrakeReason, ...]


class HandedIn(NamedTuple):
    """What an office has handed in and not delivered yet. ``is_approved``: its source is, so that it can be."""

    id: int
    name: str
    source_name: str
    is_approved: bool
    at: datetime


class Ailing(NamedTuple):
    """A source that is late or fails."""

    code: str
    name: str
    register: str
    health: Health
    since: datetime | None
    failure: LastFailure | None


class Published(NamedTuple):
    """A publication."""

    register: str
    register_name: str
    at: datetime
    versions: int
    cause: str


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day: runs by their status, and versions that became visible."""

    day: date
    runs: Mapping[RunStatus, int]
    versions: int


def _within(query: Any, column: ColumnElement[Any], within: Within, connection: Connection) -> Any:
    """``query`` (a ``Select``, of whatever columns), narrowed to the registers."""
    return query if within is None else query.where(among(column, sorted(within), connection))


def sources_by_state(connection: Connection, within: Within) -> dict[tuple[SourceStatus, Health], int]:
    """How many sources there are in each status and health."""
    c = sources.c
    query = select(c.status, c.health, func.count()).group_by(c.status, c.health)
    rows = connection.execute(_within(query, c.register_id, within, connection))
    return {(SourceStatus(status), Health(health)): count for status, health, count in rows}


def submitted(connection: Connection, within: Within, limit: int) -> list[Submitted]:
    """Sources that wait for approval, those that were added first before others."""
    c = sources.c
    query = (
        select(c.code, c.name, registers.c.code, c.register_id, c.added_by, c.submitted_by)
        .join_from(sources, registers, registers.c.id == c.register_id)
        .where(c.status == str(SourceStatus.SUBMITTED))
        .order_by(c.id)
        .limit(limit)
    )
    return [Submitted(*row) for row in connection.execute(_within(query, c.register_id, within, connection))]


def held(connection: Connection, within: Within, limit: int) -> list[Held]:
    """Runs that wait for a decision, the oldest first."""
    c = runs.c
    query = (
        select(
            c.id, sources.c.code, sources.c.name, c.register_id, sources.c.submitted_by, c.finished_at, c.hold_reasons
        )
        .join_from(runs, sources, sources.c.id == c.source_id)
        .where(c.status == str(RunStatus.HELD))
        .order_by(c.id)
        .limit(limit)
    )  # fmt: skip
    return [
        Held._make((*first, msgspec.convert(reasons or (), tuple[BrakeReason, ...])))
        for *first, reasons in connection.execute(_within(query, c.register_id, within, connection))
    ]


def handed_in(connection: Connection, within: Within, account: str, limit: int) -> list[HandedIn]:
    """What was handed in for sources that ``account`` has registered or submitted and waits to be delivered or
    discarded, the oldest first."""
    c, s = deliveries.c, sources.c
    query = (
        select(c.id, c.name, s.name, s.status == str(SourceStatus.APPROVED), c.handed_in_at)
        .join_from(deliveries, sources, s.id == c.source_id)
        .where(c.state == literal_column(f"'{DeliveryState.KEPT}'"))  # as the index has it
        .where((s.added_by == account) | (s.submitted_by == account), s.status != str(SourceStatus.RETIRED))
        .order_by(c.id)
        .limit(limit)
    )
    rows = connection.execute(_within(query, s.register_id, within, connection))
    return [HandedIn(*row) for row in rows]


def ailing(connection: Connection, within: Within, limit: int) -> list[Ailing]:
    """Sources that fail or are late, the longest first."""
    c = sources.c
    query = (
        select(c.code, c.name, registers.c.code, c.health, c.health_since, c.last_failure)
        .join_from(sources, registers, registers.c.id == c.register_id)
        .where(c.health.in_((str(Health.FAILING), str(Health.LATE))))
        .order_by(c.health, c.health_since, c.id)
        .limit(limit)
    )
    return [
        Ailing(code, name, register, Health(health), since, failure and msgspec.convert(failure, LastFailure))
        for code, name, register, health, since, failure in connection.execute(
            _within(query, c.register_id, within, connection)
        )
    ]


def published(connection: Connection, within: Within, limit: int) -> list[Published]:
    """The newest publications."""
    c = publications.c
    query = (
        select(
            registers.c.code,
            registers.c.name,
            c.published_at,
            c.last_sequence - c.first_sequence + 1,
            c.cause,
        )
        .join_from(publications, registers, registers.c.id == c.register_id)
        .order_by(c.id.desc())
        .limit(limit)
    )
    return [Published(*row) for row in connection.execute(_within(query, c.register_id, within, connection))]


def days(
    connection: Connection, within: Within, now: datetime, count: int, *, published_in: Within = None
) -> list[Day]:
    """The last ``count`` days up to that of ``now``, whose time zone says where a day begins (days of another
    offset, across a change of the clocks, begin an hour off): runs ``within``, versions of ``published_in``."""
    offset = now.utcoffset() or timedelta(0)
    shift = offset // timedelta(microseconds=1)
    today = (to_microseconds(now) + shift) // _DAY
    first = today - count + 1
    begin = now - timedelta(microseconds=to_microseconds(now) + shift - first * _DAY)
    by_day: dict[int, dict[RunStatus, int]] = {}
    day = _day_of(runs.c.started_at, shift)
    query = (
        select(day, runs.c.status, func.count())
        .where(runs.c.started_at >= begin)
        .group_by(day, runs.c.status)
    )
    for number, status, counted in connection.execute(_within(query, runs.c.register_id, within, connection)):
        by_day.setdefault(number, {})[RunStatus(status)] = counted
    brought = _brought(connection, published_in, begin, shift)
    epoch = date(1970, 1, 1)
    return [
        Day(epoch + timedelta(days=number), by_day.get(number, {}), brought.get(number, 0))
        for number in range(first, today + 1)
    ]


def _brought(connection: Connection, within: Within, begin: datetime, shift: int) -> dict[int, int]:
    """How many versions became visible on each day (its number since 1970)."""
    c = publications.c
    day = _day_of(c.published_at, shift)
    versions = func.sum(c.last_sequence - c.first_sequence + 1)
    query = select(day, versions).where(c.published_at >= begin).group_by(day)
    rows = connection.execute(_within(query, c.register_id, within, connection))
    return {number: int(size) for number, size in rows}


def _day_of(column: ColumnElement[Any], shift: int) -> ColumnElement[int]:
    return (type_coerce(column, BigInteger) + shift) // _DAY
