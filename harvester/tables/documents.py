"""Tables written as documents of catalogue records, one record a line: line 17 of the document is row 17."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import IO, Final, NamedTuple

from lxml import etree

from harvester.tables.sheets import Row, SheetLimits, TableRefused, read_rows
from registry.formats.cells import as_written
from registry.formats.columns import IDENTIFIER, Column, column_of, content_of, mandatory_missing
from registry.formats.composing import compose
from registry.formats.lists import NAMESPACE, entry
from registry.model.issue import Text

TABLES = (".csv", ".xlsx")
"""The files that are tables, by the ends of their names."""

_HEAD = f'<?xml version="1.0" encoding="UTF-8"?><records xmlns="{NAMESPACE}">'
_EMPTY = Text("{file} 是空表", "{file} is an empty table")
_NO_ROWS = Text("{file} 只有表头，没有记录", "{file} holds headings but no record")
_UNKNOWN = Text(
    "{file} 中有未知列：{names}；列名见 docs/import.md", "{file}: unknown columns {names}; see docs/import.md"
)
_NO_HEADING = Text(
    "{file} 的第一行没有一个已知的列名；请确认第一行是表头，文件编码为 UTF-8 或 GB18030；列名见 docs/import.md",
    "{file}: its first row holds no known heading; make sure that the headings stand first and that the file is "
    "UTF-8 or GB18030; see docs/import.md",
)
_TWICE = Text("{file} 中的列 {name} 出现了两次", "{file}: the column {name} stands twice")
_MISSING = Text("{file} 缺少必需的列：{names}", "{file} lacks the columns {names}")
_TOO_LONG = Text(
    "{file} 第 {row} 行的单元格多于表头", "{file}, row {row}: more cells than the heading has columns"
)
_CHARACTERS = Text(
    "{file} 第 {row} 行含有 XML 不能容纳的控制字符",
    "{file}, row {row}: control characters that XML cannot hold",
)


_PIECE: Final = 1 << 18
_SHOWN: Final = 60


class Piece(NamedTuple):
    """Some of a document, and how many records it holds."""

    content: bytes
    records: int


def document_of(name: str, content: IO[bytes], limits: SheetLimits | None = None) -> Iterator[Piece]:
    """The records of a table (of a file of this name, by whose end it is known) as one document, in pieces.

    Raises :class:`TableRefused` where it is no table of records; the pieces are then none of a document.
    """
    with closing(read_rows(name, content, limits)) as rows:
        heading = next(rows, None)
        if heading is None or not "".join(heading.cells).strip():
            raise TableRefused(_EMPTY.format(file=name))
        columns = _columns(name, heading)
        line, count, texts, size = heading.number, 0, [_HEAD], 0
        is_empty = True
        for row in rows:
            if not any(cell.strip() for cell in row.cells):
                continue
            texts += ("\n" * (row.number - line), _record(name, columns, row))
            line, count, size = row.number, count + 1, size + len(texts[-1])
            is_empty = False
            if size >= _PIECE:
                yield Piece("".join(texts).encode(), count)
                texts, count, size = [], 0, 0
    if is_empty:
        raise TableRefused(_NO_ROWS.format(file=name))
    yield Piece("".join((*texts, "\n</records>\n")).encode(), count)


def _columns(name: str, heading: Row) -> Sequence[Column]:
    found: list[Column] = []
    unknown = []
    for text in heading.cells:
        column = column_of(text)
        if column is None:
            unknown.append(_short(text) or "?")
        elif column in found:
            raise TableRefused(_TWICE.format(file=name, name=_short(text)))
        else:
            found.append(column)
    if not found and not "".join(unknown).isascii():
        raise TableRefused(_NO_HEADING.format(file=name))  # and quote nothing: it may be misread
    if unknown:
        raise TableRefused(_UNKNOWN.format(file=name, names=", ".join(unknown)))
    if missing := mandatory_missing(found):
        names = ", ".join(f"{each.zh} ({each.name})" for each in missing)
        raise TableRefused(_MISSING.format(file=name, names=names))
    return found


def _short(heading: str) -> str:
    text = " ".join(heading.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _record(name: str, columns: Sequence[Column], row: Row) -> str:
    if any(cell.strip() for cell in row.cells[len(columns) :]):
        raise TableRefused(_TOO_LONG.format(file=name, row=row.number))
    values = {column.name: as_written(cell) for column, cell in zip(columns, row.cells, strict=False)}
    try:
        record = etree.tostring(compose(content_of(values)), encoding="utf-8")
        identifier = values.get(IDENTIFIER.name, "").strip()
        return (entry(identifier, record) if identifier else record).decode()
    except ValueError as error:
        raise TableRefused(_CHARACTERS.format(file=name, row=row.number)) from error
