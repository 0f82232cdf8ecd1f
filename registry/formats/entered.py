"""One record as it is entered in a form, field by field, and as the document that is delivered of it.

The fields are the columns of the tables (``registry.formats.columns``); a form holds several parties where a row of a
table holds one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from registry.formats.columns import COLUMNS, content_of
from registry.formats.composing import Content, compose
from registry.formats.lists import NAMESPACE as LIST
from registry.formats.lists import entry, identifier_of
from registry.formats.rows import cell_of, differing
from schemas.xml import canonical, parse
from schemas.xsd import NAMESPACE

PARTY: Final = tuple(each for each in COLUMNS if each.path.startswith("party/"))
"""The fields of one party."""
ONCE: Final = tuple(each for each in COLUMNS if each not in PARTY)
"""The fields of a record besides."""

_AROUND: Final = b'<?xml version="1.0" encoding="UTF-8"?><records xmlns="%b">%b</records>\n'
_RECORD, _PARTY = f"{{{NAMESPACE}}}record", f"{{{NAMESPACE}}}party"


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in a form: texts by the short names of columns, for the record and for each of its parties.
    ``identifier``: under which the record is known already; empty where its own number mints one."""

    values: Mapping[str, str]
    parties: Sequence[Mapping[str, str]] = ()
    identifier: str = ""


def document_of(entered: Entered) -> bytes:
    """The document that holds this record alone. Raises ``ValueError`` for text that XML cannot hold."""
    record = etree.tostring(_composed(entered), encoding="utf-8")
    content = entry(entered.identifier, record) if entered.identifier else record
    return _AROUND % (LIST.encode(), content)


def entered_in(document: bytes) -> Entered:
    """What was entered, given the document that was made of it."""
    record = next(parse(document).iter(_RECORD))
    return replace(entered_of(canonical(record)), identifier=identifier_of(record))


def entered_of(content: bytes) -> Entered:
    """What would have to stand in a form for a record, given its canonical bytes."""
    record = parse(content)
    values = {each.name: cell_of(each, record) for each in ONCE}
    return Entered(values, [_party(each) for each in record.findall(_PARTY)])


def left_out(content: bytes) -> tuple[str, ...]:
    """The elements of a record that a form cannot hold: they would be lost if it were saved from there."""
    return differing(content, canonical(_composed(entered_of(content))))


def _composed(entered: Entered) -> etree._Element:
    content: dict[str, Content] = content_of(entered.values)
    parties = (content_of(each)["party"] for each in entered.parties if any(each.values()))
    return compose(content | {"party": list(parties)})


def _party(element: etree._Element) -> dict[str, str]:
    alone = etree.Element(_RECORD)
    alone.append(element)
    return {each.name: cell_of(each, alone) for each in PARTY}
