"""Rows of CSV and XLSX files that people hand in, within limits. Formulas are not evaluated: such a cell is
an error, since what it shows cannot be known."""

from __future__ import annotations

import csv
import warnings
import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from io import SEEK_END, TextIOWrapper
from typing import IO, Any, NamedTuple, TextIO

from harvester.errors import ProtocolFailure
from harvester.tables.numerals import numeral
from registry.model.issue import Text
from schemas.decoders import UTF8_PASSAGE

_DELIMITERS = ",;\t"
_SNIFFED = 1 << 16
_LONG_CHARACTER = 0xE0  # begins a character of three bytes or more in UTF-8
_LINES_NAMED = 5
_XML_MEMBERS = (".xml", ".rels", ".vml")
_ZIP_PIECE = 1 << 16
_BROKEN = (
    AttributeError, IndexError, KeyError, OSError, SyntaxError, TypeError, ValueError, zipfile.BadZipFile
)  # fmt: skip
"""What openpyxl raises for a workbook in which something is missing or out of place."""
_DECLARED = (b"<!DOCTYPE", b"<!ENTITY")
_LONGEST_DECLARED = max(map(len, _DECLARED))

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
_DIGITS = Text(
    "{file} 第 {row} 行第 {column} 列的数字超过 15 位，电子表格不能如实保存；请把该列设为文本格式后重新填写",
    "{file}, row {row}, column {column}: a number of more than 15 digits, of which a spreadsheet keeps no more; "
    "format the column as text and enter it again",
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


Rows = Generator[Row, None, None]


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """How large a table may be. ``inflated_bytes``: of all members of an XLSX file together."""

    file_bytes: int = 256 << 20
    inflated_bytes: int = 1 << 30
    rows: int = 1_000_000
    columns: int = 500
    cell_characters: int = 32_767  # what a spreadsheet itself can hold


def refuse_size(name: str, size: int, limits: SheetLimits) -> None:
    """Raises :class:`TableRefused` for a file that is longer than a table may be."""
    if size > limits.file_bytes:
        raise TableRefused(_TOO_LARGE.format(file=name, limit=limits.file_bytes))


def read_rows(name: str, content: IO[bytes], limits: SheetLimits | None = None) -> Rows:
    """The rows of a CSV file, or of the first sheet of an XLSX file, which has this name and ``content``. Raises
    :class:`TableRefused`."""
    limits = limits or SheetLimits()
    refuse_size(name, content.seek(0, SEEK_END), limits)
    is_workbook = name.lower().endswith(".xlsx")
    rows = _workbook_rows(name, content, limits) if is_workbook else _text_rows(name, content, limits)
    with closing(rows):
        for row in rows:
            _refuse_beyond(name, row, limits)
            yield row


def _refuse_beyond(name: str, row: Row, limits: SheetLimits) -> None:
    if row.number > limits.rows:
        raise TableRefused(_TOO_MANY.format(file=name, limit=limits.rows))
    if len(row.cells) > limits.columns:
        raise TableRefused(_TOO_WIDE.format(file=name, row=row.number, limit=limits.columns))
    if any(len(cell) > limits.cell_characters for cell in row.cells):
        limit = limits.cell_characters
        raise TableRefused(_CELL.format(file=name, row=row.number, limit=limit))


@contextmanager
def _as_text(content: IO[bytes], encoding: str) -> Iterator[TextIO]:
    """The content from its beginning, decoded; it stays open."""
    content.seek(0)
    stream = TextIOWrapper(content, encoding, newline="")
    try:
        yield stream
    finally:
        stream.detach()


def _text_rows(name: str, content: IO[bytes], limits: SheetLimits) -> Rows:
    encoding = _encoding(name, content)
    with _as_text(content, encoding) as stream:
        first_line = stream.read(_SNIFFED).partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first_line.count)
    csv.field_size_limit(limits.cell_characters + 1)
    with _as_text(content, encoding) as stream:
        try:
            for number, cells in enumerate(csv.reader(stream, delimiter=delimiter), 1):
                yield Row(number, cells)
        except csv.Error as error:
            limit = limits.cell_characters
            raise TableRefused(_CELL.format(file=name, row="?", limit=limit)) from error


