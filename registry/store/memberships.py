"""Which OAI-PMH sets entries belong to, as few shared combinations instead of rows per entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from registry.store.engine import insert_rows
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
    missing = [by_key[key] for key in sorted(by_key.keys() - known.keys())]
    for membership in missing:
        known[membership.key] = _add(connection, membership)
    return {membership: known[key] for key, membership in by_key.items()}


def _known(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    query = select(_c.key, _c.id).where(_c.key.in_(list(keys)))
    return {row[0]: row[1] for row in connection.execute(query)}


def _add(connection: Connection, membership: Membership) -> int:
    values = {"key": membership.key, "sets": membership.sets, "left": membership.left}
    if (found := _known(connection, [membership.key])).get(membership.key):
        return found[membership.key]
    key = int(connection.execute(insert(memberships).values(**values).returning(_c.id)).scalar_one())
    specs = {**dict.fromkeys(membership.sets, False), **dict.fromkeys(membership.left, True)}
    insert_rows(connection, sets, (sets.c.spec,), [(spec,) for spec in sorted(specs)], ignore_existing=True)
    ids = connection.execute(select(sets.c.id, sets.c.spec).where(sets.c.spec.in_(list(specs))))
    connection.execute(
        insert(membership_sets),
        [{"membership_id": key, "set_id": row.id, "gone": specs[row.spec]} for row in ids],
    )
    return key


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


def specs_in(connection: Connection, register_id: int, mark: int) -> list[str]:
    """All set specs under which the register has versions up to ``mark``, sorted."""
    some = (
        select(version_sets.c.sequence)
        .where(
            version_sets.c.register_id == register_id,
            version_sets.c.set_id == sets.c.id,
            version_sets.c.sequence <= mark,
        )
        .exists()
    )
    return sorted(row[0] for row in connection.execute(select(sets.c.spec).where(some)))
