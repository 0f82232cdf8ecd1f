"""The parent's side of a driver: start it, let it go on to where it stops, stop it, continue it, kill it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import suppress
from typing import Any

from tests.crash import driver
from tests.crash.driver import Errand
from tests.crash.points import Point

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.crash.rehearsal"])

_PATIENCE_SECONDS = 90


class DriverFailed(AssertionError):
    """A driver ended in a way that nobody meant; its last words are the message."""


class DriverProcess:
    """One driver, running as soon as it is made. ``passed``: the points it went by; ``asked``: its questions;
    ``outcomes``: what it carried out, once it has ended by itself."""

    def __init__(self, errand: Errand) -> None:
        self._channel, theirs = _context.Pipe()
        self._process = _context.Process(target=driver.main, args=(errand, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.passed: list[Point] = []
        self.asked: list[tuple[str, int]] = []
        self.outcomes: list[tuple[str, str, str]] | None = None
        self.stopped_at: Point | None = None

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def go_on(self) -> Point | None:
        """Let it run to where it stops next; None once it has ended. Raises what it failed with."""
        self.wake()
        while True:
            if not self._channel.poll(_PATIENCE_SECONDS):
                self.kill()
                raise DriverFailed(f"nothing came for {_PATIENCE_SECONDS} s; passed: {self.passed}")
            try:
                self._hear(self._channel.recv())
            except (EOFError, ConnectionResetError):
                self._process.join()
                if self._process.exitcode not in (0, -signal.SIGKILL):
                    raise DriverFailed(f"the driver ended with {self._process.exitcode}") from None
                return None
            if self.stopped_at is not None:
                return self.stopped_at

    def run(self) -> DriverProcess:
        """Let it run to its end, whatever that is."""
        while self.go_on() is not None:
            pass
        return self

    def run_past(self, points: int) -> None:
        """Let it run until it has gone by so many points; it runs on behind them."""
        with suppress(EOFError, ConnectionResetError):
            while len(self.passed) < points and self._channel.poll(_PATIENCE_SECONDS):
                self._hear(self._channel.recv())

    def kill(self) -> None:
        """End it at once (SIGKILL ends stopped processes too), and hear what it said last."""
        if self._process.is_alive():
            os.kill(self.pid, signal.SIGKILL)
        self.stopped_at = None
        with suppress(EOFError, ConnectionResetError):
            while self._channel.poll(_PATIENCE_SECONDS):
                self._hear(self._channel.recv())
        self._process.join()
        self.stopped_at = None

    def wake(self) -> None:
        """Let it go on, if it stands, without waiting for what it does next."""
        # It says that it stops just before it does: it is woken until it says that it is awake.
        while self.stopped_at is not None:
            os.kill(self.pid, signal.SIGCONT)
            if self._channel.poll(0.005):
                self._hear(self._channel.recv())

    def _hear(self, message: tuple[Any, ...]) -> None:
        match message:
            case ("passed", point):
                self.passed.append(point)
            case ("asked", code, number):
                self.asked.append((code, number))
            case ("stopping", point):
                self.stopped_at = point
            case ("resumed",):
                self.stopped_at = None
            case ("done", outcomes):
                self.outcomes = outcomes
            case ("failed", text):
                raise DriverFailed(f"the driver failed:\n{text}")
            case _:
                raise AssertionError(f"an unknown message: {message}")
