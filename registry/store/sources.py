"""Sources: rows, descriptions, cursors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, or_, select, update

from registry.errors import NotFound
from registry.model.contact import ContactPerson
from registry.model.health import Facts, Health, LastFailure
from registry.model.issue import Text
from registry.model.source import Protocol, SourceDescription, SourceScope, SourceStatus
from registry.store.engine import among
from registry.store.tables import registers, sources

_c = sources.c
_DELIVERED = (str(Protocol.FOLDER), str(Protocol.CONSOLE))


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it stands: its description, its life, how far it has been harvested, its schedule.

    ``told_name``: what it called itself when it was harvested last (OAI-PMH: its repositoryName);
    ``rules_version``: under which rules the whole list was checked last. ``approved_scope``: what it may speak for,
    as it was approved last; ``anew_at``: when it was last decided that its list is read anew. ``failures``: runs in
    a row that broke off, ``failures_by_kind`` the same by their ending; ``late_at``: see ``model.health.Facts``.
    """

    description: SourceDescription
    name: str
    status: SourceStatus
    contact: ContactPerson
    health: Health
    last_failure: LastFailure | None
    approved_scope: SourceScope | None
    schedule: str
    approved_fingerprint: str
    submitted_by: str
    approved_by: str
    cursor_since: datetime | None
    cursor_sequence: int
    etag: str
    last_modified: str
    told_name: str
    rules_version: int
    live: int
    declines: int
    released_at: datetime | None
    full_at: datetime | None
    anew_at: datetime | None
    succeeded_at: datetime | None
    failures: int
    due_at: datetime | None
    added_by: str
    health_since: datetime | None
    late_at: datetime | None
    failures_by_kind: dict[str, int]

    @property
    def id(self) -> int:
        return self.description.id

    @property
    def code(self) -> str:
        return self.description.code

    @property
    def facts(self) -> Facts:
        """What its health is decided by."""
        return Facts(self.status, self.failures, self.late_at, self.succeeded_at, self.last_failure)


_DESCRIBED = (
    _c.id, _c.code, _c.register_id, registers.c.code.label("register_code"), _c.protocol, _c.location,
    _c.metadata_prefix, _c.namespace, _c.scope, _c.set_spec, _c.credentials, _c.ca_bundle,
    _c.allowed_networks,
)  # fmt: skip
_STATE = (
    _c.name, _c.status, _c.contact, _c.health, _c.last_failure, _c.approved_scope, _c.schedule,
    _c.approved_fingerprint, _c.submitted_by, _c.approved_by, _c.cursor_since, _c.cursor_sequence, _c.etag,
    _c.last_modified, _c.told_name, _c.rules_version, _c.live, _c.declines, _c.released_at, _c.full_at, _c.anew_at,
    _c.succeeded_at, _c.failures, _c.due_at, _c.added_by, _c.health_since, _c.late_at, _c.failures_by_kind,
)  # fmt: skip
_SELECT = select(*_DESCRIBED, *_STATE).join_from(sources, registers, registers.c.id == _c.register_id)


def _source(row: Any) -> Source:
    size = len(_DESCRIBED)
    description = SourceDescription(
        id=row.id,
        code=row.code,
        register_id=row.register_id,
        register_code=row.register_code,
        protocol=Protocol(row.protocol),
        location=row.location,
        metadata_prefix=row.metadata_prefix,
        namespace=row.namespace,
        scope=msgspec.convert(row.scope, SourceScope),
        set_spec=row.set_spec,
        credentials=row.credentials,
        ca_bundle=row.ca_bundle,
        allowed_networks=tuple(row.allowed_networks),
    )
    name, status, contact, health, last_failure, approved, *state = row[size:]
    person = ContactPerson() if contact is None else msgspec.convert(contact, ContactPerson)
    failure = None if last_failure is None else msgspec.convert(last_failure, LastFailure)
    scope = None if approved is None else msgspec.convert(approved, SourceScope)
    return Source(description, name, SourceStatus(status), person, Health(health), failure, scope, *state)


def unregistered(description: SourceDescription) -> Source:
    """A source that nobody has registered: as it would stand before its first harvest."""
    return Source(
        description=description, name=description.code, status=SourceStatus.DRAFT, contact=ContactPerson(),
        health=Health.SUSPENDED, last_failure=None, approved_scope=None, schedule="", approved_fingerprint="",
        submitted_by="", approved_by="", cursor_since=None, cursor_sequence=0, etag="", last_modified="",
        told_name="", rules_version=0, live=0, declines=0, released_at=None, full_at=None, succeeded_at=None,
        failures=0, due_at=None, added_by="", health_since=None, late_at=None, failures_by_kind={},
        anew_at=None,
    )  # fmt: skip


def add(connection: Connection, values: dict[str, Any]) -> int:
    """A new source from column values; returns its id."""
    return int(connection.execute(insert(sources).values(**values).returning(_c.id)).scalar_one())


