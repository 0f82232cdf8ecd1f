"""What processes use, as the kernel counts it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def proportional_bytes(pid: int | None = None) -> int:
    """The memory of a process, what it shares divided among the sharers (PSS)."""
    text = Path(f"/proc/{pid or os.getpid()}/smaps_rollup").read_text()
    return _kilobytes(text, "Pss:") * 1024


def peak_bytes(pid: int) -> int:
    """The most resident memory that a process ever had; 0 where it is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return _kilobytes(Path(f"/proc/{pid}/status").read_text(), "VmHWM:") * 1024
    return 0


def _kilobytes(text: str, field: str) -> int:
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(field)), 0)
