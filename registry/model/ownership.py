"""Who owns an identifier in a register: whoever was approved for the longest prefix of it (house rule 7).

Only prefixes that were approved own anything: a namespace mints, and what is merely stated waits for its approval.
A source that reads another register, and states no prefixes, owns what the sources beneath it were approved for.
Sources that both declare to report together own alike, so that what they hold are variants.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from registry.model.identifier import comparable
from registry.model.source import OwnedPrefix, SourceScope

_BEHIND_ALL: Final = chr(0x10FFFF)


class Owner(NamedTuple):
    """A source of a register that is not retired, and the scope that was approved of it last. ``inherited``: what is
    its own besides, where that scope states no prefixes."""

    code: str
    scope: SourceScope
    inherited: tuple[str, ...] = ()

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The prefixes that are its own."""
        return self.scope.identifier_prefixes or self.inherited


class Approved(NamedTuple):
    """A source that was approved and is not retired: its id, its code, the scope that was approved, and the code of
    the register that it reads (empty: it reads none of this installation)."""

    id: int
    code: str
    scope: SourceScope
    reads: str

    @property
    def inherits(self) -> bool:
        """Whether what the sources beneath it own is its own."""
        return bool(self.reads) and not self.scope.identifier_prefixes


def beneath(register: str, approved: Mapping[str, Sequence[Approved]], *, home: str) -> tuple[str, ...]:
    """The prefixes that the sources of a register, and of those beneath it, were approved for, sorted.

    ``approved``: the sources of each register, by its code. What leads back to ``home``, the register that asks, is
    left out: nobody inherits from there what is there already.
    """
    seen, waiting, found = {home}, [register], set[str]()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for each in approved.get(current, ()):
            found.update(each.scope.identifier_prefixes)
            if each.inherits:
                waiting.append(each.reads)
    return tuple(sorted(found))


def report_together(one: Owner, other: Owner) -> bool:
    """Whether both declare that their prefixes may overlap."""
    return other.code in one.scope.co_reports_with and one.code in other.scope.co_reports_with


def barred(own: Owner, other: Owner) -> tuple[str, ...]:
    """The prefixes of ``other`` under which ``own`` brings nothing, unless as long a one of its own covers it.

    Of a source that states prefixes only those matter that lie below them: the others are foreign to it anyway.
    """
    if own.code == other.code or report_together(own, other):
        return ()
    within = tuple(map(comparable, own.scope.identifier_prefixes)) or ("",)
    return tuple(each for each in other.prefixes if comparable(each).startswith(within))


def owned(own: Owner) -> tuple[OwnedPrefix, ...]:
    """All prefixes of ``own``, sorted."""
    return tuple(sorted(OwnedPrefix.of(each, own.code) for each in own.prefixes))


def owned_elsewhere(own: Owner, others: Iterable[Owner]) -> tuple[OwnedPrefix, ...]:
    """All prefixes that bar ``own``, sorted, each with its owner."""
    return tuple(sorted(OwnedPrefix.of(each, other.code) for other in others for each in barred(own, other)))


def owned_by_another(
    identifier: str, own: Sequence[OwnedPrefix], elsewhere: Sequence[OwnedPrefix]
) -> OwnedPrefix | None:
    """The prefix of another source under which an identifier belongs to that one; None where it does not.

    Both are sorted. Two sources with the very same prefix both own what lies under it.
    """
    form = comparable(identifier)
    theirs = _longest(form, elsewhere)
    if theirs is None:
        return None
    ours = _longest(form, own)
    return theirs if ours is None or len(theirs.form) > len(ours.form) else None


def owning(identifier: str, holders: Iterable[tuple[Owner, Sequence[OwnedPrefix]]]) -> frozenset[str]:
    """The codes of those ``holders`` of an identifier that own it among themselves, each given with what is its own
    (:func:`owned`): those with the longest prefix of it, and those that report together with them.

    Who else owns it does not matter: then what holds is settled by what those hold who hold something.
    """
    form = comparable(identifier)
    reaching = [
        (owner, len(found.form))
        for owner, prefixes in holders
        if (found := _longest(form, prefixes)) is not None
    ]
    return frozenset(
        owner.code
        for owner, length in reaching
        if all(length >= longer or report_together(owner, other) for other, longer in reaching)
    )


def _longest(form: str, sought: Sequence[OwnedPrefix]) -> OwnedPrefix | None:
    """The longest prefix of ``form`` among sorted ones. Each step back leaves out a prefix that lies between
    the one sought and the identifier, and what they have in common is all that can still be found."""
    common, end = form, len(sought)
    while end := bisect_right(sought, (common, _BEHIND_ALL), hi=end):
        candidate = sought[end - 1]
        if form.startswith(candidate.form):
            return candidate
        pairs = zip(form, candidate.form, strict=False)
        common = form[: next(at for at, (ours, theirs) in enumerate(pairs) if ours != theirs)]
    return None
