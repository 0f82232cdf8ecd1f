"""How long a walk has waited for its source in vain, and the word that it is to give way.

Every wait for an endpoint goes through a pulse, in slices of a quarter of a second: a thread that waits hears the
word within one of them. Only waiting counts; what we do with an answer is no fault of its source.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from harvester.errors import GaveWay
from registry.model.issue import Text

Monotonic = Callable[[], float]
"""Seconds by a clock that never goes back."""

Result = TypeVar("Result")

SLICE_SECONDS = 0.25
_LEAST_SECONDS = 0.001  # a timeout of 0 would mean: do not wait at all

_GAVE_WAY = Text(
    "来源停滞，已让出工作进程给等待的其他来源；稍后从断点续采。",
    "the source stalled while others waited; the walk gave way and goes on at its checkpoint later.",
)


class Pulse:
    """The pulse of one walk: beats in the thread of the walk, is felt by another."""

    def __init__(self, monotonic: Monotonic = time.monotonic) -> None:
        self.monotonic = monotonic
        self._in_vain = 0.0
        self._since: float | None = None
        self._told = threading.Event()
        self.address = ""
        """Where the last connection went; empty before one did, and through a proxy."""
        self.tls = ""
        """The version of TLS that it spoke; empty for none."""

    def wait(self, seconds: float, attempt: Callable[[float], Result]) -> Result:
        """What ``attempt(slice)`` returns, which raises ``TimeoutError`` where nothing came within a slice.

        Raises ``TimeoutError`` where nothing has come for ``seconds``, ``GaveWay`` where that was told.
        """
        began = self._since = self.monotonic()
        try:
            while True:
                self.check()
                left = seconds - (self.monotonic() - began)
                try:
                    return attempt(max(_LEAST_SECONDS, min(left, SLICE_SECONDS)))
                except TimeoutError:
                    if self.monotonic() - began >= seconds:
                        raise
        finally:
            self._since = None
            self._in_vain += self.monotonic() - began

    def pause(self, seconds: float, sleep: Callable[[float], None]) -> None:
        """Let ``seconds`` pass before the source is asked again. Raises ``GaveWay`` where that was told."""
        while seconds > 0:
            self.wait(seconds, sleep)
            seconds -= SLICE_SECONDS

    def beat(self, seconds: float) -> None:
        """Something came that is worth ``seconds`` of waiting."""
        self._in_vain = max(0.0, self._in_vain - seconds)

    def stalled(self) -> float:
        """For how many seconds the source has been waited for in vain."""
        since = self._since
        return self._in_vain + (0.0 if since is None else self.monotonic() - since)

    def give_way(self) -> None:
        """Tell the walk to leave its worker to others: its next slice of waiting ends it."""
        self._told.set()

    def check(self) -> None:
        """Raise ``GaveWay`` where that was told."""
        if self._told.is_set():
            raise GaveWay(_GAVE_WAY)
