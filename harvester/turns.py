"""Politeness across all workers of an installation: at most so many requests at once for one host.

Turns are leases in our database, like everything that only one may have: a worker that dies gives its turn back by
letting the lease run out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import count

from registry.store import leases
from registry.store.engine import Engines, transaction


class HostTurns:
    """Fulfils ``registry.model.harvesting.HostTurn``.

    ``limit``: requests at once for one host; ``longest``: after how long a turn is taken for lost (longer than
    any answer may last).
    """

    def __init__(
        self,
        engines: Engines,
        holder: str,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        *,
        limit: int,
        longest: timedelta,
    ) -> None:
        self._engines, self._holder, self._clock, self._sleep = engines, holder, clock, sleep
        self._limit, self._longest = limit, longest
        self._numbers = count()
        self._held: dict[tuple[int, str], list[leases.Lease]] = {}
        self._lock = threading.Lock()

    def take_turn(self, host: str) -> None:
        """Wait until this worker may ask ``host``."""
        name = blake2b(host.encode(), digest_size=12).hexdigest()
        holder = f"{self._holder}:{next(self._numbers)}"
        pause = 0.02
        while True:
            lease = self._try(name, holder)
            if lease is not None:
                with self._lock:
                    self._held.setdefault((threading.get_ident(), host), []).append(lease)
                return
            self._sleep(pause)
            pause = min(pause * 2, 2.0)

    def _try(self, name: str, holder: str) -> leases.Lease | None:
        for slot in range(self._limit):
            with transaction(self._engines.write) as connection:
                lease = leases.take(connection, f"host:{name}:{slot}", holder, self._clock(), self._longest)
            if lease is not None:
                return lease
        return None

    def give_back(self, host: str) -> None:
        """The request has ended: the next may ask."""
        with self._lock:
            lease = self._held[(threading.get_ident(), host)].pop()
        with transaction(self._engines.write) as connection:
            leases.give_back(connection, lease, self._clock())


class Unlimited:
    """Turns for whoever asks nobody but a decoy of our own: granted at once."""

    def take_turn(self, host: str) -> None:
        """Do not wait."""

    def give_back(self, host: str) -> None:
        """Nobody waits."""
