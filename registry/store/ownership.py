"""What was approved of a register's sources, and what those inherit that read the registers beneath.

Read level by level, a statement each, however many sources and records there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from registry.model.ownership import Approved, Owner, beneath
from registry.model.source import Protocol, SourceScope, SourceStatus
from registry.store.engine import among
from registry.store.tables import registers, sources

_c = sources.c

_APPROVED = (
    select(
        _c.id, _c.code, _c.approved_scope, _c.protocol, _c.location, _c.register_id,
        registers.c.code.label("register_code"),
    )
    .join_from(sources, registers, registers.c.id == _c.register_id)
    .where(_c.status != str(SourceStatus.RETIRED), _c.approved_scope.is_not(None))
    .order_by(_c.code)
)  # fmt: skip


def owners(
    connection: Connection, register_id: int, inheriting: Set[int] | None = None
) -> list[tuple[int, Owner]]:
    """The register's sources that were approved and are not retired, each with its id, in the order of their codes.

    ``inheriting``: the ids of those whose inheritance is looked up (None: of all); the others are told without it.
    """
    rows = connection.execute(_APPROVED.where(_c.register_id == register_id)).all()
    if not rows:
        return []
    home = rows[0].register_code
    own = [_approved(row) for row in rows]
    heirs = {each.id for each in own if each.inherits and (inheriting is None or each.id in inheriting)}
    known = {home: own}
    _load_beneath(connection, known, {each.reads for each in own if each.id in heirs})
    return [
        (
            each.id,
            Owner(each.code, each.scope, beneath(each.reads, known, home=home) if each.id in heirs else ()),
        )
        for each in own
    ]


def inherited(connection: Connection, register_code: str, *, home: str) -> tuple[str, ...]:
    """What a source of the register ``home`` owns that reads another register and states no prefixes, sorted."""
    known: dict[str, list[Approved]] = {home: []}
    _load_beneath(connection, known, {register_code})
    return beneath(register_code, known, home=home)


def heirs(connection: Connection, register_code: str) -> list[tuple[int, int]]:
    """Who inherits from a register, directly or through others: the id of its register, and its own id."""
    found: dict[int, int] = {}
    seen, step = {register_code}, {register_code}
    while step:
        query = _APPROVED.where(_c.protocol == str(Protocol.REGISTER))
        rows = connection.execute(query.where(among(_c.location, sorted(step), connection))).all()
        inheriting = [row for row in rows if _approved(row).inherits]
        found.update((row.id, row.register_id) for row in inheriting)
        step = {row.register_code for row in inheriting} - seen
        seen |= step
    return sorted((register_id, source_id) for source_id, register_id in found.items())


def _load_beneath(connection: Connection, known: dict[str, list[Approved]], step: Iterable[str]) -> None:
    """Add to ``known`` the sources of the registers ``step``, and of all that they inherit from."""
    while missing := set(step) - known.keys():
        known.update((code, []) for code in missing)
        rows = connection.execute(_APPROVED.where(among(registers.c.code, sorted(missing), connection))).all()
        for row in rows:
            known[row.register_code].append(_approved(row))
        step = {each.reads for code in missing for each in known[code] if each.inherits}


def _approved(row: Any) -> Approved:
    reads = row.location if row.protocol == Protocol.REGISTER else ""
    return Approved(row.id, row.code, msgspec.convert(row.approved_scope, SourceScope), reads)
