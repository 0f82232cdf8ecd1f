"""A filter of system calls for a child that only computes: seccomp(2) of Linux, by way of prctl(2).

Resource limits keep an honest child from opening anything; this keeps one that runs somebody else's code from
making room for it first. What is not on the list fails with EPERM: files, sockets, processes, signals.
"""

from __future__ import annotations

import ctypes
import platform
import struct
from collections.abc import Mapping
from errno import EPERM
from typing import Final

_MACHINES: Final = ("x86_64", "aarch64")
_AUDIT_CODES: Final = (0xC000003E, 0xC00000B7)
_PRLIMIT: Final = (302, 261)
_ALLOWED: Final[Mapping[str, tuple[int, int]]] = {  # the number of each call on each machine
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "poll": (7, 73),  # ppoll on aarch64
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "exit_group": (231, 94),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "rseq": (334, 293),
}

_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | EPERM, 0x80000000

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filter_calls() -> bool:
    """From now on, for good, allow this process only what computing and talking over open pipes takes.

    Returns whether it is so: False where the kernel or the architecture does not offer it.
    """
    if platform.system() != "Linux" or platform.machine() not in _MACHINES:
        return False
    program = _program(_MACHINES.index(platform.machine()))
    library = ctypes.CDLL(None, use_errno=True)
    wanted = _Program(len(program) // 8, program)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    done: int = library.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(wanted), 0, 0)
    return done == 0


def _program(machine: int) -> bytes:
    """The filter as instructions of classic BPF: eight bytes each (code, jump if true, if false, value)."""
    calls = [numbers[machine] for numbers in _ALLOWED.values()]
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_IF_EQUAL, 1, 0, _AUDIT_CODES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        *((_JUMP_IF_EQUAL, len(calls) - at + 3, 0, call) for at, call in enumerate(calls)),
        (_JUMP_IF_EQUAL, 0, 2, _PRLIMIT[machine]),  # its own limits, not those of another process
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_IF_EQUAL, 1, 0, 0),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
