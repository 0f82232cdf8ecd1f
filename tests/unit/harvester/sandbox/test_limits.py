"""Limits of the kernel, put on real processes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

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

_OPENS = """
import errno, socket, sys
from pathlib import Path
from harvester.sandbox.warm import warm
from harvester.sandbox.limits import SandboxLimits, confine
warm()
def tries():
    connect = lambda: socket.create_connection(("127.0.0.1", 1))
    for attempt in (lambda: Path("/etc/passwd").read_bytes(), socket.socket, connect):
        try:
            attempt()
            yield "opened"
        except OSError as error:
            yield errno.errorcode[error.errno]
before = list(tries())
confine(SandboxLimits())
warm()
print(before, list(tries()))
"""


def _run(script: str) -> subprocess.CompletedProcess[str]:
    start = f"import sys; sys.path.insert(0, {_ROOT!r})\n"
    return subprocess.run(
        [sys.executable, "-I", "-c", start + script], capture_output=True, text=True, timeout=120, check=False
    )


def test_the_processor_allowance_ends_a_process_and_grows_with_records() -> None:
    assert _run(_SPINS.format(records=0)).returncode == -signal.SIGXCPU
    assert _run(_SPINS.format(records=1)).stdout == "alive\n"


def test_a_confined_process_opens_neither_file_nor_socket_yet_still_reads() -> None:
    """The second ``warm`` walks the whole road again: whatever it needs must have been loaded before."""
    run = _run(_OPENS)
    assert run.stdout == "['opened', 'opened', 'ECONNREFUSED'] ['EMFILE', 'EMFILE', 'EMFILE']\n", run.stderr
