"""Limits of the kernel, put on real processes."""

from __future__ import annotations

import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import harvester

_ROOT = str(Path(harvester.__file__).parent.parent)

_SPINS = """
from harvester.sandbox.limits import CpuAllowance, SandboxLimits
allowance = CpuAllowance(SandboxLimits(cpu_seconds=1, cpu_seconds_per_record=2.0))
allowance.begin()
allowance.earn({records})
import time
while time.process_time() < 2.5:
    pass
print("alive")
"""

_TRIES = """
import errno, os, resource, socket
from pathlib import Path
from harvester.sandbox import limits
from harvester.sandbox.warm import warm
warm()
def tries():
    for attempt in (
        lambda: Path("/etc/passwd").read_bytes(),
        socket.socket,
        lambda: socket.create_connection(("127.0.0.1", 1)),
        lambda: os.kill(os.getppid(), 0),
        lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
        lambda: resource.getrlimit(resource.RLIMIT_CPU),
    ):
        try:
            attempt()
            yield "done"
        except OSError as error:
            yield errno.errorcode[error.errno]
print(*tries())
if {filtered}:
    assert limits.filter_calls()
else:
    limits.filter_calls = lambda: False
limits.confine(limits.SandboxLimits())
warm()
print(*tries())
if {filtered}:
    os.close(0)
    print(next(tries()))
"""


def _run(script: str) -> subprocess.CompletedProcess[str]:
    start = f"import sys; sys.path.insert(0, {_ROOT!r})\n"
    return subprocess.run(
        [sys.executable, "-I", "-c", start + script], capture_output=True, text=True, timeout=120, check=False
    )


def test_the_processor_allowance_ends_a_process_and_grows_with_records() -> None:
    assert _run(_SPINS.format(records=0)).returncode == -signal.SIGXCPU
    assert _run(_SPINS.format(records=1)).stdout == "alive\n"


_UNCONFINED = "done done ECONNREFUSED done done done"


def test_resource_limits_let_a_process_open_neither_file_nor_socket_yet_it_still_reads() -> None:
    """The second ``warm`` walks the whole road again: whatever it needs must have been loaded before."""
    run = _run(_TRIES.format(filtered=False))
    assert run.stdout.splitlines() == [_UNCONFINED, "EMFILE EMFILE EMFILE done done done"], run.stderr


@pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"), reason="no filter here"
)
def test_the_filter_holds_even_where_there_is_room_for_a_descriptor() -> None:
    run = _run(_TRIES.format(filtered=True))
    assert run.stdout.splitlines() == [_UNCONFINED, "EPERM EPERM EPERM EPERM EPERM done", "EPERM"], run.stderr
