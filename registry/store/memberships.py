"""Which OAI-PMH sets entries belong to, as few shared combinations instead of rows per entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from registry.store.engine import insert_rows, is_sqlite
from registry.store.tables import membership_sets, memberships, sets, version_sets, versions

_c = memberships.c


class Membership(NamedTuple):
    """A combination: the sets an entry is in, and those it was once in and has left (listed as deleted)."""

    sets: tuple[str, ...]
    left: tuple[str, ...] = ()

    def followed_by(self, specs: tuple[str, ...]) -> Membership:
        """The combination of an entry that was in this one and is in ``specs`` now."""
        left = sorted({*self.sets, *self.left} - set(specs))
        return Membership(specs, tuple(left))

    @property
    def key(self) -> str:
        return " ".join(self.sets) + "|" + " ".join(self.left)


def by_ids(connection: Connection, ids: Iterable[int]) -> dict[int, Membership]:
    """Combinations by id."""
    query = select(_c.id, _c.sets, _c.left).where(_c.id.in_(list(ids)))
    return {row[0]: Membership(tuple(row[1]), tuple(row[2])) for row in connection.execute(query)}


def ids_of(connection: Connection, wanted: Iterable[Membership]) -> dict[Membership, int]:
    """The id of each combination; new ones are stored."""
    by_key = {each.key: each for each in wanted}
    known = _known(connection, by_key)
    if missing := [by_key[key] for key in sorted(by_key.keys() - known.keys())]:
        _store(connection, missing)
        known |= _known(connection, [each.key for each in missing])
    return {membership: known[key] for key, membership in by_key.items()}


def _known(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    query = select(_c.key, _c.id).where(_c.key.in_(list(keys)))
    return {row[0]: row[1] for row in connection.execute(query)}


def _store(connection: Connection, missing: Sequence[Membership]) -> None:
    """Store combinations, sorted by key, unless a settle of another register has just done so.

    First all combinations, then all sets, each in their order: two writers wait for each other, and never in
    a circle. Whoever stored a combination says which sets it consists of.
    """
    dialect = sqlite if is_sqlite(connection) else postgresql
    rows = [{"key": each.key, "sets": each.sets, "left": each.left} for each in missing]
    statement = dialect.insert(memberships).values(rows).on_conflict_do_nothing().returning(_c.id, _c.key)
    ids = {row.key: row.id for row in connection.execute(statement)}
    specs = {
        each.key: {**dict.fromkeys(each.sets, False), **dict.fromkeys(each.left, True)} for each in missing
    }
    names = sorted({spec for of_one in specs.values() for spec in of_one})
    insert_rows(connection, sets, (sets.c.spec,), [(name,) for name in names], ignore_existing=True)
    stored = connection.execute(select(sets.c.spec, sets.c.id).where(sets.c.spec.in_(names)))
    set_ids = {row.spec: row.id for row in stored}
    filed = [
        (ids[key], set_ids[spec], gone)
        for key, of_one in specs.items()
        if key in ids
        for spec, gone in of_one.items()
    ]
    _m = membership_sets.c
    insert_rows(connection, membership_sets, (_m.membership_id, _m.set_id, _m.gone), filed)


def file_versions(connection: Connection, register_id: int, first: int, last: int) -> None:
    """Enter the versions first..last of a register under each of their sets (one set-based statement)."""
    query = (
        select(
            versions.c.register_id, membership_sets.c.set_id, versions.c.sequence, membership_sets.c.gone
        )
        .join_from(
            versions, membership_sets, membership_sets.c.membership_id == versions.c.membership_id
        )
        .where(versions.c.register_id == register_id, versions.c.sequence.between(first, last))
    )  # fmt: skip
    connection.execute(insert(version_sets).from_select(["register_id", "set_id", "sequence", "gone"], query))
