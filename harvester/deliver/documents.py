"""Tables written as documents of catalogue records, one record a line: line 17 of the document is row 17."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from harvester.deliver.sheets import Row, SheetLimits, TableRefused, read_rows
from registry.formats.cells import as_written
from registry.formats.columns import Column, column_of, content_of, mandatory_missing
from registry.formats.composing import compose
from registry.model.issue import Text
from schemas.xsd import NAMESPACE

TABLES = (".csv", ".xlsx")
"""The files that are tables, by the ends of their names."""

_HEAD = f'<?xml version="1.0" encoding="UTF-8"?><records xmlns="{NAMESPACE}">'
_EMPTY = Text("{file} 是空表", "{file} is an empty table")
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


def write_document(table: Path, target: Path, limits: SheetLimits | None = None) -> int:
    """Write the records of ``table`` into the new file ``target``; returns how many.

    Raises :class:`TableRefused` where it is no table of records; ``target`` is then incomplete.
    """
    rows = read_rows(table, limits)
    heading = next(rows, None)
    if heading is None:
        raise TableRefused(_EMPTY.format(file=table.name))
    columns = _columns(table, heading)
    line, count = heading.number, 0
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(_HEAD)
        for row in rows:
            if not any(cell.strip() for cell in row.cells):
                continue
            stream.write("\n" * (row.number - line))
            line = row.number
            stream.write(_record(table, columns, row))
            count += 1
        stream.write("\n</records>\n")
    return count


def _columns(table: Path, heading: Row) -> Sequence[Column]:
    found: list[Column] = []
    unknown = []
    for text in heading.cells:
        column = column_of(text)
        if column is None:
            unknown.append(text.strip() or "?")
        elif column in found:
            raise TableRefused(_TWICE.format(file=table.name, name=text))
        else:
            found.append(column)
    if not found and not "".join(unknown).isascii():
        raise TableRefused(_NO_HEADING.format(file=table.name))  # and quote nothing: it may be misread
    if unknown:
        raise TableRefused(_UNKNOWN.format(file=table.name, names=", ".join(unknown)))
    if missing := mandatory_missing(found):
        names = ", ".join(f"{each.zh} ({each.name})" for each in missing)
        raise TableRefused(_MISSING.format(file=table.name, names=names))
    return found


def _record(table: Path, columns: Sequence[Column], row: Row) -> str:
    if any(cell.strip() for cell in row.cells[len(columns) :]):
        raise TableRefused(_TOO_LONG.format(file=table.name, row=row.number))
    values = {column.name: as_written(cell) for column, cell in zip(columns, row.cells, strict=False)}
    try:
        element = compose(content_of(values))
    except ValueError as error:
        raise TableRefused(_CHARACTERS.format(file=table.name, row=row.number)) from error
    return etree.tostring(element, encoding="unicode")
