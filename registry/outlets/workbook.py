"""Tables as workbooks for spreadsheets, every cell a text, written row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Final

from registry.errors import Refused
from registry.formats.cells import disarmed
from registry.model.issue import Text

SHEET_ROWS: Final = 1_048_576
"""How many rows a sheet of a workbook holds, its headings among them."""


def write_workbook(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    output: IO[bytes],
    *,
    title: str,
    too_many: Text,
    sheet_rows: int = SHEET_ROWS,
) -> None:
    """A table as the one sheet (``title``) of a workbook. Raises ``Refused`` where a sheet cannot hold it, with
    ``too_many`` (``limit`` is filled in), which says what to do instead."""
    import openpyxl  # costs a quarter of a second, for those who want workbooks
    from openpyxl.cell import WriteOnlyCell

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(title)

    def append(cells: Iterable[str]) -> None:
        row = []
        for text in cells:
            cell = WriteOnlyCell(sheet)
            cell.value = disarmed(text)
            cell.data_type = "s"  # neither a number nor an error, whatever it looks like
            row.append(cell)
        sheet.append(row)

    try:
        append(headings)
        for number, cells in enumerate(rows, 2):
            if number > sheet_rows:
                raise Refused(too_many.format(limit=sheet_rows))
            append(cells)
    finally:
        sheet.close()
    workbook.save(output)
