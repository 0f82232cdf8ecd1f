"""Entries: browsed and searched; one entry with its fields, its variants, its way here and its history.

Everybody who may read entries reads them as a peer does. Whoever looks after sources also learns that there are entries
whose text nobody may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import Response, request

from registry.errors import NotFound
from registry.formats.difference import Difference, Field, difference, fields
from registry.model.acts import cause_label
from registry.model.document import Facts
from registry.model.issue import Text
from registry.model.merge import Ranking, explain
from registry.model.register import Register
from registry.model.role import Permission
from registry.model.version import Version
from registry.model.visibility import Audience, visible
from registry.outlets import selection
from registry.outlets.oaipmh.sets import text_of
from registry.outlets.selection import View
from registry.services.rights import Place
from registry.store import browsing, documents, erasures, holdings, log, pins
from registry.store.browsing import Browsed
from registry.store.search import Hit
from registry.web.admin import paging
from registry.web.admin.language import language
from registry.web.admin.registers import beneath, readable
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_entry, of_register
from registry.web.admin.visit import Visit

pages = Pages("entries")

HISTORY = 30
"""Versions on the page of an entry."""
ERASURES = 5
SIDE_BY_SIDE = 4
"""Variants whose texts are shown beside each other."""

_NO_ENTRY = Text(
    zh="登记册 {register} 中没有这个条目。", en="there is no such entry in the register {register}."
)
_NO_VERSION = Text(
    zh="该条目没有这个版本，或其内容不可展示。",
    en="the entry has no such version, or its text may not be shown.",
)


class Listed(NamedTuple):
    """An entry in a list; without facts where nobody may see its text."""

    identifier: str
    sequence: int
    deleted: bool
    facts: Facts | None
    source: str = ""


@pages.read("/registers/<code>/entries", Permission.READ_ENTRIES, on=of_register)
def listing(visit: Visit, register: Register) -> Response:
    """The entries of a register, by catalogue, item and division, or by words that they hold."""
    view = View(Audience.PEER, visit.today)
    known = selection.set_specs(visit.connection, register.id, view, mark=register.mark)
    chosen = [each for each in map(request.args.get, ("catalogue", "division")) if each in known]
    every = _learns_of_all(visit, register)
    words = request.args.get("text", "").strip()
    found = (
        _searched(visit, register, words, view, chosen)
        if words
        else _browsed(visit, register, view, chosen, every=every)
    )
    narrower = {root: beneath(known, _of(chosen, root)) for root in ("catalogue", "division")}
    return visit.page(
        "entries/list.html",
        register=register,
        entries=found,
        words=words,
        chosen={root: _trail(_of(chosen, root)) for root in ("catalogue", "division")},
        narrower={root: [(each, _last_name(each)) for each in found] for root, found in narrower.items()},
        counts=browsing.counts(
            visit.connection,
            register,
            [*narrower["catalogue"], *narrower["division"]],
            seen_by_peers=not every,
        ),
        most_counted=browsing.MOST,
    )


def _of(chosen: Sequence[str], root: str) -> str:
    return next((each for each in chosen if each.startswith(f"{root}:")), root)


def _trail(spec: str) -> list[tuple[str, Text]]:
    """A chosen set, below those that it lies in, each with its name."""
    parts = spec.split(":")
    return [(each, _last_name(each)) for each in (":".join(parts[:end]) for end in range(2, len(parts) + 1))]


def _last_name(spec: str) -> Text:
    """The name of a set without those that it lies in."""
    root, *path = spec.split(":")
    return text_of(f"{root}:{path[-1]}") if root == "division" else text_of(spec)


def _browsed(
    visit: Visit, register: Register, view: View, chosen: Sequence[str], *, every: bool
) -> paging.Slice[Listed]:
    deleted = request.args.get("state") == "deleted"
    found = browsing.page(
        visit.connection, register, chosen, deleted=deleted, seen_by_peers=not every,
        before=paging.after_number(), limit=paging.ROWS + 1,
    )  # fmt: skip
    return paging.cut([_listed(each, view) for each in found], lambda each: each.sequence)


def _listed(row: Browsed, view: View) -> Listed:
    shown = not row.deleted and visible(row.facts, view.audience, view.on)
    return Listed(row.identifier, row.sequence, row.deleted, row.facts if shown else None, row.source)


def _searched(
    visit: Visit, register: Register, words: str, view: View, chosen: Sequence[str]
) -> paging.Slice[Listed]:
    document, _, sequence = paging.after().partition("-")
    behind = Hit(int(document), int(sequence)) if document.isdecimal() and sequence.isdecimal() else None
    found = selection.found(
        visit.connection, register, words, view, limit=paging.ROWS, after=behind, specs=chosen
    )
    rows = [Listed(each.identifier, each.sequence, each.deleted, each.facts) for each in found.versions]
    following = f"{found.last.document_id}-{found.last.sequence}" if found.last else ""
    return paging.Slice(rows, following, first=behind is None)


def _learns_of_all(visit: Visit, register: Register) -> bool:
    """Whether whoever is signed in learns that there are entries whose text no peer may ever have seen: whoever sees
    the runs that brought them does."""
    return visit.may(Permission.READ_RUNS, Place(register.id))


class Told(NamedTuple):
    """A version in the history of an entry. ``version`` has a text only where ``is_shown``."""

    version: Version
    is_shown: bool
    cause: Text
    run: int | None
    source: str


class Variant(NamedTuple):
    """What one source holds for the entry, with the reason for its place."""

    ranking: Ranking
    document_id: int | None
    is_shown: bool


class Entry(NamedTuple):
    """An entry as its page shows it: its versions newest first, ``more`` of them left out; its variants, the one that
    stands first."""

    register: Register
    identifier: str
    history: Sequence[Told]
    more: bool
    variants: Sequence[Variant]

    @property
    def stands(self) -> Told:
        return self.history[0]

    @property
    def title(self) -> str:
        facts = self.stands.version.facts
        return facts.title if self.stands.is_shown and facts is not None else self.identifier


def entry_of(visit: Visit, register: Register, identifier: str) -> Entry:
    """The entry, as far as whoever is signed in may know of it. Raises ``NotFound``."""
    view = View(Audience.PEER, visit.today)
    every = _learns_of_all(visit, register)
    versions = log.history(visit.connection, register.id, identifier, mark=register.mark, limit=HISTORY + 1)
    shown = {version.sequence: is_shown for version, is_shown in selection.judged(versions, view)}
    known = [each for each in versions if every or each.sequence in shown]
    if not known:
        raise NotFound(_NO_ENTRY.format(register=register.code))
    origins = browsing.origins(visit.connection, register.id, [each.sequence for each in known])
    history = [
        Told(
            each, shown.get(each.sequence, False), cause_label(origins[each.sequence].cause),
            _run_of(origins[each.sequence].cause), origins[each.sequence].source,
        )
        for each in known
    ]  # fmt: skip
    variants = _variants(visit, register, identifier, view, open_to_all=history[0].is_shown or every)
    return Entry(register, identifier, history[:HISTORY], len(history) > HISTORY, variants)


def _run_of(cause: str) -> int | None:
    kind, _, number = cause.partition(":")
    return int(number) if kind == "run" and number.isdecimal() else None


def _variants(
    visit: Visit, register: Register, identifier: str, view: View, *, open_to_all: bool
) -> list[Variant]:
    held = holdings.candidates(visit.connection, register.id, [identifier]).get(identifier, [])
    by_record = {id(each.record): each for each in held}
    return [
        Variant(
            ranking,
            by_record[id(ranking.record)].document_id,
            open_to_all
            and not ranking.record.deleted
            and visible(ranking.record.facts, view.audience, view.on),
        )
        for ranking in explain([each.record for each in held], register.policy.authority)
    ]


@pages.read("/registers/<code>/entry", Permission.READ_ENTRIES, on=of_entry)
def show(visit: Visit, register: Register, identifier: str) -> Response:
    """One entry (``?identifier=``)."""
    entry = entry_of(visit, register, identifier)
    stands = entry.stands
    compared = [each for each in entry.variants if each.is_shown and each.document_id is not None]
    return visit.page(
        "entries/show.html",
        register=register,
        entry=entry,
        rows=[_both(each) for each in fields(stands.version.content)] if stands.is_shown else [],
        sets=[text_of(each) for each in stands.version.sets],
        sources=[(each.ranking.record.source_code, "as-it-is") for each in compared[:SIDE_BY_SIDE]],
        table=_table(visit, compared[:SIDE_BY_SIDE]) if len(compared) > 1 else [],
        readable=readable(visit),
        pinned=pins.of_entry(visit.connection, register.id, identifier),
        erasures=erasures.of_identifier(visit.connection, identifier)[:ERASURES],
    )


def _both(field: Field) -> tuple[Text, str, str]:
    """A field's label, its label in the other language, and what it says."""
    other = field.label.zh if language() == "en" else field.label.en
    return field.label, other, told(field) or ""


