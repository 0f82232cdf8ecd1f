"""Which registers read which, as far as that was approved: what makes one lie above another."""

from __future__ import annotations

from sqlalchemy import Connection, select, text

from registry.model.hierarchy import Reading, ancestry
from registry.model.register import Level
from registry.model.source import SourceStatus
from registry.store.tables import registers, sources
from registry.store.tables.administration import READS_A_REGISTER


def above(connection: Connection, register_id: int) -> frozenset[int]:
    """The ids of the registers above one, through any number of levels."""
    return ancestry(register_id, readings(connection))


def readings(connection: Connection) -> list[Reading]:
    """Who reads whom: sources of protocol ``register`` that have been approved, until they are retired (a
    suspended one, or one that an amendment sent back, still ties its two registers together)."""
    parent, child = registers.alias("parent"), registers.alias("child")
    query = (
        select(parent.c.id, parent.c.level, child.c.id, child.c.level)
        .select_from(sources)
        .join(parent, parent.c.id == sources.c.register_id)
        .join(child, child.c.code == sources.c.location)
        .where(
            text(f"sources.{READS_A_REGISTER}"),
            sources.c.approved_fingerprint != "",
            sources.c.status != str(SourceStatus.RETIRED),
        )
    )
    return [
        Reading(above, Level(upper), below, Level(lower))
        for above, upper, below, lower in connection.execute(query)
    ]
