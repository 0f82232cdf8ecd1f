"""Limits of the kernel, put on real processes."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import harvester
from harvester.rules.samples import sample_record
from harvester.sandbox import Cause, ChildDied, Sandbox, SandboxLimits
from schemas.xml import canonical
from tests.unit.harvester.sandbox import answers
from tests.unit.harvester.sandbox.answers import READING, nothing_known

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
        lambda: os.fork() or os._exit(0),
        lambda: os.setuid(os.getuid()),
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


_UNCONFINED = "done done ECONNREFUSED done done done done done"


def test_resource_limits_let_a_process_open_neither_file_nor_socket_yet_it_still_reads() -> None:
    """The second ``warm`` walks the whole road again: whatever it needs must have been loaded before."""
    run = _run(_TRIES.format(filtered=False))
    assert run.stdout.splitlines() == [_UNCONFINED, "EMFILE EMFILE EMFILE done done done done done"], (
        run.stderr
    )


@pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"), reason="no filter here"
)
def test_the_filter_holds_even_where_there_is_room_for_a_descriptor() -> None:
    run = _run(_TRIES.format(filtered=True))
    refused = "EPERM EPERM EPERM EPERM EPERM done EPERM EPERM"
    assert run.stdout.splitlines() == [_UNCONFINED, refused, "EPERM"], run.stderr


def long_list(records: int) -> Iterator[bytes]:
    """A page of so many records, as it comes."""
    begin, _, end = answers.page(b"|").partition(b"|")
    record = answers.record("1", canonical(sample_record()))
    yield begin
    for _ in range(records // 100):
        yield record * 100
    yield end


def read(sandbox: Sandbox, chunks: Iterable[bytes]) -> int:
    return sum(len(batch) for batch in sandbox.read(READING, chunks, nothing_known))


def test_an_answer_that_takes_too_long_ends_its_child_and_each_record_earns_more() -> None:
    hasty = SandboxLimits(cpu_seconds=1, cpu_seconds_per_record=1e-9)
    with Sandbox(hasty) as sandbox, pytest.raises(ChildDied) as died:
        read(sandbox, long_list(1_000_000))
    assert died.value.cause is Cause.CPU
    with Sandbox(replace(hasty, cpu_seconds_per_record=0.01)) as sandbox:
        assert read(sandbox, long_list(30_000)) == 30_000
        used = Path(f"/proc/{sandbox.pid}/stat").read_text().rpartition(")")[2].split()[11]
    assert int(used) > os.sysconf("SC_CLK_TCK"), "more than the second that it began with"


def test_a_child_is_replaced_at_its_limits() -> None:
    answer = answers.clean(10)
    for limits, lives in (
        (SandboxLimits(answers=3), 3),
        (SandboxLimits(lifetime_bytes=3 * len(answer)), 3),
        (SandboxLimits(lifetime_bytes=2 * len(answer)), 2),
    ):
        with Sandbox(limits) as sandbox:
            pids = []
            for _ in range(4):
                sandbox.start()
                pids.append(sandbox.pid)
                read(sandbox, [answer])
        assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [lives, 4 - lives], limits


def test_the_child_that_explains_is_replaced_too() -> None:
    faulty = answers.page(answers.record("1", b'<record xmlns="urn:mulu:catalogue:1"></record>'))
    with Sandbox(SandboxLimits(answers=2)) as sandbox:
        pids = []
        for _ in range(4):
            read(sandbox, [faulty])
            pids.append(sandbox.explainer_pid)
    assert pids[0] and pids[2], "lives for the second answer"
    assert (pids[1], pids[3]) == (None, None), "and is gone after it"
    assert pids[0] != pids[2]
