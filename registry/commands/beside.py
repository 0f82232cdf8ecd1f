"""What runs beside the server, about every second: the book of acts is sealed, people are told what concerns them.

Any number of processes may run it; leases decide which of them does the work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from registry.model.seal import Signer
from registry.services import notifying, sealing
from registry.store import outbox
from registry.store.engine import Engines
from registry.store.outbox import Topic

_log = structlog.get_logger(__name__)

HEAD_FILE = "audit-head.txt"
"""Where the newest head of the book stands in the home folder, for whoever copies it elsewhere."""


class Beside:
    """A thread that seals and tells until the block ends. A context manager."""

    def __init__(
        self,
        engines: Engines,
        signer: Signer,
        *,
        home: Path,
        holder: str,
        by_mail: bool,
        clock: Callable[[], datetime],
        seconds: float = 1.0,
    ) -> None:
        self._engines, self._signer, self._home = engines, signer, home
        self._holder, self._by_mail, self._clock, self._seconds = holder, by_mail, clock, seconds
        self._work = {Topic.SEAL: self._seal, Topic.NOTICE: self._tell}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mulu-beside", daemon=True)

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def turn(self) -> int:
        """Seal and tell what waits, up to a limit; returns how much that was. What fails does not keep the other
        from being done, and is tried again at the next turn."""
        with self._engines.read.connect() as connection:
            waiting = outbox.topics(connection)  # a look costs less than taking a lease
        done = 0
        for topic in sorted(waiting):
            try:
                done += self._work[topic]()
            except Exception:  # noqa: BLE001 (a full disk, a store that is locked: it may be over in a second)
                _log.exception("beside.failed", topic=str(topic))
        return done

    def _seal(self) -> int:
        count = sealing.seal(self._engines.write, self._signer, holder=self._holder, now=self._clock())
        if count:
            with self._engines.read.connect() as connection:
                head = sealing.exported_head(connection, self._signer.key, self._clock())
            sealing.write_head(self._home / HEAD_FILE, head)
        return count

    def _tell(self) -> int:
        return notifying.tell(
            self._engines.write, holder=self._holder, by_mail=self._by_mail, now=self._clock()
        )

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                while self.turn() and not self._ended.is_set():
                    pass
            except Exception:  # noqa: BLE001 (a store that does not answer now may do so in a second)
                _log.exception("beside.failed")
        try:
            sealing.rest(self._engines.write, holder=self._holder, now=self._clock())
            notifying.rest(self._engines.write, holder=self._holder, now=self._clock())
        except Exception:  # noqa: BLE001 (its leases run out by themselves)
            _log.exception("beside.failed")
