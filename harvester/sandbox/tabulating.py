"""Tables that people hand in, written as documents by a process of their own.

A workbook is a zip of XML, and a table of any kind may be made to fill memory: it is read where answers are, in a
confined child, one for each table. The table goes there as bytes, and the document comes back in pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from harvester.sandbox import wire
from harvester.sandbox.errors import ChildDied
from harvester.sandbox.limits import SandboxLimits
from harvester.sandbox.process import COMMAND, Child
from harvester.tables.sheets import SheetLimits, TableRefused, refuse_size
from registry.model.issue import Text

_CHUNK: Final = 1 << 18
_DOCUMENT_BYTES: Final = 2 << 30
"""How long a document may become: as long as a list that is fetched."""

_SHEETS: Final = SheetLimits()

_DIED = Text("无法读取表格 {file}：{reason}", "the table {file} cannot be read: {reason}")


class Tabulator:
    """Writes tables as documents, each by a new child. ``sheets``: how large they may be."""

    def __init__(
        self,
        limits: SandboxLimits = SandboxLimits(),
        sheets: SheetLimits = _SHEETS,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._limits, self._sheets, self._command = limits, sheets, command

    def __call__(self, table: Path, target: Path) -> int:
        """Write the records of ``table`` into the new file ``target``; returns how many.

        Raises ``TableRefused`` where it is no table of records, or the child died of it; ``target`` is then incomplete.
        Raises ``OSError`` for files that cannot be read or written.
        """
        refuse_size(table.name, table.stat().st_size, self._sheets)
        try:
            with table.open("rb") as content, target.open("xb") as document:
                child = Child(self._limits, self._command, task=wire.Task.TABULATE)
                try:
                    return self._converse(child, table.name, content, document)
                finally:
                    child.end()
        except ChildDied as died:
            reason = died.text
            raise TableRefused(
                Text(
                    _DIED.zh.format(file=table.name, reason=reason.zh),
                    _DIED.en.format(file=table.name, reason=reason.en),
                )
            ) from died

    def _converse(self, child: Child, name: str, content: IO[bytes], document: IO[bytes]) -> int:
        child.send(wire.Tabulate(name, self._sheets))
        parts: Iterator[bytes] | None = iter(lambda: content.read(_CHUNK), b"")
        records = written = 0
        while True:
            if parts is not None and child.wants_more:
                part = next(parts, None)
                child.send(wire.End() if part is None else wire.Chunk(part))
                parts = None if part is None else parts
            for message in child.exchange(self._limits.silence_seconds):
                match message:
                    case wire.Written(piece, count):
                        records, written = records + count, written + len(piece)
                        if records > self._sheets.rows or written > _DOCUMENT_BYTES:
                            child.distrust("more records than a table may have")
                        document.write(piece)
                    case wire.Tabulated():
                        return records
                    case wire.TableFailed(text):
                        raise TableRefused(text)
                    case _:
                        child.distrust("a message out of turn")
