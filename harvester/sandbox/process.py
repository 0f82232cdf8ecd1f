"""A child process and the pipes to it, written and read together, so that neither side waits for ever."""

from __future__ import annotations

import fcntl
import os
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec

import harvester
from harvester.sandbox import wire
from harvester.sandbox.errors import Cause, ChildDied, from_exit
from harvester.sandbox.limits import SandboxLimits

COMMAND: tuple[str, ...] = (
    sys.executable,
    "-I",  # neither the environment nor the working directory decides what is imported
    "-c",
    "import sys; sys.path.insert(0, sys.argv[1]); from harvester.sandbox.child import main; main()",
    str(Path(harvester.__file__).parent.parent),
)

_READ = 1 << 20
_LAST_WORDS = 1 << 16
_BURIAL_SECONDS = 5.0
_PIPE_BYTES = 1 << 20  # records of a page or so: a child goes on while nobody reads


class Child:
    """One child, warm once made. Raises ``ChildDied`` where it does not come up.

    ``command`` starts something that speaks the wire format on its standard input and output; ``task``: see
    :class:`wire.Task`.
    """

    def __init__(
        self, limits: SandboxLimits, command: Sequence[str] = COMMAND, *, task: wire.Task = wire.Task.READ
    ) -> None:
        self._limits = limits
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"LANG": "C.UTF-8"},  # no secret of ours, no proxy, no import path
            cwd="/",
            bufsize=0,
            process_group=0,  # an interrupt at the terminal is the parent's to handle
        )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._inlet, self._outlet = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._words = self._process.stderr.fileno()
        for descriptor in (self._inlet, self._outlet, self._words):
            os.set_blocking(descriptor, False)
        _widen(self._outlet)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._outlet, selectors.EVENT_READ)
        self._queue: deque[memoryview] = deque()
        self._frames = wire.Frames()
        self._waited = 0.0
        self.answers = 0
        self.bytes = 0
        self.send(wire.Start(limits, task))
        messages: list[wire.FromChild] = []
        while not messages:
            messages = self.exchange(limits.start_seconds)
        if not isinstance(messages[0], wire.Ready):
            self.distrust("it did not report ready")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def wants_more(self) -> bool:
        """Whether everything sent so far has gone into the pipe."""
        return not self._queue

    @property
    def is_spent(self) -> bool:
        """Whether this child has served long enough."""
        return self.answers >= self._limits.answers or self.bytes >= self._limits.lifetime_bytes

    def send(self, message: wire.ToChild) -> None:
        """Queue ``message``; :meth:`exchange` writes it."""
        self._queue.append(memoryview(wire.frame(message)))

    def exchange(self, patience: float) -> list[wire.FromChild]:
        """Write and read what goes, waiting until something does; the messages that are now whole.

        Raises ``ChildDied`` where the child is dead, speaks garbage, or let us wait for ``patience``
        seconds without a whole message or a byte taken (it is ended then).
        """
        self._watch_inlet()
        began = time.monotonic()
        events = self._selector.select(max(patience - self._waited, 0))
        self._waited += time.monotonic() - began
        messages: list[wire.FromChild] = []
        for key, _ in events:
            if key.fd == self._inlet:
                self._write()
            else:
                messages = self._read()
        if messages:
            self._waited = 0.0
        elif self._waited >= patience:
            self.end()
            raise ChildDied(Cause.SILENCE)
        return messages

    def distrust(self, detail: str) -> NoReturn:
        """End a child that said what it cannot honestly have said. Raises ``ChildDied``."""
        self.end()
        raise ChildDied(Cause.GARBAGE, detail)

    def end(self) -> int:
        """Kill the child if it lives, and free what it held; its exit status."""
        self._process.kill()
        status = self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return status

    def _watch_inlet(self) -> None:
        watched = self._inlet in self._selector.get_map()
        if self._queue and not watched:
            self._selector.register(self._inlet, selectors.EVENT_WRITE)
        elif watched and not self._queue:
            self._selector.unregister(self._inlet)

    def _write(self) -> None:
        try:
            while self._queue:
                written = os.write(self._inlet, self._queue[0])
                self._waited = 0.0
                self.bytes += written
                if written < len(self._queue[0]):
                    self._queue[0] = self._queue[0][written:]
                else:
                    self._queue.popleft()
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._queue.clear()  # its last words and its exit status come by the other pipes

    def _read(self) -> list[wire.FromChild]:
        content = os.read(self._outlet, _READ)
        if not content:
            raise self._death()
        try:
            messages = [wire.from_child.decode(payload) for payload in self._frames.feed(content)]
        except (msgspec.MsgspecError, ValueError) as error:
            self.end()
            raise ChildDied(Cause.GARBAGE, type(error).__name__) from None
        for message in messages:
            if isinstance(message, wire.Crashed):
                self.end()
                raise ChildDied(Cause.CRASH, message.where[:200])
        return messages

    def _death(self) -> ChildDied:
        """What the end of its output means. A child that only closed its pipe is ended."""
        try:
            status = self._process.wait(_BURIAL_SECONDS)
        except subprocess.TimeoutExpired:
            status = self._process.poll() or 0
        words = self._last_words()
        self.end()
        return from_exit(status, wire.EXIT_MEMORY, words)

    def _last_words(self) -> str:
        """The last line that the child wrote to its standard error, made harmless."""
        try:
            lines = os.read(self._words, _LAST_WORDS).decode("utf-8", "replace").splitlines()
        except BlockingIOError:
            return ""
        return ascii(lines[-1])[:200] if lines else ""


def _widen(pipe: int) -> None:
    """Give a pipe more room than its 64 KB, where the system can and lets us."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
