"""What a piece of work costs: CPU seconds of this process, its children and the database server; memory as PSS."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

_TICK = os.sysconf("SC_CLK_TCK")
_INTERVAL = 0.1


@dataclass(slots=True)
class Cost:
    """CPU and wall seconds; ``peak_pss`` is the largest sum of PSS seen (bytes; parent and children)."""

    cpu: float = 0.0
    wall: float = 0.0
    peak_pss: int = 0


@contextmanager
def metered(server: int | None = None) -> Iterator[Cost]:
    """Measure the block; ``server`` is the process id of a database server, whose tree counts too."""
    cost = Cost()
    done = threading.Event()
    sampler = threading.Thread(target=_sample, args=(cost, done), daemon=True)
    began, cpu = time.perf_counter(), _cpu(server)
    sampler.start()
    try:
        yield cost
    finally:
        cost.cpu, cost.wall = _cpu(server) - cpu, time.perf_counter() - began
        done.set()
        sampler.join()


def _cpu(server: int | None) -> float:
    trees = [os.getpid(), *([server] if server else [])]
    return sum(_tree_ticks(root) for root in trees) / _TICK


def _tree_ticks(root: int) -> int:
    """CPU ticks of a process, its ended children (as it has reaped them) and its living descendants."""
    return sum(sum(_stat(pid)[1]) for pid in _tree(root))


def _stat(pid: int) -> tuple[int, tuple[int, ...]]:
    """(parent's pid, (utime, stime, cutime, cstime)) of a process; nothing for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, (0,)
    return int(fields[1]), tuple(int(each) for each in fields[11:15])


def _tree(root: int) -> list[int]:
    parents = {
        int(each.name): _stat(int(each.name))[0] for each in Path("/proc").iterdir() if each.name.isdigit()
    }
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def postmaster(url: str) -> int:
    """The process id of the local PostgreSQL server behind ``url``: the parent of any of its backends."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return _stat(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())[0]
    finally:
        engine.dispose()


def _sample(cost: Cost, done: threading.Event) -> None:
    while not done.wait(_INTERVAL):
        cost.peak_pss = max(cost.peak_pss, sum(map(_pss, _tree(os.getpid()))))


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
