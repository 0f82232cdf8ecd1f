"""Who owns which identifiers in a register: settled when a source is approved, or declared as co-reporting.

What was approved owns until the source is retired, also while it is suspended or something else is stated of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from registry.errors import Conflict
from registry.model.issue import Text
from registry.model.ownership import Owner, barred, owned_elsewhere
from registry.model.register import AuthorityChange
from registry.model.source import SourceDescription, SourceScope, SourceStatus
from registry.services import ordering
from registry.store import registers, sources
from registry.store.engine import Connection, one_at_a_time

_OVERLAP = Text(
    zh="来源 {source} 的标识符前缀 {own} 与来源 {other} 已批准的前缀 {theirs} 重叠。"
    "请用 mulu source amend 缩小其中一方的前缀;"
    "若两者确属共同报送,双方均用 --co-reports-with 声明({source}:{other};{other}:{source})。",
    en="the identifier prefix {own} of {source} overlaps with {theirs}, approved for {other}. Narrow one of them "
    "(`mulu source amend --identifier-prefix`); where both report the same on purpose, declare it on both "
    "(`mulu source amend {source} --co-reports-with {other}`, and the other way round).",
)


def checked(connection: Connection, source: sources.Source) -> sources.Source:
    """The source, which may be approved as far as the register's other sources are concerned.

    Raises ``Conflict`` where one of its identifier prefixes begins with, or is the beginning of, one that was approved
    for another source of the register, unless both declare that they report together. Approvals exclude each other.
    """
    register_id = source.description.register_id
    one_at_a_time(connection, f"owners:{register_id}")
    for other in sources.listed(connection, register_id=register_id, limit=100_000):
        if other.id == source.id or not other.approved_fingerprint or other.status is SourceStatus.RETIRED:
            continue
        theirs_approved = replace(other.description, scope=other.approved_scope or other.description.scope)
        found = overlap(source.description, theirs_approved)
        if found is not None and not _together(source, other):
            own, theirs = found
            raise Conflict(_OVERLAP.format(source=source.code, other=other.code, own=own, theirs=theirs))
    return source


def for_walk(connection: Connection, source: SourceDescription) -> SourceDescription:
    """A source as a walk over it needs it: with what the others of its register own at this moment.

    That is not frozen with the order: an order may wait, there is one for each of thousands of sources, and who owns
    what is nothing that its approver decided.
    """
    own = Owner(source.code, source.scope)
    others = (owner for _, owner in sources.owners(connection, source.register_id))
    return replace(source, owned_elsewhere=owned_elsewhere(own, others))


def changed(
    connection: Connection,
    source: sources.Source,
    scope: SourceScope | None,
    *,
    event_id: int,
    actor: str,
    now: datetime,
) -> None:
    """What ``source`` (as it stood before) may speak for is ``scope`` now, or nothing (None: it is retired).

    Sources that were barred from something that is free now read their lists anew. Where other prefixes than before
    are its own, the entries follow that it shares with others: that is ordered. The caller has locked the register.
    """
    if source.approved_scope is None or scope == source.approved_scope:
        return
    before, after = Owner(source.code, source.approved_scope), Owner(source.code, scope or SourceScope())
    for other_id, other in sources.owners(connection, source.description.register_id):
        if other_id != source.id and set(barred(other, before)) - set(barred(other, after)):
            sources.read_anew(connection, other_id, now)
    if scope is not None and set(before.scope.identifier_prefixes) != set(after.scope.identifier_prefixes):
        register = registers.by_id(connection, source.description.register_id)
        follows = (*register.policy.to_follow, AuthorityChange(source.code, event_id))
        registers.change(connection, register.id, policy=replace(register.policy, to_follow=follows))
        ordering.place_settling(connection, register.id, requested_by=actor, now=now)


def overlap(one: SourceDescription, other: SourceDescription) -> tuple[str, str] | None:
    """The first pair of prefixes under which both may speak for an identifier; None where there is none, and where
    neither of them states prefixes: then nothing is owned."""
    if not (one.scope.identifier_prefixes or other.scope.identifier_prefixes):
        return None
    pairs = ((own, theirs) for own in _prefixes(one) for theirs in _prefixes(other))
    return next((pair for pair in pairs if pair[0].startswith(pair[1]) or pair[1].startswith(pair[0])), None)


def _prefixes(source: SourceDescription) -> tuple[str, ...]:
    """What is stated; else what the source's namespace mints (a register passes on what others minted)."""
    minted = (f"oai:{source.namespace}:",) if source.namespace and not source.is_internal else ()
    return source.scope.identifier_prefixes or minted


def _together(one: sources.Source, other: sources.Source) -> bool:
    return (
        other.code in one.description.scope.co_reports_with
        and one.code in other.description.scope.co_reports_with
    )
