"""A catalogue record as a row of the table that is imported and exported (``registry.formats.columns``), side by side
with what the row cannot hold."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from lxml import etree

from registry.formats.columns import COLUMNS, Column, content_of
from registry.formats.composing import compose
from registry.formats.difference import fields
from schemas.xml import canonical, parse
from schemas.xsd import NAMESPACE

CELL_CHARACTERS = 32_767
"""How much a cell of a spreadsheet holds."""

_NUMBER_OF_A_TEXT = re.compile(r"\[\d+\]$")
_REPEATED = re.compile(r"\[\d+\]")


class Row(NamedTuple):
    """``cells`` in the order of ``COLUMNS``. ``lost``: the paths of elements that would not come back as they are if
    the row were imported: ``party[2…]/partyName`` of a second party or a third, ``abstract`` where it has line breaks;
    empty where the row is the whole record."""

    cells: tuple[str, ...]
    lost: tuple[str, ...]


def row_of(content: bytes) -> Row:
    """The row of a record, given its canonical bytes."""
    record = parse(content)
    cells = tuple(cell_of(column, record) for column in COLUMNS)
    texts = {column.name: cell for column, cell in zip(COLUMNS, cells, strict=True)}
    return Row(cells, differing(content, canonical(compose(content_of(texts)))))


def cell_of(column: Column, record: etree._Element) -> str:
    """What a record has for a column: the first of several unless the column holds many."""
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in column.path.split("/"))
    outer, _, inner = steps.rpartition("/{")
    place = record if not outer else record.find(outer)
    if place is None:
        return ""
    found = [each.text or "" for each in place.findall(f"{{{inner}" if outer else steps)]
    text = "; ".join(found) if column.many else "".join(found[:1])
    return text if len(text) <= CELL_CHARACTERS else ""


def differing(content: bytes, again: bytes) -> tuple[str, ...]:
    """The paths of the elements in which two records (their canonical bytes) differ; none where they do not."""
    if again == content:
        return ()
    before, after = (
        Counter((_path(field.path), field.value) for field in fields(each)) for each in (content, again)
    )
    return tuple(sorted({path for path, _ in (before - after) + (after - before)})) or ("record",)


def _path(numbered: str) -> str:
    """``IdPoC[1]/rpOrgName[1]`` → ``IdPoC/rpOrgName``; of groups beyond the first ``IdPoC[2…]/rpOrgName``."""
    return _REPEATED.sub("[2…]", _NUMBER_OF_A_TEXT.sub("", numbered.replace("[1]/", "/")))