def _encoding(name: str, content: IO[bytes]) -> str:
    """UTF-8 (with or without a mark) where the whole file is that, else GB18030 where it is that.

    GB18030 reads nearly any UTF-8 without an error, as nonsense: a file pasted together of both is refused.
    """
    if _is_text(content, "utf-8-sig"):
        return "utf-8-sig"
    _refuse_mixture(name, content)
    if _is_text(content, "gb18030"):
        return "gb18030"
    raise TableRefused(_NO_ENCODING.format(file=name))


def _is_text(content: IO[bytes], encoding: str) -> bool:
    try:
        with _as_text(content, encoding) as stream:
            while stream.read(_SNIFFED):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _refuse_mixture(name: str, content: IO[bytes]) -> None:
    """Refuse a file with lines of UTF-8 among others, naming the first of both kinds."""
    lines: list[int] = []
    others: list[int] = []
    content.seek(0)
    for number, line in enumerate(content, 1):
        if line.isascii():
            continue
        if _holds_utf8(line):
            lines.append(number)
        if not _is_utf8(line):
            others.append(number)
    if lines:
        raise TableRefused(_MIXED.format(file=name, lines=_first(lines), others=_first(others)))


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


def _workbook_rows(name: str, content: IO[bytes], limits: SheetLimits) -> Rows:
    import openpyxl  # costs a quarter of a second, for those who deliver workbooks

    warnings.filterwarnings(
        "ignore", module="openpyxl"
    )  # one for each odd cell, to nobody who would read them
    _inspect(name, content, limits)
    content.seek(0)
    try:
        workbook = openpyxl.load_workbook(content, read_only=True, data_only=False, keep_links=False)
    except _BROKEN as error:
        raise TableRefused(_NO_WORKBOOK.format(file=name)) from error
    with closing(workbook):
        sheet = workbook.worksheets[0] if workbook.worksheets else None
        if sheet is None:
            raise TableRefused(_NO_WORKBOOK.format(file=name))
        for number, cells in enumerate(sheet.iter_rows(max_col=limits.columns + 1), 1):
            yield Row(number, _texts(name, number, cells))


def _texts(name: str, number: int, cells: Sequence[Any]) -> list[str]:
    texts = [""] * len(cells)
    for place, cell in enumerate(cells):
        if cell.data_type == "f":
            raise TableRefused(_FORMULA.format(file=name, row=number, column=place + 1))
        try:
            texts[place] = _text(cell)
        except ValueError as error:
            raise TableRefused(_DIGITS.format(file=name, row=number, column=place + 1)) from error
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(cell: Any) -> str:
    """What a cell holds as text: numbers as people see them, days as YYYY-MM-DD. Raises ``ValueError`` for a number of
    which digits may be lost."""
    value: object = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return numeral(value, _number_format(cell))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _number_format(cell: Any) -> str:
    try:
        return cell.number_format or ""
    except LookupError:  # a style that the workbook has not
        return ""


def _inspect(name: str, content: IO[bytes], limits: SheetLimits) -> None:
    """Refuse a workbook that inflates beyond the limit, or whose XML declares a document type (entities)."""
    try:
        with zipfile.ZipFile(content) as archive:
            total = 0
            for member in archive.infolist():
                with archive.open(member) as stream:
                    is_xml, before = member.filename.lower().endswith(_XML_MEMBERS), b""
                    while piece := stream.read(_ZIP_PIECE):
                        total += len(piece)
                        if total > limits.inflated_bytes:
                            raise TableRefused(_TOO_LARGE.format(file=name, limit=limits.inflated_bytes))
                        if is_xml:
                            _refuse_declarations(name, member.filename, before + piece)
                        before = piece[-_LONGEST_DECLARED:]
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise TableRefused(_NO_WORKBOOK.format(file=name)) from error


def _refuse_declarations(name: str, member: str, passage: bytes) -> None:
    """Refuse a document type wherever it stands: a comment before it may be of any length. (Of texts only those in a
    comment or a CDATA section can look like one.) UTF-16 is not read at all."""
    if b"\0" in passage or any(each in passage for each in _DECLARED):
        raise TableRefused(_DECLARES.format(file=name, member=member))
