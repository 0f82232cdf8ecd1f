"""A run's changes as proposals to people: looked at page by page, counted, set aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Select, func, or_, select, update

from registry.model.choice import EVERYTHING, Choice
from registry.model.diff import CHANGING, Action
from registry.model.document import Facts
from registry.store.documents import FACT_COLUMNS, facts_from
from registry.store.engine import among
from registry.store.tables import changes, documents

_c = changes.c
PROPOSED = (*CHANGING, Action.ABSENT, Action.DECLINED, Action.OUTDATED)
"""What a change set shows: what would change, and what no longer does (refused records are told as issues)."""


class Proposal(NamedTuple):
    """One change with the facts of the document that it brings; of the one that it takes away, where it brings none.

    ``document_id`` is what the record becomes (None: nothing), ``previous_id`` what it was (None: nothing).
    """

    id: int
    identifier: str
    action: Action
    document_id: int | None
    previous_id: int | None
    place: str
    facts: Facts | None


def page(
    connection: Connection, run_id: int, choice: Choice, *, after: int = 0, limit: int = 100
) -> list[Proposal]:
    """The chosen changes of a run behind the change ``after``, in the order in which they came."""
    columns = (
        _c.id, _c.identifier, _c.action, _c.document_id, _c.previous_document_id, _c.previous_deleted, _c.place,
        *FACT_COLUMNS,
    )  # fmt: skip
    query = _chosen(connection, run_id, choice, PROPOSED, *columns)
    query = query.where(_c.id > after).order_by(_c.id).limit(limit)
    return [_proposal(row) for row in connection.execute(query)]


def of_identifier(connection: Connection, run_id: int, identifier: str) -> Proposal | None:
    """The change of a run under an identifier; None where it proposes none."""
    return next(iter(page(connection, run_id, Choice(only=frozenset({identifier})), limit=1)), None)


def _proposal(row: Any) -> Proposal:
    action = Action(row[2])
    goes = action in (Action.DELETED, Action.VANISHED)
    previous = None if row[5] else row[4]
    return Proposal(row[0], row[1], action, None if goes else row[3], previous, row[6], facts_from(row, 7))


def counts(
    connection: Connection, run_id: int, choice: Choice, among_actions: Sequence[Action]
) -> dict[Action, int]:
    """How many of the run's changes of these actions are chosen, by action."""
    query = _chosen(connection, run_id, choice, among_actions, _c.action, func.count()).group_by(_c.action)
    return {Action(action): count for action, count in connection.execute(query)}


def left_out(connection: Connection, run_id: int, choice: Choice) -> Select[Any]:
    """The ids of the changes that would change the register and are not chosen."""
    chosen = _chosen(connection, run_id, choice, CHANGING, _c.id).subquery()
    return (
        select(_c.id)
        .select_from(changes.outerjoin(chosen, chosen.c.id == _c.id))
        .where(_c.run_id == run_id, _c.action.in_([str(each) for each in CHANGING]), chosen.c.id.is_(None))
    )


def set_aside(connection: Connection, run_id: int, choice: Choice) -> dict[str, int]:
    """What is not chosen changes nothing any more (DECLINED); returns how many, by what they were."""
    chosen = counts(connection, run_id, choice, CHANGING)
    proposed = counts(connection, run_id, EVERYTHING, CHANGING)
    connection.execute(
        update(changes)
        .where(_c.id.in_(left_out(connection, run_id, choice)))
        .values(action=str(Action.DECLINED))
    )
    left = {action: count - chosen.get(action, 0) for action, count in proposed.items()}
    return {str(action): count for action, count in left.items() if count}


def _chosen(
    connection: Connection, run_id: int, choice: Choice, actions: Sequence[Action], *columns: Any
) -> Select[Any]:
    """Columns of the run's changes of these ``actions`` for which the choice holds, each with its document."""
    shown = func.coalesce(_c.document_id, _c.previous_document_id)
    wanted = [each for each in actions if not choice.actions or each in choice.actions]
    asks_documents = any((choice.catalogue, choice.item, choice.division, choice.text))
    told = any(each.table is documents for each in columns if isinstance(each, Column))
    read = changes.outerjoin(documents, documents.c.id == shown) if asks_documents or told else changes
    query = (
        select(*columns)
        .select_from(read)
        .where(_c.run_id == run_id, _c.action.in_([str(each) for each in wanted]))
    )
    for column, value in (
        (documents.c.catalogue, choice.catalogue),
        (documents.c.item, choice.item),
        (documents.c.division, choice.division),
    ):
        if value:
            query = query.where(column == value)
    if choice.text:
        part = choice.text
        query = query.where(
            or_(
                documents.c.title.contains(part, autoescape=True),
                _c.identifier.contains(part, autoescape=True),
            )
        )
    if choice.only:
        query = query.where(among(_c.identifier, sorted(choice.only), connection))
    if choice.without:
        query = query.where(~among(_c.identifier, sorted(choice.without), connection))
    return query
