"""Tables for spreadsheets: every cell is a text, whatever it looks like."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import IO

import openpyxl
import pytest

from registry.errors import Refused
from registry.outlets.tables import HEADINGS, TABLES, Table, write_xlsx
from tests.records import catalogue_document

TITLES = [
    "普通",
    "=1+1",
    "-5",
    "@x",
    "'=1",
    "#N/A",
    "360400",
    "2024-05-06",
    "TRUE",
    "名,称",
    '名"称',
    "_x0041_",
]


def records() -> list[tuple[str, bytes]]:
    return [
        (f"oai:a.b:{number}", catalogue_document(str(number), title=title).content)
        for number, title in enumerate(TITLES)
    ]


def cells_of_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def cells_of_xlsx(content: bytes) -> list[list[str]]:
    """What a workbook shows; nothing in it is a formula, a number, an error or a date."""
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    rows = list(sheet.iter_rows())
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    return [[str(cell.value or "") for cell in row] for row in rows]


@pytest.mark.parametrize(("kind", "read"), [("csv", cells_of_csv), ("xlsx", cells_of_xlsx)])
def test_every_cell_is_a_text(kind: str, read: Callable[[bytes], list[list[str]]]) -> None:
    output = io.BytesIO()
    table = Table(records())
    TABLES[kind](table, output)
    head, *rows = read(output.getvalue())
    assert tuple(head) == HEADINGS
    assert [row[0] for row in rows] == [identifier for identifier, _ in records()]
    titles = [row[HEADINGS.index("resTitle")] for row in rows]
    assert titles == [
        {"=1+1": "'=1+1", "-5": "'-5", "@x": "'@x", "'=1": "''=1"}.get(title, title) for title in TITLES
    ]
    assert (table.count, table.cut) == (len(TITLES), 0)


def test_what_is_lost_is_counted() -> None:
    table = Table([*records(), ("oai:a.b:x", catalogue_document("x", abstract="一\n二").content)])
    assert len(list(table.rows())) == len(TITLES) + 1
    assert (table.count, table.cut, dict(table.lost)) == (len(TITLES) + 1, 1, {"abstract": 1})


@pytest.mark.parametrize(("rows", "fits"), [(len(TITLES) + 1, True), (len(TITLES), False)])
def test_a_sheet_that_is_full_is_refused(rows: int, fits: bool) -> None:
    output: IO[bytes] = io.BytesIO()
    if fits:
        write_xlsx(Table(records()), output, rows)
        return
    with pytest.raises(Refused, match=str(rows)):
        write_xlsx(Table(records()), output, rows)
