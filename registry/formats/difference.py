"""Two documents side by side, element by element, in the words of the schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from schemas.codes import divisions
from schemas.codes.categories import category
from schemas.codes.labels import labels
from schemas.issue import NO_TEXT, Text
from schemas.vocabulary import Element, elements
from schemas.xml import parse


class Field(NamedTuple):
    """A text of a document. ``path`` names it uniquely (``Party[2]/partyName``), ``label`` is the schema's name for it
    with the place among its likes; ``value`` is the text, ``meaning`` what it stands for where it is a code."""

    path: str
    label: Text
    value: str
    meaning: Text


class Difference(NamedTuple):
    """One field in both documents; None where one has it not."""

    path: str
    label: Text
    before: Field | None
    after: Field | None

    @property
    def is_same(self) -> bool:
        return self.before == self.after


def fields(content: bytes) -> list[Field]:
    """All texts of a document (canonical bytes), in its order."""
    return list(_fields(parse(content), "", NO_TEXT))


def difference(before: bytes | None, after: bytes | None) -> list[Difference]:
    """The fields of both documents, those of ``after`` in its order, each behind those of ``before`` that it lacks."""
    old = {each.path: each for each in fields(before)} if before is not None else {}
    new = {each.path: each for each in fields(after)} if after is not None else {}
    rows: list[Difference] = []
    pending = list(old)
    for path, field in new.items():
        if path in old:
            while pending and pending[0] != path:
                gone = pending.pop(0)
                if gone not in new:
                    rows.append(Difference(gone, old[gone].label, old[gone], None))
            if pending:
                pending.pop(0)
        rows.append(Difference(path, field.label, old.get(path), field))
    rows += [Difference(path, old[path].label, old[path], None) for path in pending if path not in new]
    return rows


def _fields(element: etree._Element, path: str, within: Text) -> Iterator[Field]:
    known = elements()
    seen: Counter[str] = Counter()
    likes = Counter(etree.QName(child).localname for child in element)
    for child in element:
        name = etree.QName(child).localname
        seen[name] += 1
        place = f"{path}{name}[{seen[name]}]"
        label = _label(known.get(name), name, within, seen[name] if likes[name] > 1 else 0)
        if len(child):
            yield from _fields(child, f"{place}/", label)
        else:
            value = child.text or ""
            yield Field(place, label, value, _meaning(known.get(name), name, value, element))


def _label(element: Element | None, name: str, within: Text, number: int) -> Text:
    own = element.name if element is not None else Text(name, name)
    counted = Text(f"{own.zh} {number}", f"{own.en} {number}") if number else own
    return Text(f"{within.zh} · {counted.zh}", f"{within.en} · {counted.en}") if within.zh else counted


def _meaning(known: Element | None, name: str, value: str, record: etree._Element) -> Text:
    """What the text of an element stands for: an item in the catalogue of its record, a division, a code of a list."""
    if known is None:
        return NO_TEXT
    if name == "item":
        item = category(record.findtext("{*}catalogue") or "", value)
        return item.label if item else NO_TEXT
    if name == "division" and divisions.is_known(value):
        return Text(divisions.name(value), divisions.name(value, "en"))
    return labels(known.codes).get(value, NO_TEXT) if known.codes else NO_TEXT
