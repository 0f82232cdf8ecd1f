"""Who owns an identifier in a register: whoever was approved for the longest prefix of it (house rule 7).

Only prefixes that were approved own anything: a namespace mints, and what is merely stated waits for its approval.
Sources that both declare to report together own alike, so that what they hold are variants.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from registry.model.identifier import owner_prefix
from registry.model.source import OwnedPrefix, SourceScope

_BEHIND_ALL: Final = chr(0x10FFFF)


class Owner(NamedTuple):
    """A source of a register that is not retired, and the scope that was approved of it last."""

    code: str
    scope: SourceScope


def report_together(one: Owner, other: Owner) -> bool:
    """Whether both declare that their prefixes may overlap."""
    return other.code in one.scope.co_reports_with and one.code in other.scope.co_reports_with


def barred(own: Owner, other: Owner) -> tuple[str, ...]:
    """The prefixes of ``other`` under which ``own`` brings nothing, unless a longer one of its own covers it.

    Of a source that states prefixes only those matter that lie below them: the others are foreign to it anyway.
    """
    if own.code == other.code or report_together(own, other):
        return ()
    within = own.scope.identifier_prefixes or ("",)
    return tuple(each for each in other.scope.identifier_prefixes if each.startswith(within))


def owned_elsewhere(own: Owner, others: Iterable[Owner]) -> tuple[OwnedPrefix, ...]:
    """All prefixes that bar ``own``, sorted, each with its owner."""
    return tuple(sorted(OwnedPrefix(each, other.code) for other in others for each in barred(own, other)))


def owned_by_another(
    identifier: str, own_prefixes: tuple[str, ...], elsewhere: Sequence[OwnedPrefix]
) -> OwnedPrefix | None:
    """The prefix of another source under which an identifier belongs to that one; None where it does not.

    ``elsewhere`` is sorted. Two sources with the very same prefix both own what lies under it.
    """
    found = _longest(identifier, elsewhere)
    if found is None:
        return None
    own = owner_prefix(identifier, own_prefixes) or ""
    return found if len(found.prefix) > len(own) else None


def _longest(identifier: str, owned: Sequence[OwnedPrefix]) -> OwnedPrefix | None:
    """The longest prefix of ``identifier`` among sorted ones. Each step back leaves out a prefix that lies between
    the one sought and the identifier, and what they have in common is all that can still be found."""
    sought, end = identifier, len(owned)
    while end := bisect_right(owned, (sought, _BEHIND_ALL), hi=end):
        candidate = owned[end - 1]
        if identifier.startswith(candidate.prefix):
            return candidate
        pairs = zip(identifier, candidate.prefix, strict=False)
        sought = identifier[: next(at for at, (ours, theirs) in enumerate(pairs) if ours != theirs)]
    return None


__all__ = ["OwnedPrefix", "Owner", "barred", "owned_by_another", "owned_elsewhere", "report_together"]
