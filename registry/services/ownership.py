"""Who owns which identifiers in a register: settled when a source is approved, or declared as co-reporting.

What was approved owns until the source is retired, also while it is suspended or something else is stated of it. What
is decided in a register changes what those own that inherit from it, in the registers above, all the way up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from registry.errors import Conflict
from registry.model.identifier import comparable
from registry.model.issue import Text
from registry.model.ownership import Owner, barred, owned, owned_elsewhere
from registry.model.register import AuthorityChange
from registry.model.source import SourceDescription, SourceScope, SourceStatus
from registry.services import ordering
from registry.store import ownership as approved
from registry.store import records, registers, sources
from registry.store.engine import Connection, one_at_a_time

_OVERLAP = Text(
    zh="来源 {source} 的标识符前缀 {own} 与来源 {other} 已批准的前缀 {theirs} 重叠。"
    "请用 mulu source amend 缩小其中一方的前缀;"
    "若两者确属共同报送，双方均用 --co-reports-with 声明({source}:{other};{other}:{source})。",
    en="the identifier prefix {own} of {source} overlaps with {theirs}, approved for {other}. Narrow one of them "
    "(`mulu source amend --identifier-prefix`); where both report the same on purpose, declare it on both "
    "(`mulu source amend {source} --co-reports-with {other}`, and the other way round).",
)


class Standing(NamedTuple):
    """The owners of a register by the ids of their sources, and which of these a decision may change."""

    owners: Mapping[int, Owner]
    changing: Set[int]


def locked(connection: Connection, source: sources.Source) -> dict[int, Standing]:
    """Who owns what in the register of ``source``, and in those above where somebody inherits from it, by the ids of
    these registers. Nobody else changes that until the transaction ends: registers are locked before sources, and each
    by their ids, as everybody locks them."""
    one_at_a_time(connection, "owners")
    changing = {source.description.register_id: {source.id}}
    for register_id, source_id in approved.heirs(connection, source.description.register_code):
        changing.setdefault(register_id, set()).add(source_id)
    for register_id in sorted(changing):
        registers.by_id(connection, register_id, lock=True)
    sources.lock_all(connection, sorted(changing))
    return {key: Standing(dict(approved.owners(connection, key, ids)), ids) for key, ids in changing.items()}


def checked(connection: Connection, source: sources.Source) -> sources.Source:
    """The source, which may be approved as far as the register's other sources are concerned.

    Raises ``Conflict`` where one of its identifier prefixes begins with, or is the beginning of, one that was approved
    for another source of the register, unless both declare that they report together. The caller has locked the owners.
    """
    own = _owner(connection, source.description)
    owners = dict(approved.owners(connection, source.description.register_id))
    for other in sources.listed(connection, register_id=source.description.register_id, limit=100_000):
        theirs = owners.get(other.id)
        if theirs is None or other.id == source.id or _together(source, other):
            continue
        found = overlap(own, source.description, theirs, other.description)
        if found is not None:
            ours, others = found
            raise Conflict(_OVERLAP.format(source=source.code, other=other.code, own=ours, theirs=others))
    return source


def for_walk(connection: Connection, source: SourceDescription) -> SourceDescription:
    """A source as a walk over it needs it: with what it and the others of its register own at this moment.

    That is not frozen with the order: an order may wait, there is one for each of thousands of sources, and who owns
    what is nothing that its approver decided.
    """
    own = _owner(connection, source)
    others = (owner for _, owner in approved.owners(connection, source.register_id))
    return replace(source, owned=owned(own), owned_elsewhere=owned_elsewhere(own, others))


def _owner(connection: Connection, stated: SourceDescription) -> Owner:
    """The source as an owner, were it approved as it is stated."""
    if not stated.is_internal or stated.scope.identifier_prefixes:
        return Owner(stated.code, stated.scope)
    inherited = approved.inherited(connection, stated.location, home=stated.register_code)
    return Owner(stated.code, stated.scope, inherited)


def changed(
    connection: Connection,
    before: Mapping[int, Standing],
    *,
    event_id: int,
    actor: str,
    now: datetime,
) -> None:
    """A source was approved or retired: it, and whoever inherits from it, may own something else than ``before``
    (:func:`locked`).

    Sources that were barred from something that is free now read their lists anew. Where others prefixes than before
    are somebody's own, the entries follow that it shares with others: that is ordered.
    """
    for register_id, standing in before.items():
        after = dict(approved.owners(connection, register_id, standing.changing))
        anew: set[int] = set()
        for key in standing.changing & standing.owners.keys():
            was, owner = standing.owners[key], after.get(key)
            if owner == was:
                continue
            anew.update(_freed(key, was, owner or Owner(was.code, SourceScope()), after))
            if owner is not None and _rank(owner) != _rank(was) and records.any_of(connection, key):
                _have_followed(connection, register_id, AuthorityChange(was.code, event_id), actor, now)
        for source_id in sorted(anew):
            _have_read_anew(connection, source_id, actor, now)


def _rank(owner: Owner) -> tuple[Set[str], Set[str]]:
    """What its records rank by in the merge."""
    return frozenset(owner.prefixes), frozenset(owner.scope.co_reports_with)


def _freed(key: int, was: Owner, owner: Owner, after: Mapping[int, Owner]) -> Iterator[int]:
    """The sources that may bring something that they might not, where ``was`` has become ``owner``: others, or the
    one that inherits itself."""
    for other_id, other in after.items():
        if other_id != key and set(barred(other, was)) - set(barred(other, owner)):
            yield other_id
    gained = tuple(map(comparable, set(owner.inherited) - set(was.inherited)))
    for other in after.values():
        bars = tuple(map(comparable, barred(owner, other)))
        if bars and any(each.startswith(bars) for each in gained):
            yield key


def _have_followed(
    connection: Connection, register_id: int, change: AuthorityChange, actor: str, now: datetime
) -> None:
    """Note that the entries have to follow, in place of what they have to follow for the same source already: of
    thousands of approvals beneath, one note is left."""
    register = registers.by_id(connection, register_id)
    same = (change.source_code, change.act, change.identifier)
    left = [
        each for each in register.policy.to_follow if (each.source_code, each.act, each.identifier) != same
    ]
    policy = replace(register.policy, to_follow=(*left, change))
    registers.change(connection, register.id, policy=policy)
    ordering.place_settling(connection, register.id, requested_by=actor, now=now)


def _have_read_anew(connection: Connection, source_id: int, actor: str, now: datetime) -> None:
    """Nobody else asks for a register that has not published: that is ordered."""
    sources.read_anew(connection, source_id, now)
    source = sources.by_id(connection, source_id)
    if source.description.is_internal and source.status is SourceStatus.APPROVED:
        ordering.place_harvest(connection, source, full=False, requested_by=actor, now=now)


def overlap(
    own: Owner, stated: SourceDescription, theirs: Owner, described: SourceDescription
) -> tuple[str, str] | None:
    """The first pair of prefixes under which both may speak for an identifier; None where there is none, and where
    neither of them owns any: then nothing is owned. Two that read registers, and of which one inherits, are two ways
    to the same records, or bring variants of them."""
    if not (own.prefixes or theirs.prefixes):
        return None
    if stated.is_internal and described.is_internal and (own.inherited or theirs.inherited):
        return None
    pairs = ((one, other) for one in _prefixes(own, stated) for other in _prefixes(theirs, described))
    return next((pair for pair in pairs if _overlap(*map(comparable, pair))), None)


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _prefixes(owner: Owner, described: SourceDescription) -> tuple[str, ...]:
    """What it owns; else what the source's namespace mints (a register passes on what others minted)."""
    minted = (f"oai:{described.namespace}:",) if described.namespace and not described.is_internal else ()
    return owner.prefixes or minted


def _together(one: sources.Source, other: sources.Source) -> bool:
    return (
        other.code in one.description.scope.co_reports_with
        and one.code in other.description.scope.co_reports_with
    )
