"""The merge of what a register's sources hold into its entries: winner, tombstone, sets, visibility, version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from registry.model.merge import AuthorityPolicy, winner
from registry.model.record import route_of
from registry.model.register import Register
from registry.model.visibility import Audience, in_publication_period, visible
from registry.services.ingest import sets
from registry.store import entries, holdings, memberships, registers, versions
from registry.store.engine import Connection
from registry.store.memberships import Membership

Candidates = Mapping[str, Sequence[holdings.Candidate]]
"""All records that a register's sources hold, by identifier."""


def merge(connection: Connection, register: Register, candidates: Candidates, *, on: date, cause: str) -> int:
    """Bring entries to what their records say on the day ``on``: the winner, as a tombstone where it is
    deleted or out of its publication period. Writes versions above the register's head, in the order of
    ``candidates``, within the caller's transaction; returns how many.
    """
    if not candidates:
        return 0
    heads = versions.heads(connection, register.id, list(candidates))
    _note_beginnings(connection, register.policy.authority, candidates, heads, on)
    memberships_of_heads = memberships.by_ids(connection, {head.membership_id for head in heads.values()})
    policy = register.policy.authority
    possible = [
        _draft(identifier, held, heads.get(identifier), policy, on) for identifier, held in candidates.items()
    ]
    drafts = [draft for draft in possible if draft is not None]
    wanted = [_membership(draft, memberships_of_heads, on) for draft in drafts]
    ids = memberships.ids_of(connection, set(wanted))
    new = [
        versions.NewVersion(
            sequence, draft.identifier, draft.chosen.document_id, draft.deleted,
            draft.chosen.record.source_id, draft.route, draft.chosen.path, ids[membership],
            draft.was_public, draft.was_peer, draft.head,
        )
        for sequence, draft, membership in zip(
            range(register.head + 1, register.head + 1 + len(drafts)), drafts, wanted, strict=True
        )
    ]  # fmt: skip
    if new:
        versions.append(connection, register.id, new, cause)
        memberships.file_versions(connection, register.id, new[0].sequence, new[-1].sequence)
        registers.advance_head(connection, register.id, new[-1].sequence, sum(map(_entries_change, drafts)))
    return len(new)


def _note_beginnings(
    connection: Connection,
    policy: AuthorityPolicy,
    candidates: Candidates,
    heads: Mapping[str, versions.Head],
    on: date,
) -> None:
    """Tombstones that stay so get no version; remember when the calendar must look at them again."""
    beginnings = []
    for identifier, head in heads.items():
        if head.deleted:
            chosen = _chosen(candidates[identifier], policy)
            facts = None if chosen.record.deleted else chosen.record.facts
            if chosen.document_id != head.document_id and facts is not None and facts.published_from:
                beginnings.append((head.id, facts.published_from if facts.published_from > on else None))
    entries.set_beginnings(connection, beginnings)


def _chosen(candidates: Sequence[holdings.Candidate], policy: AuthorityPolicy) -> holdings.Candidate:
    if len(candidates) == 1:
        return candidates[0]
    best = winner([each.record for each in candidates], policy)
    return next(each for each in candidates if each.record is best)


class _Draft(NamedTuple):
    """A version before its sequence is known."""

    identifier: str
    chosen: holdings.Candidate
    deleted: bool
    route: str
    was_public: bool
    was_peer: bool
    head: versions.Head | None


def _draft(
    identifier: str,
    candidates: Sequence[holdings.Candidate],
    head: versions.Head | None,
    policy: AuthorityPolicy,
    on: date,
) -> _Draft | None:
    """The entry's next version; none where its head says the same already."""
    chosen = _chosen(candidates, policy)
    facts = chosen.record.facts
    deleted = chosen.record.deleted or facts is None or not in_publication_period(facts, on)
    path = chosen.record.path
    route = " ".join(route_of(path)) if path else ""
    if head is not None and head.deleted and deleted and not _withdraws_more(head, chosen):
        return None
    if head is not None and (head.document_id, head.deleted, head.source_id, head.route) == (
        chosen.document_id,
        deleted,
        chosen.record.source_id,
        route,
    ):
        return None
    shown = None if deleted else facts
    return _Draft(
        identifier,
        chosen,
        deleted,
        route,
        (head is not None and head.was_public) or visible(shown, Audience.PUBLIC, on),
        (head is not None and head.was_peer) or visible(shown, Audience.PEER, on),
        head,
    )


def _withdraws_more(head: versions.Head, chosen: holdings.Candidate) -> bool:
    """Whether a tombstone must be followed by another: where texts of the entry were shown once, and a source has
    another one now that may not be. What is asked about the past goes by the terms of the newest text."""
    was_shown = head.was_public or head.was_peer
    return was_shown and not chosen.record.deleted and chosen.document_id != head.document_id


def _membership(draft: _Draft, of_heads: dict[int, Membership], on: date) -> Membership:
    facts = draft.chosen.record.facts
    specs = sets.specs_of(facts, on) if facts is not None else ()
    if draft.head is None:
        return Membership(specs)
    return of_heads[draft.head.membership_id].followed_by(specs)


def _entries_change(draft: _Draft) -> int:
    before = 0 if draft.head is None or draft.head.deleted else 1
    return (0 if draft.deleted else 1) - before
