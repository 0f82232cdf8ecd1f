"""What a child may use. All settings; the child puts them on itself once it is warm, before hostile bytes.

The child's own limits are those of the kernel (``setrlimit(2)``): they cannot be raised again. What a
subverted child could still evade (its CPU allowance is renewed by itself) the parent's clock ends.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass
from math import ceil

from harvester.sandbox.seccomp import filter_calls
from schemas.gauge import TreeLimits


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """Limits of one child, and when it is replaced by a new one.

    ``memory_bytes``: address space. ``cpu_seconds``: for one answer, plus ``cpu_seconds_per_record`` for
    each record handed over (so that a streamed list of a million records is not cut off, yet a record
    that is slow a hundredfold is). ``silence_seconds``: wall clock in which a child that has work must
    show progress. ``start_seconds``: wall clock until it must be warm. A batch is handed over at
    ``batch_records`` records or ``batch_bytes`` raw bytes. An answer is read up to ``answer_records``
    records, and while its tree stays within ``tree_nodes`` and ``tree_bytes`` (:class:`TreeLimits`). A record
    is refused that has more than ``record_bytes``, elements nested deeper than ``record_depth``, more than
    ``record_attributes`` on one of them, or a text of more than ``text_bytes``. A child is replaced after
    ``answers`` answers or ``lifetime_bytes`` bytes read.
    """

    memory_bytes: int = 1 << 30
    cpu_seconds: int = 30
    cpu_seconds_per_record: float = 0.002
    silence_seconds: float = 120.0
    start_seconds: float = 60.0
    batch_records: int = 500
    batch_bytes: int = 1 << 20
    answer_records: int = 1_000_000
    tree_nodes: int = 500_000
    tree_bytes: int = 64 << 20
    record_bytes: int = 256 << 10
    record_depth: int = 64
    record_attributes: int = 64
    text_bytes: int = 1 << 20
    answers: int = 1000
    lifetime_bytes: int = 1 << 30

    @property
    def tree(self) -> TreeLimits:
        """How large the tree of an answer may grow."""
        return TreeLimits(self.tree_nodes, self.tree_bytes)


class CpuAllowance:
    """Keeps the soft CPU limit of this process ahead of honest work. Past it, SIGXCPU ends the process."""

    def __init__(self, limits: SandboxLimits) -> None:
        self._limits = limits
        self._earned = 0.0
        self._end = 0.0

    def begin(self) -> None:
        """A new answer: ``cpu_seconds`` from now on."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self._end = usage.ru_utime + usage.ru_stime + self._limits.cpu_seconds
        self._earned = 0.0
        self._set()

    def earn(self, records: int) -> None:
        """``records`` were handed over: the allowance of this answer grows by whole seconds."""
        self._earned += records * self._limits.cpu_seconds_per_record
        if self._earned >= 1:
            self._end += self._earned
            self._earned = 0.0
            self._set()

    def _set(self) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(self._end), resource.RLIM_INFINITY))


def confine(limits: SandboxLimits) -> None:
    """Give up, for good, what checking does not need: memory beyond the limit, new descriptors, core dumps,
    growing files, and where the kernel can do it every system call that is not for computing. Everything
    that is loaded lazily must have been loaded before.

    The three standard descriptors are open (two pipes to the parent, one for last words), so a limit of
    three means that no file and no socket can be had any more, whichever library asks for it.
    """
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    filter_calls()
