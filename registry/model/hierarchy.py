"""Which registers lie above which: a register is above those that it reads as sources, if its level is higher.

The level decides besides the reading, so that nobody comes above a register by merely reading it from below or from
beside, and so that the relation has no loops. A departmental register is above none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from registry.model.register import Level

_RANK: Mapping[Level, int] = {level: rank for rank, level in enumerate(Level)}


class Reading(NamedTuple):
    """One register (``parent``) reads another one (``child``) as a source; ids and levels."""

    parent: int
    parent_level: Level
    child: int
    child_level: Level


def is_above(parent: Level, child: Level) -> bool:
    """Whether a register of the level ``parent`` that reads one of the level ``child`` lies above it."""
    return parent is not Level.DEPARTMENTAL and _RANK[parent] < _RANK[child]


def rising(register_id: int, readings: Iterable[Reading]) -> Iterator[frozenset[int]]:
    """The registers directly above one, then those above these, and so on; each comes once, where it is nearest."""
    parents: dict[int, set[int]] = {}
    for each in readings:
        if is_above(each.parent_level, each.child_level):
            parents.setdefault(each.child, set()).add(each.parent)
    seen = {register_id}
    step = frozenset({register_id})
    while step := frozenset().union(*(parents.get(each, ()) for each in step)) - seen:
        seen |= step
        yield step


def ancestry(register_id: int, readings: Iterable[Reading]) -> frozenset[int]:
    """The ids of all registers above one, directly or through others (a register may have several parents)."""
    return frozenset[int]().union(*rising(register_id, readings))


class Place(NamedTuple):
    """A register's place in an outline: beneath which other (None: beneath none that is listed), and how deep.
    ``again``: it stands elsewhere already, with what lies beneath it."""

    register_id: int
    parent_id: int | None
    depth: int
    again: bool


def outline(register_ids: Sequence[int], readings: Iterable[Reading]) -> list[Place]:
    """Registers, each followed by those directly beneath it, in the order of ``register_ids`` within a level.

    Who has several parents stands beneath each of them, and is unfolded where it comes first.
    """
    listed = set(register_ids)
    children: dict[int, set[int]] = {}
    for each in readings:
        if {each.parent, each.child} <= listed and is_above(each.parent_level, each.child_level):
            children.setdefault(each.parent, set()).add(each.child)
    order = {register_id: number for number, register_id in enumerate(register_ids)}
    beneath_some = {child for found in children.values() for child in found}
    waiting: list[tuple[int, int | None, int]] = [
        (each, None, 0) for each in reversed(register_ids) if each not in beneath_some
    ]
    places: list[Place] = []
    unfolded: set[int] = set()
    while waiting:
        current, parent, depth = waiting.pop()
        places.append(Place(current, parent, depth, current in unfolded))
        if current not in unfolded:
            unfolded.add(current)
            below = sorted(children.get(current, ()), key=order.__getitem__, reverse=True)
            waiting += [(each, current, depth + 1) for each in below]
    return places
