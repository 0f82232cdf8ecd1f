"""Tables as people make them: encodings, separators, workbooks, limits, and what is refused."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from harvester.tables.sheets import SheetLimits, TableRefused, read_rows

ROWS = [["标题", "日期", "数"], ["镕堃喆，一", "2025-06-30", "12"], ["二\n行", "", "1.5"]]


def text_of(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


def cells(file: Path, limits: SheetLimits | None = None) -> list[list[str]]:
    return [list(row.cells) for row in read_rows(file.name, BytesIO(file.read_bytes()), limits)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_any_usual_encoding_and_separator(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(text_of(ROWS, delimiter).encode(encoding))
    assert cells(file) == ROWS


def test_other_bytes_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(b"\xff\xff\xff\x00")
    with pytest.raises(TableRefused, match="neither UTF-8 nor GB18030"):
        cells(file)


def mixed(tmp_path: Path, *lines: bytes) -> Path:
    file = tmp_path / "table.csv"
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file


def test_lines_of_two_encodings_are_refused_by_their_numbers(tmp_path: Path) -> None:
    utf8, gbk = "杭州市".encode(), "杭州市".encode("gbk")
    with pytest.raises(TableRefused, match="line 2, 5 is UTF-8, line 3 is not"):
        cells(mixed(tmp_path, b"a", utf8, gbk, b"b", utf8))
    with pytest.raises(TableRefused, match="line 1 is UTF-8, line 2, 3, 4, 5, 6, … is not"):
        cells(mixed(tmp_path, utf8, *[gbk] * 6))


def test_a_passage_of_utf8_within_a_line_is_refused(tmp_path: Path) -> None:
    gbk = "标题,".encode("gbk")
    with pytest.raises(TableRefused, match="line 1 is UTF-8, line 1, 2 is not"):
        cells(mixed(tmp_path, gbk + "杭州市目录".encode(), gbk))


def test_gbk_that_could_be_letters_of_utf8_is_gbk(tmp_path: Path) -> None:
    assert "一".encode("gbk").decode() != "一"
    assert cells(mixed(tmp_path, "一".encode("gbk"), "杭州市".encode("gbk"))) == [["一"], ["杭州市"]]


def workbook(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def test_xlsx_values_become_text(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["标题", "日期", "时刻", "整数", "小数", "是否"],
        ["镕", date(2025, 6, 30), datetime.fromisoformat("2025-06-30 08:00"), 360400, 1.5, True],
        [None, None, None, 12.0],
    ]
    assert cells(workbook(tmp_path / "table.xlsx", rows)) == [
        ["标题", "日期", "时刻", "整数", "小数", "是否"],
        ["镕", "2025-06-30", "2025-06-30", "360400", "1.5", "1"],
        ["", "", "", "12"],
    ]


SHEET = "xl/worksheets/sheet1.xml"


def of_value(tmp_path: Path, value: str, style: str = "") -> Path:
    """A workbook whose only cell holds a number that is written like this."""
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        f'<c r="A1"{style}><v>{value}</v></c></row></sheetData></worksheet>'
    )
    return replaced(workbook(tmp_path / "any.xlsx", ROWS), tmp_path / "table.xlsx", SHEET, sheet.encode())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("999999999999999", "999999999999999"),
        ("-9.9999999999999E+14", "-999999999999990"),
        ("12345678901234.5", "12345678901234.5"),
        ("1.1000000000000001", "1.1"),
        ("0.30000000000000004", "0.3"),
        ("1E-7", "0.0000001"),
        ("1.5E-3", "0.0015"),
        ("2E+3", "2000"),
        ("-0.0", "0"),
    ],
)
def test_numbers_are_written_as_people_see_them(tmp_path: Path, written: str, shown: str) -> None:
    assert cells(of_value(tmp_path, written)) == [[shown]]


@pytest.mark.parametrize(
    "written",
    [
        "1000000000000000",
        "330106202400010001",
        "3.30106202400010001E+17",
        "-3.3010620240001E+17",
        "1234567.1234567891",
        "0.12345678901234567",
        "1E+999",
    ],
)
def test_a_number_of_more_digits_than_a_spreadsheet_keeps_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(
        TableRefused, match=r"row 1, column 1: a number of more than 15 digits.* column as text"
    ):
        cells(of_value(tmp_path, written))


@pytest.mark.parametrize(("number", "shown"), [(7, "0007"), (12345, "12345"), (-7, "-7"), (1.5, "1.5")])
def test_zeros_that_a_format_shows_are_there(tmp_path: Path, number: float, shown: str) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = number
    book.active["A1"].number_format = "0000"
    book.save(tmp_path / "table.xlsx")
    assert cells(tmp_path / "table.xlsx") == [[shown]]


def test_a_style_that_is_not_there_shows_nothing_else(tmp_path: Path) -> None:
    assert cells(of_value(tmp_path, "7", ' s="99"')) == [["7"]]


def test_formulas_are_not_evaluated(tmp_path: Path) -> None:
    file = workbook(tmp_path / "table.xlsx", [["标题"], ["=HYPERLINK(1)"]])
    with pytest.raises(TableRefused, match="row 2, column 1: a formula"):
        cells(file)


def test_a_formula_s_text_in_csv_is_text(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("a\n=1+1\n", encoding="utf-8")
    assert cells(file) == [["a"], ["=1+1"]]


@pytest.mark.parametrize(
    "member", ["xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/worksheets/sheet1.xml"]
)
@pytest.mark.parametrize("content", [b"<a/>", b"<a", b"", b'<a xmlns="x"><fills><fill/></fills></a>'])
def test_a_workbook_with_a_broken_part_is_refused_or_read(
    tmp_path: Path, member: str, content: bytes
) -> None:
    """Whatever openpyxl makes of it: rows, or a refusal that names the file."""
    broken = replaced(workbook(tmp_path / "good.xlsx", ROWS), tmp_path / "broken.xlsx", member, content)
    found: list[list[str]] = []
    with suppress(TableRefused):
        found = cells(broken)
    assert found in (ROWS, [])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"not a workbook"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "table.xlsx"
    file.write_bytes(content)
    with pytest.raises(TableRefused, match="no XLSX file"):
        cells(file)


def replaced(source: Path, target: Path, member: str, content: bytes) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            new.writestr(each.filename, content if each.filename == member else old.read(each))
    return target


@pytest.mark.parametrize(
    "declaration",
    [b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', '<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16")],
)
def test_declared_entities_are_refused(tmp_path: Path, declaration: bytes) -> None:
    good = workbook(tmp_path / "good.xlsx", ROWS)
    bad = replaced(good, tmp_path / "bad.xlsx", "xl/worksheets/sheet1.xml", declaration)
    with pytest.raises(TableRefused, match="declares a document type"):
        cells(bad)


def test_workbooks_that_inflate_too_far_are_refused(tmp_path: Path) -> None:
    good = workbook(tmp_path / "good.xlsx", ROWS)
    bomb = replaced(good, tmp_path / "bomb.xlsx", "docProps/app.xml", b"<a>" + b" " * 1_000_000)
    assert bomb.stat().st_size < 50_000
    with pytest.raises(TableRefused, match="longer than"):
        cells(bomb, SheetLimits(inflated_bytes=500_000))


@pytest.mark.parametrize(
    ("limits", "inside", "beyond"),
    [
        (SheetLimits(rows=2), "a\nb\n", "a\nb\nc\n"),
        (SheetLimits(columns=2), "a,b\n", "a,b,c\n"),
        (SheetLimits(cell_characters=3), "abc\n", "abcd\n"),
        (SheetLimits(file_bytes=4), "abc\n", "abcd\n"),
    ],
    ids=["rows", "columns", "cell", "bytes"],
)
def test_limits_hold_at_their_boundary(tmp_path: Path, limits: SheetLimits, inside: str, beyond: str) -> None:
    file = tmp_path / "table.csv"
    file.write_text(inside, encoding="utf-8", newline="")
    assert cells(file, limits)
    file.write_text(beyond, encoding="utf-8", newline="")
    with pytest.raises(TableRefused):
        cells(file, limits)


def test_a_wide_workbook_is_refused_at_its_boundary(tmp_path: Path) -> None:
    file = workbook(tmp_path / "table.xlsx", [["a", "b", "c"]])
    assert cells(file, SheetLimits(columns=3)) == [["a", "b", "c"]]
    with pytest.raises(TableRefused, match="columns"):
        cells(file, SheetLimits(columns=2))
