"""One clock for all processes of a test: a file that holds a moment. It stands still until the test moves it."""

from __future__ import annotations

import mmap
import struct
from datetime import datetime, timedelta
from pathlib import Path

from registry.store.columns import from_microseconds, to_microseconds

_FORM = struct.Struct("=q")


class SharedClock:
    """The moment in the file at ``path``, as microseconds since 1970; a new file begins at ``start``."""

    def __init__(self, path: Path, start: datetime | None = None) -> None:
        if start is not None:
            path.write_bytes(_FORM.pack(to_microseconds(start)))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _FORM.size)
        self.path = path

    def __call__(self) -> datetime:
        """The moment (aware, UTC)."""
        return from_microseconds(_FORM.unpack_from(self._memory)[0])

    def advance(self, by: timedelta) -> None:
        """Move the clock of all processes."""
        _FORM.pack_into(self._memory, 0, to_microseconds(self() + by))

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
