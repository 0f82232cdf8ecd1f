"""What processes and a folder use, as the kernel counts it, and how much they may (I8)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.invariants.store import Violation


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be used at most: ``memory_bytes`` by the process itself, ``child_bytes`` by each of its children,
    ``growth_bytes`` more than before; ``files`` and ``threads`` open in the process; ``children`` at once;
    ``disk_bytes`` below the folder."""

    memory_bytes: int = 1 << 30
    growth_bytes: int = 1 << 30
    child_bytes: int = 1 << 30
    files: int = 256
    threads: int = 128
    children: int = 64
    disk_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process, its children and a folder used at one moment. ``child_bytes``: the most that a living child
    ever had."""

    memory_bytes: int
    child_bytes: int
    files: int
    threads: int
    children: int
    disk_bytes: int

    @classmethod
    def now(cls, folder: Path | None = None) -> Usage:
        """Of this process, its children, and ``folder``."""
        own = Path("/proc/self")
        children = children_of(os.getpid())
        return cls(
            memory_bytes=proportional_bytes(),
            child_bytes=max((peak_bytes(pid) for pid in children), default=0),
            files=len(list((own / "fd").iterdir())),
            threads=len(list((own / "task").iterdir())),
            children=len(children),
            disk_bytes=_below(folder) if folder else 0,
        )

    def highest(self, other: Usage) -> Usage:
        """The higher of both, one by one."""
        return Usage(*(max(pair) for pair in zip(_values(self), _values(other), strict=True)))

    def violations(self, limits: Limits, before: Usage | None = None) -> Iterator[Violation]:
        """Each limit that is exceeded."""
        for name in self.__slots__:
            used, allowed = getattr(self, name), getattr(limits, name)
            if used > allowed:
                yield Violation("I8", f"{name}: {used} used, {allowed} allowed")
        if before is not None and self.memory_bytes - before.memory_bytes > limits.growth_bytes:
            grown = self.memory_bytes - before.memory_bytes
            yield Violation("I8", f"memory_bytes: grown by {grown}, {limits.growth_bytes} allowed")


def _values(usage: Usage) -> list[int]:
    return [getattr(usage, name) for name in usage.__slots__]


def _below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.lstat().st_size if path.is_file() else 0
    return total


def children_of(pid: int) -> list[int]:
    """The processes that ``pid`` has started and that still are."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def proportional_bytes(pid: int | None = None) -> int:
    """The memory of a process, what it shares divided among the sharers (PSS)."""
    return _kilobytes(Path(f"/proc/{pid or os.getpid()}/smaps_rollup").read_text(), "Pss:") * 1024


def peak_bytes(pid: int) -> int:
    """The most resident memory that a process ever had; 0 where it is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return _kilobytes(Path(f"/proc/{pid}/status").read_text(), "VmHWM:") * 1024
    return 0


def _kilobytes(text: str, field: str) -> int:
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(field)), 0)
