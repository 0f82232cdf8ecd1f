"""A register's records as a table for spreadsheets, CSV or XLSX, written row by row.

Its columns are those of imports (``registry.formats.columns``): what was exported can be imported again. What the table
cannot hold of a record is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import IO, Final

from registry.formats.columns import TABLE_COLUMNS
from registry.formats.rows import row_of
from registry.model.issue import Text
from registry.outlets.csv_lines import BEGINNING, record_line
from registry.outlets.workbook import SHEET_ROWS, write_workbook

HEADINGS: Final = tuple(column.name for column in TABLE_COLUMNS)
_TOO_MANY = Text(
    zh="工作表最多容纳 {limit} 行;请改用 --format csv,或用 --set 分批导出。",
    en="a sheet holds {limit} rows at most; export as csv, or set by set (--set).",
)


@dataclass(slots=True)
class Table:
    """The rows of some records (identifiers and canonical bytes), each handed out once. Afterwards ``count`` says how
    many there were, ``cut`` how many are not whole, and ``lost`` in how many of them each element is not as it was."""

    records: Iterable[tuple[str, bytes]]
    count: int = 0
    cut: int = 0
    lost: Counter[str] = field(default_factory=Counter)

    def rows(self) -> Iterator[Sequence[str]]:
        """The cells of each record, in the order of the columns."""
        for identifier, content in self.records:
            row = row_of(content)
            self.count += 1
            self.cut += bool(row.lost)
            self.lost.update(row.lost)
            yield (identifier, *row.cells)


def write_csv(table: Table, output: IO[bytes]) -> None:
    """The table as CSV in UTF-8, its headings first."""
    output.write(f"{BEGINNING}{record_line(HEADINGS)}".encode())
    for cells in table.rows():
        output.write(record_line(cells).encode())


def write_xlsx(table: Table, output: IO[bytes], sheet_rows: int = SHEET_ROWS) -> None:
    """The table as the one sheet of a workbook, every cell a text. Raises ``Refused`` where a sheet cannot hold it."""
    write_workbook(HEADINGS, table.rows(), output, title="records", too_many=_TOO_MANY, sheet_rows=sheet_rows)


TABLES: Final[Mapping[str, Callable[[Table, IO[bytes]], None]]] = MappingProxyType(
    {"csv": write_csv, "xlsx": write_xlsx}
)
"""How a table is written, by the ends of the names of files."""
