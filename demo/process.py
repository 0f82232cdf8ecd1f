"""Run the sample as a process of its own, as long as a ``with`` block lasts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_STOP_SECONDS = 5


@contextmanager
def running_sample(port: int) -> Iterator[str]:
    """Its URL, without a slash at the end. ``port`` 0: any free one. Raises ``OSError`` where it is taken."""
    command = [sys.executable, "-m", "demo", "--port", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE, start_new_session=True) as child:  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        url = child.stdout.readline().strip()
        if not url:
            raise OSError(child.stderr.read().strip() or "the sample did not start")
        try:
            yield url
        finally:
            child.stdin.close()
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
