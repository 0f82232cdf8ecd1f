"""A catalogue record as a row of the table that is imported and exported (``registry.formats.columns``), side by side
with what the row cannot hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from registry.formats.columns import COLUMNS, Column, content_of
from registry.formats.composing import compose
from registry.formats.leaves import leaves
from schemas.xml import canonical, parse
from schemas.xsd import NAMESPACE

CELL_CHARACTERS = 32_767
"""How much a cell of a spreadsheet holds."""


class Row(NamedTuple):
    """``cells`` in the order of ``COLUMNS``. ``lost``: the names of elements that would not come back as they are if
    the row were imported: a second party, a text with line breaks; empty where the row is the whole record."""

    cells: tuple[str, ...]
    lost: tuple[str, ...]


def row_of(content: bytes) -> Row:
    """The row of a record, given its canonical bytes."""
    record = parse(content)
    cells = tuple(_cell(column, record) for column in COLUMNS)
    texts = {column.name: cell for column, cell in zip(COLUMNS, cells, strict=True)}
    return Row(cells, tuple(_lost(content, texts)))


def _cell(column: Column, record: etree._Element) -> str:
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in column.path.split("/"))
    outer, _, inner = steps.rpartition("/{")
    place = record if not outer else record.find(outer)
    if place is None:
        return ""
    found = [each.text or "" for each in place.findall(f"{{{inner}" if outer else steps)]
    text = "; ".join(found) if column.many else "".join(found[:1])
    return text if len(text) <= CELL_CHARACTERS else ""


def _lost(content: bytes, texts: Mapping[str, str]) -> Iterator[str]:
    """The elements in which the record differs from the one that the row makes."""
    again = canonical(compose(content_of(texts)))
    if again == content:
        return
    told, held = (leaves(each) for each in (content, again))
    before, after = (Counter(zip(each.names, each.texts, strict=True)) for each in (told, held))
    differing = {name for name, _ in (before - after) + (after - before)}
    yield from sorted(name.decode() for name in differing) or ("record",)