def _table(visit: Visit, variants: Sequence[Variant]) -> list[tuple[Text, list[str | None]]]:
    """The fields of some variants side by side, in the order of the first."""
    contents = documents.contents(visit.connection, [each.document_id or 0 for each in variants])
    texts = [{each.path: each for each in fields(contents[variant.document_id or 0])} for variant in variants]
    labels = {path: field.label for columns in texts for path, field in columns.items()}
    return [(label, [told(columns.get(path)) for columns in texts]) for path, label in labels.items()]


@pages.read("/registers/<code>/entry/version", Permission.READ_ENTRIES, on=of_entry)
def version(visit: Visit, register: Register, identifier: str) -> Response:
    """What one version (``&sequence=``) changed, field by field."""
    entry = entry_of(visit, register, identifier)
    asked = request.args.get("sequence", "")
    place = next((n for n, each in enumerate(entry.history) if str(each.version.sequence) == asked), None)
    if place is None:
        raise NotFound(_NO_VERSION)
    after = entry.history[place]
    before = entry.history[place + 1] if place + 1 < len(entry.history) else None
    return visit.page(
        "entries/version.html",
        register=register,
        entry=entry,
        after=after,
        before=before,
        rows=[row_of(each) for each in difference(_content(before), _content(after))],
    )


def _content(each: Told | None) -> bytes | None:
    return each.version.content if each is not None and each.is_shown else None


def row_of(each: Difference) -> tuple[Text, str | None, str | None]:
    """A row of the table of differences."""
    return each.label, told(each.before), told(each.after)


def told(field: Field | None) -> str | None:
    """The text of a field; a code with what it stands for."""
    if field is None or not field.meaning.zh:
        return None if field is None else field.value
    return f"{field.meaning.in_language(language())} ({field.value})"