def get(connection: Connection, code: str, *, lock: bool = False) -> Source:
    """The source with this code; ``lock`` holds its row. Raises ``NotFound``."""
    query = _SELECT.where(_c.code == code)
    row = connection.execute(
        query.with_for_update(of=sources, key_share=True) if lock else query
    ).one_or_none()
    if row is None:
        raise NotFound(
            Text(
                zh=f"没有代码为 {code} 的来源；用 mulu source list 查看。",
                en=f"there is no source {code!r}; `mulu source list` shows those that are.",
            )
        )
    return _source(row)


def by_id(connection: Connection, source_id: int, *, lock: bool = False) -> Source:
    """The source with this id; ``lock`` holds its row until the transaction ends."""
    query = _SELECT.where(_c.id == source_id)
    return _source(
        connection.execute(query.with_for_update(of=sources, key_share=True) if lock else query).one()
    )


def listed(
    connection: Connection,
    *,
    register_id: int | None = None,
    statuses: Iterable[SourceStatus] = (),
    after: str = "",
    limit: int = 1000,
) -> list[Source]:
    """Sources in the order of their codes, from behind the code ``after`` on."""
    query = _SELECT.where(_c.code > after).order_by(_c.code).limit(limit)
    if register_id is not None:
        query = query.where(_c.register_id == register_id)
    if names := [str(each) for each in statuses]:
        query = query.where(_c.status.in_(names))
    return [_source(row) for row in connection.execute(query)]


def page(
    connection: Connection,
    *,
    within: frozenset[int] | None,
    status: SourceStatus | None = None,
    health: Health | None = None,
    wanted: str = "",
    after: str = "",
    limit: int = 50,
) -> list[Source]:
    """Sources of these registers (None: of all) by code, from behind the code ``after`` on. ``wanted``: a part of the
    code, the name or the location."""
    query = _SELECT.where(_c.code > after).order_by(_c.code).limit(limit)
    if within is not None:
        query = query.where(among(_c.register_id, sorted(within), connection))
    if status is not None:
        query = query.where(_c.status == str(status))
    if health is not None:
        query = query.where(_c.health == str(health))
    if wanted:
        places = (_c.code, _c.name, _c.location)
        query = query.where(or_(*(each.icontains(wanted, autoescape=True) for each in places)))
    return [_source(row) for row in connection.execute(query)]


def registers_above(connection: Connection, register_code: str) -> list[str]:
    """The codes of all registers that read this one, directly or through others, the nearest first."""
    found = [register_code]
    for below in found:  # grows while it is walked
        above = [each.description.register_code for each in fed_by(connection, below)]
        found += [code for code in dict.fromkeys(above) if code not in found]
    return found[1:]


def fed_by(connection: Connection, register_code: str) -> list[Source]:
    """The approved sources through which other registers of this installation read this register."""
    query = _SELECT.where(
        _c.protocol == str(Protocol.REGISTER),
        _c.location == register_code,
        _c.status == str(SourceStatus.APPROVED),
    ).order_by(_c.id)
    return [_source(row) for row in connection.execute(query)]


def lock_all(connection: Connection, register_ids: Sequence[int]) -> None:
    """Hold the rows of the sources of some registers until the transaction ends, one after the other by their ids, as
    whoever changes several locks them."""
    query = select(_c.id).where(_c.register_id.in_(register_ids)).order_by(_c.id)
    connection.execute(query.with_for_update(key_share=True)).all()


def due(connection: Connection, now: datetime, limit: int) -> list[Source]:
    """Approved sources whose time has come, the longest waiting first."""
    query = (
        _SELECT.where(_c.due_at <= now, _c.status == str(SourceStatus.APPROVED))
        .order_by(_c.due_at)
        .limit(limit)
    )
    return [_source(row) for row in connection.execute(query)]


def overdue(connection: Connection, now: datetime, limit: int) -> list[Source]:
    """Healthy sources that have not succeeded in time, locked."""
    query = (
        _SELECT.where(_c.late_at <= now, _c.health == str(Health.HEALTHY))
        .order_by(_c.id)
        .limit(limit)
        .with_for_update(of=sources, key_share=True)
    )
    return [_source(row) for row in connection.execute(query)]


def change(connection: Connection, source_id: int, **values: Any) -> None:
    """Set columns of a source."""
    connection.execute(update(sources).where(_c.id == source_id).values(**values))


def read_anew(connection: Connection, source_id: int, now: datetime) -> None:
    """Have the whole list of a source asked for by the next run, also where one is under way. (Deliveries are
    read again on demand only.)"""
    query = update(sources).where(_c.id == source_id, _c.protocol.not_in(_DELIVERED))
    connection.execute(query.values(etag="", last_modified="", full_at=None, cursor_sequence=0, anew_at=now))


def references(connection: Connection, statuses: Iterable[SourceStatus]) -> list[tuple[str, str]]:
    """(code, reference) for every secret that sources in these statuses refer to, by code."""
    wanted = _c.status.in_([str(each) for each in statuses])
    query = select(_c.code, _c.credentials, _c.ca_bundle).where(wanted).order_by(_c.code)
    rows = connection.execute(query.where((_c.credentials != "") | (_c.ca_bundle != "")))
    return [(code, each) for code, *named in rows for each in named if each]
