"""Rows of CSV and XLSX files that people hand in, within limits. Formulas are not evaluated: such a cell is
an error, since what it shows cannot be known."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from harvester.errors import ProtocolFailure
from registry.model.issue import Text
from schemas.decoders import UTF8_PASSAGE

_DELIMITERS = ",;\t"
_SNIFFED = 1 << 16
_LONG_CHARACTER = 0xE0  # begins a character of three bytes or more in UTF-8
_LINES_NAMED = 5
_XML_MEMBERS = (".xml", ".rels", ".vml")
_ZIP_PIECE = 1 << 16

_TOO_LARGE = Text("{file} 超过 {limit} 字节", "{file} is longer than {limit} bytes")
_TOO_MANY = Text("{file} 的行数超过 {limit}", "{file} has more than {limit} rows")
_TOO_WIDE = Text("{file} 第 {row} 行的列数超过 {limit}", "{file}, row {row}: more than {limit} columns")
_CELL = Text(
    "{file} 第 {row} 行有超过 {limit} 字的单元格", "{file}, row {row}: a cell of more than {limit} characters"
)
_FORMULA = Text(
    "{file} 第 {row} 行第 {column} 列是公式；请先粘贴为数值",
    "{file}, row {row}, column {column}: a formula; paste its value instead",
)
_NO_ENCODING = Text("{file} 既不是 UTF-8 也不是 GB18030 文本", "{file} is neither UTF-8 nor GB18030 text")
_MIXED = Text(
    "{file} 混用了编码：第 {lines} 行是 UTF-8，第 {others} 行不是；请以同一种编码重新保存整个文件",
    "{file} mixes encodings: line {lines} is UTF-8, line {others} is not; save the whole file in one encoding",
)
_NO_WORKBOOK = Text("{file} 不是可读的 XLSX 文件", "{file} is no XLSX file that can be read")
_DECLARES = Text(
    "{file} 中的 {member} 含有文档类型声明，不予读取", "{file}: {member} declares a document type; not read"
)


class TableRefused(ProtocolFailure):
    """A file cannot be read as a table of records; nothing of it is delivered."""


class Row(NamedTuple):
    """One row: its number in the file (the first is 1) and the texts of its cells."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """How large a table may be. ``inflated_bytes``: of all members of an XLSX file together."""

    file_bytes: int = 256 << 20
    inflated_bytes: int = 1 << 30
    rows: int = 1_000_000
    columns: int = 500
    cell_characters: int = 32_767  # what a spreadsheet itself can hold


def read_rows(file: Path, limits: SheetLimits | None = None) -> Iterator[Row]:
    """The rows of a CSV file, or of the first sheet of an XLSX file. Raises :class:`TableRefused`."""
    limits = limits or SheetLimits()
    if file.stat().st_size > limits.file_bytes:
        raise TableRefused(_TOO_LARGE.format(file=file.name, limit=limits.file_bytes))
    is_workbook = file.suffix.lower() == ".xlsx"
    rows = _workbook_rows(file, limits) if is_workbook else _text_rows(file, limits)
    for row in rows:
        if row.number > limits.rows:
            raise TableRefused(_TOO_MANY.format(file=file.name, limit=limits.rows))
        if len(row.cells) > limits.columns:
            raise TableRefused(_TOO_WIDE.format(file=file.name, row=row.number, limit=limits.columns))
        if any(len(cell) > limits.cell_characters for cell in row.cells):
            limit = limits.cell_characters
            raise TableRefused(_CELL.format(file=file.name, row=row.number, limit=limit))
        yield row


def _text_rows(file: Path, limits: SheetLimits) -> Iterator[Row]:
    encoding = _encoding(file)
    with file.open(encoding=encoding, newline="") as stream:
        head = stream.read(_SNIFFED)
        stream.seek(0)
        first_line = head.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=first_line.count)
        csv.field_size_limit(limits.cell_characters + 1)
        try:
            for number, cells in enumerate(csv.reader(stream, delimiter=delimiter), 1):
                yield Row(number, cells)
        except csv.Error as error:
            limit = limits.cell_characters
            raise TableRefused(_CELL.format(file=file.name, row="?", limit=limit)) from error


def _encoding(file: Path) -> str:
    """UTF-8 (with or without a mark) where the whole file is that, else GB18030 where it is that.

    GB18030 reads nearly any UTF-8 without an error, as nonsense: a file pasted together of both is refused.
    """
    if _is_text(file, "utf-8-sig"):
        return "utf-8-sig"
    _refuse_mixture(file)
    if _is_text(file, "gb18030"):
        return "gb18030"
    raise TableRefused(_NO_ENCODING.format(file=file.name))


def _is_text(file: Path, encoding: str) -> bool:
    try:
        with file.open(encoding=encoding, newline="") as stream:
            while stream.read(_SNIFFED):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _refuse_mixture(file: Path) -> None:
    """Refuse a file with lines of UTF-8 among others, naming the first of both kinds."""
    lines: list[int] = []
    others: list[int] = []
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.isascii():
                continue
            if _holds_utf8(line):
                lines.append(number)
            if not _is_utf8(line):
                others.append(number)
    if lines:
        raise TableRefused(_MIXED.format(file=file.name, lines=_first(lines), others=_first(others)))


def _holds_utf8(line: bytes) -> bool:
    """Whether a line is UTF-8, or a passage of it. Two bytes are no proof: 一 in GBK is a letter in UTF-8."""
    return UTF8_PASSAGE.search(line) is not None or (
        _is_utf8(line) and any(byte >= _LONG_CHARACTER for byte in line)
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _first(lines: Sequence[int]) -> str:
    named = ", ".join(map(str, lines[:_LINES_NAMED]))
    return f"{named}, …" if len(lines) > _LINES_NAMED else named


def _workbook_rows(file: Path, limits: SheetLimits) -> Iterator[Row]:
    import openpyxl  # costs a quarter of a second, for those who deliver workbooks

    _inspect(file, limits)
    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise TableRefused(_NO_WORKBOOK.format(file=file.name)) from error
    with closing(workbook):
        sheet = workbook.worksheets[0] if workbook.worksheets else None
        if sheet is None:
            raise TableRefused(_NO_WORKBOOK.format(file=file.name))
        for number, cells in enumerate(sheet.iter_rows(max_col=limits.columns + 1), 1):
            yield Row(number, _texts(file, number, cells))


def _texts(file: Path, number: int, cells: Sequence[Any]) -> list[str]:
    texts = [""] * len(cells)
    for place, cell in enumerate(cells):
        if cell.data_type == "f":
            raise TableRefused(_FORMULA.format(file=file.name, row=number, column=place + 1))
        texts[place] = _text(cell.value)
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(value: object) -> str:
    """What a cell's value is as text: whole numbers without a decimal point, days as YYYY-MM-DD."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _inspect(file: Path, limits: SheetLimits) -> None:
    """Refuse a workbook that inflates beyond the limit, or whose XML declares a document type (entities)."""
    try:
        with zipfile.ZipFile(file) as archive:
            total = 0
            for member in archive.infolist():
                with archive.open(member) as stream:
                    first = True
                    while piece := stream.read(_ZIP_PIECE):
                        total += len(piece)
                        if total > limits.inflated_bytes:
                            raise TableRefused(_TOO_LARGE.format(file=file.name, limit=limits.inflated_bytes))
                        if first and member.filename.lower().endswith(_XML_MEMBERS):
                            _refuse_declarations(file, member.filename, piece)
                        first = False
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise TableRefused(_NO_WORKBOOK.format(file=file.name)) from error


def _refuse_declarations(file: Path, member: str, beginning: bytes) -> None:
    """A document type stands before the root element, hence in the first piece; UTF-16 is not read at all."""
    if b"\0" in beginning or b"<!DOCTYPE" in beginning or b"<!ENTITY" in beginning:
        raise TableRefused(_DECLARES.format(file=file.name, member=member))
