"""What an outlet may show of a register's log: the one place that decides between a record, a mere header
that says *deleted*, and nothing at all. Every outlet lists through it.

    the text stands, and ``visible`` allows it    -> the record
    else, once seen by this audience              -> deleted: who copied it learns to drop it
    else                                          -> omitted, as if it had never been

A text that was replaced is shown (to a walk that began earlier, in a history, as of a day) only while the
newest text of its entry may be shown too: what was withdrawn or has expired does not come back by an old token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import accumulate, product
from typing import NamedTuple

from registry.model.document import Sharing
from registry.model.register import Register
from registry.model.version import Line, Version
from registry.model.visibility import Audience, Terms, visible
from registry.store import lines, log, memberships, search
from registry.store.engine import Connection
from registry.store.search import Hit


class Listing(StrEnum):
    """What an outlet makes of a version."""

    RECORD = "record"
    DELETED = "deleted"
    OMITTED = "omitted"


def listing(version: Version, audience: Audience, on: date) -> Listing:
    """How ``version``, the newest of its entry, is listed for ``audience`` on the day ``on``."""
    if audience is Audience.NOBODY:
        return Listing.OMITTED
    if not version.deleted and visible(version.facts, audience, on):
        return Listing.RECORD
    seen = version.was_public if audience is Audience.PUBLIC else version.was_peer
    return Listing.DELETED if seen else Listing.OMITTED


class _StoredTerms(NamedTuple):
    """The terms of a line (fulfils ``Terms``)."""

    sharing: Sharing
    open: bool
    published_from: date | None = None
    published_until: date | None = None


@dataclass(frozen=True, slots=True)
class View:
    """Who reads, and the day on which they do."""

    audience: Audience
    on: date
    _known: dict[tuple[object, ...], bool] = field(default_factory=dict, compare=False, repr=False)

    def allows(self, line: Line) -> bool:
        """Whether the document of ``line`` may be shown, whatever has become of its entry. Asks ``visible``
        once for each kind of terms: long lists have few."""
        terms = (line.sharing, line.open, line.published_from, line.published_until)
        known = self._known.get(terms)
        if known is None:
            known = self._known[terms] = visible(_terms(line), self.audience, self.on)
        return known


def _terms(line: Line) -> Terms | None:
    if line.sharing is None:
        return None
    since, until = (
        None if day is None else date.fromisoformat(day)
        for day in (line.published_from, line.published_until)
    )
    return _StoredTerms(Sharing(line.sharing), bool(line.open), since, until)


def shown_terms(audience: Audience) -> list[tuple[str, bool]]:
    """The (sharing, open) pairs of documents that ``audience`` may see within their publication period."""
    pairs = product(Sharing, (False, True))
    return [(str(each), is_open) for each, is_open in pairs
            if visible(_StoredTerms(each, is_open), audience, date.min)]  # fmt: skip


class Span(NamedTuple):
    """A part of the log as of ``mark``: versions in (after, through], of one set or of all (empty)."""

    after: int
    through: int
    mark: int
    set_spec: str = ""


class Page(NamedTuple):
    """Entries as they are listed: each line, and whether its text is shown (else: deleted).

    ``stamps`` are (last sequence, datestamp) of the publications that hold them; ``more`` says whether
    anything else is listed behind the last one.
    """

    listed: Sequence[tuple[Line, bool]]
    stamps: Sequence[tuple[int, datetime]]
    more: bool


PAGE_BYTES = 8 * 1024**2
"""A page ends early where its documents would exceed this: harvesters do not take answers of any size."""


def page(
    connection: Connection,
    register_id: int,
    span: Span,
    view: View,
    *,
    limit: int,
    present: int,
    with_content: bool = True,
) -> Page:
    """The next entries of ``span``, at most ``limit``; empty only where nothing more is listed.

    ``present`` is the sequence up to which readers are shown the register today (at least ``span.mark``).
    """
    listed: list[tuple[Line, bool]] = []
    after = span.after
    while len(listed) <= limit and view.audience is not Audience.NOBODY:
        found = lines.current_after(
            connection, register_id, after=after, through=span.through, mark=span.mark, limit=limit + 1,
            seen_by=view.audience, set_spec=span.set_spec, with_content=with_content,
        )  # fmt: skip
        listed += _listed(connection, register_id, found, span, view, present)
        if len(found) <= limit:
            break
        after = found[-1].sequence
    kept = listed[: _fitting(listed, limit)]
    if not kept:
        return Page((), (), more=False)
    stamps = lines.stamps(connection, register_id, kept[0][0].sequence, kept[-1][0].sequence)
    return Page(kept, stamps, more=len(kept) < len(listed))


def _fitting(listed: Sequence[tuple[Line, bool]], limit: int) -> int:
    """How many of ``listed`` make a page: one at least, as many as the limits allow."""
    sizes = [len(line.content) for line, _ in listed[:limit]]
    if sum(sizes) <= PAGE_BYTES:
        return len(sizes)
    return max(1, sum(total <= PAGE_BYTES for total in accumulate(sizes)))


def _listed(
    connection: Connection, register_id: int, found: Sequence[Line], span: Span, view: View, present: int
) -> list[tuple[Line, bool]]:
    pairs = [(line, not line.deleted and view.allows(line)) for line in found]
    if span.mark < present:
        replaced = [line for line, shown in pairs if shown and 0 < line.superseded_by <= present]
        withdrawn = _withdrawn(connection, register_id, replaced, view, present)
        pairs = [(line, shown and line.identifier not in withdrawn) for line, shown in pairs]
    if span.set_spec:
        hidden = [line for line, shown in pairs if not shown]
        known = _shown_before(connection, register_id, hidden, span.set_spec, view.audience)
        pairs = [(line, shown) for line, shown in pairs if shown or line.sequence in known]
    return pairs


def _withdrawn(
    connection: Connection, register_id: int, replaced: Sequence[Line], view: View, present: int
) -> set[str]:
    """Those of the ``replaced`` entries whose newest text may not be shown."""
    if not replaced:
        return set()
    newest = lines.newest(
        connection, register_id, [line.identifier for line in replaced], mark=present, seen_by=view.audience
    )
    return {identifier for identifier, line in newest.items() if not view.allows(line)}


def _shown_before(
    connection: Connection, register_id: int, hidden: Sequence[Line], set_spec: str, audience: Audience
) -> set[int]:
    """The sequences of those ``hidden`` lines whose entry was once shown in the set, then or earlier: only
    there it is listed as deleted. (Where a text stood, its day lay within its publication period.)"""
    allowed = set(shown_terms(audience))
    known: set[int] = set()
    pending = {line.sequence: line for line in hidden}  # by the line asked about: how far back we are
    while pending:
        specs = memberships.by_ids(connection, {line.membership_id for line in pending.values()})
        known |= {
            sequence
            for sequence, line in pending.items()
            if not line.deleted
            and (line.sharing, bool(line.open)) in allowed
            and set_spec in specs[line.membership_id].sets
        }
        asked_by = {line.sequence: sequence for sequence, line in pending.items() if sequence not in known}
        before = lines.earlier(connection, register_id, asked_by, seen_by=audience) if asked_by else {}
        pending = {asked_by[later]: line for later, line in before.items()}
    return known


def single(
    connection: Connection,
    register_id: int,
    identifier: str,
    view: View,
    *,
    mark: int,
    present: int,
    with_content: bool = True,
) -> tuple[Line, bool] | None:
    """One entry as of ``mark``, as it is listed; None where it is not."""
    line = lines.newest(
        connection, register_id, [identifier], mark=mark, seen_by=view.audience, with_content=with_content
    ).get(identifier)
    if line is None:
        return None
    span = Span(line.sequence - 1, line.sequence, mark)
    return _listed(connection, register_id, [line], span, view, present)[0]


def history(
    connection: Connection, register_id: int, identifier: str, view: View, *, mark: int
) -> list[tuple[Version, bool]]:
    """The versions of an entry that ``view`` may know of, newest first, and whether the text of each is
    shown: none is, unless the newest one is."""
    return judged(log.history(connection, register_id, identifier, mark=mark), view)


def judged(versions: Sequence[Version], view: View) -> list[tuple[Version, bool]]:
    """The same of versions of one entry that are at hand, newest first, the newest of all among them."""
    if not versions or view.audience is Audience.NOBODY:
        return []
    stands = listing(versions[0], view.audience, view.on) is Listing.RECORD
    listings = [(each, listing(each, view.audience, view.on)) for each in versions]
    return [
        (each, stands and listed is Listing.RECORD)
        for each, listed in listings
        if listed is not Listing.OMITTED
    ]


def set_specs(connection: Connection, register_id: int, view: View, *, mark: int) -> list[str]:
    """The sets in which something was ever shown to this audience."""
    return lines.specs_shown(connection, register_id, mark, shown_terms(view.audience))


class Found(NamedTuple):
    """Entries that a search found, newest first; ``last`` continues behind them (None: there are no more)."""

    versions: Sequence[Version]
    last: Hit | None


def found(
    connection: Connection,
    register: Register,
    words: str,
    view: View,
    *,
    limit: int,
    after: Hit | None = None,
    specs: Sequence[str] = (),
) -> Found:
    """Current entries of ``register`` that hold all ``words``, are in all sets of ``specs`` and may be shown, without
    their documents."""
    shown: list[tuple[Hit, Version]] = []
    while len(shown) <= limit and view.audience is not Audience.NOBODY:
        hits = search.query(connection, register, words, limit=limit + 1, after=after, specs=specs)
        versions = log.at(connection, register.id, [hit.sequence for hit in hits])
        shown += [
            (hit, versions[hit.sequence])
            for hit in hits
            if listing(versions[hit.sequence], view.audience, view.on) is Listing.RECORD
        ]
        if len(hits) <= limit:
            break
        after = hits[-1]
    kept = shown[:limit]
    return Found([version for _, version in kept], kept[-1][0] if len(shown) > limit else None)
