"""The child process: the real worker over the scripted source, stopping or dying where it is told to."""

from __future__ import annotations

import logging
import signal
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from config.secrets import Keyring
from config.settings import Database, Networks, Settings
from harvester.assembly import open_worker, worker_on
from harvester.dispatch.inline import drain
from harvester.pipeline import Road
from harvester.worker import Outcome, Worker
from registry.store.engine import open_engines
from tests.crash import defects
from tests.crash.clock import SharedClock
from tests.crash.listing import Endpoint, PageReader
from tests.crash.points import Point, watch


@dataclass(frozen=True, slots=True)
class Errand:
    """What a driver is to do: carry out every order that waits in ``database``, and what they bring about.

    ``folder`` holds the clock and the listings. ``kill_at``: where it kills itself; ``fail_at``: where its
    connection breaks; ``stop_at``: where it stops itself; ``stop_around``: services at all of whose commits it
    does; ``register_ids``: registers to settle first; ``stall_seconds``: see ``open_engines``; ``over_http``:
    ask real endpoints, and read in a real sandbox; ``defect``: what is planted in it.
    """

    database: str
    folder: Path
    holder: str = "worker"
    page_size: int = 10
    slice_size: int = 4
    threads: int = 1
    kill_at: Point | None = None
    fail_at: Point | None = None
    stop_at: Sequence[Point] = ()
    stop_around: Sequence[str] = ()
    register_ids: Sequence[int] = ()
    stall_seconds: float = 60
    over_http: bool = False
    defect: str = ""


class Messenger:
    """Tells the parent what happens, as tuples whose first element says what."""

    def __init__(self, channel: Connection) -> None:
        self._channel = channel
        self._lock = threading.Lock()

    def tell(self, *message: Any) -> None:
        """Send one message."""
        with self._lock:
            self._channel.send(message)


def main(errand: Errand, channel: Connection) -> None:
    """Run an errand; the last message is ``done`` (with what the outcomes say) or ``failed``."""
    messenger = Messenger(channel)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    defects.plant(errand.defect)
    try:
        with _over_http(errand) if errand.over_http else _scripted(errand, messenger) as opened:
            watch(opened.engines.write, _reporter(errand, messenger))
            worker = replace(
                opened,
                settler=replace(opened.settler, slice_size=errand.slice_size),
                road=replace(opened.road, patience=timedelta(0)),  # every answer in a transaction of its own
            )
            for register_id in errand.register_ids:
                worker.settle(register_id)
            outcomes = drain(worker, threads=errand.threads)
        messenger.tell("done", [_told(outcome) for outcome in outcomes])
    except Exception:  # noqa: BLE001 - whatever it is, the parent is to hear of it
        messenger.tell("failed", traceback.format_exc())


@contextmanager
def _scripted(errand: Errand, messenger: Messenger) -> Iterator[Worker]:
    """A worker whose sources are the listings in the errand's folder."""
    clock = SharedClock(errand.folder / "clock")

    def heard(code: str, number: int) -> None:
        messenger.tell("asked", code, number)

    road = Road(
        open_answer=Endpoint(errand.folder, errand.page_size, clock, heard).open_answer,
        reader=PageReader(),
        clock=clock,
        sleep=_pause,
        rng=Random(0),
        archive_key=bytes(32),
    )
    engines = open_engines(errand.database, stall_seconds=errand.stall_seconds)
    try:
        yield worker_on(
            Settings(errand.folder), engines, road, holder=errand.holder, clock=clock, sleep=_pause
        )
    finally:
        engines.dispose()
        clock.close()


def _over_http(errand: Errand) -> AbstractContextManager[Worker]:
    """A worker as the product puts it together, which may go to loopback addresses."""
    settings = Settings(
        errand.folder, database=Database(url=errand.database), networks=Networks(("127.0.0.0/8",))
    )
    return open_worker(
        settings,
        Keyring(errand.folder / "secrets", {}),
        holder=errand.holder,
        clock=SharedClock(errand.folder / "clock"),
        sleep=_pause,
        rng=Random(0),
    )


def _pause(_seconds: float) -> None:
    """The clock stands still: waiting is for other processes only."""
    time.sleep(0.005)


def _reporter(errand: Errand, messenger: Messenger) -> Any:
    def report(point: Point) -> None:
        messenger.tell("passed", point)
        if point == errand.kill_at:
            signal.pthread_kill(threading.get_ident(), signal.SIGKILL)
        if point == errand.fail_at:
            raise OperationalError("COMMIT", None, ConnectionResetError(str(point)))
        if point in errand.stop_at or point.service in errand.stop_around:
            messenger.tell("stopping", point)
            # To this very thread: sent to the process, it would go on for a moment, into the next transaction.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
            messenger.tell("resumed")

    return report


def _told(outcome: Outcome) -> tuple[str, str, str]:
    run = outcome.run
    return outcome.register_code, outcome.source_code, "" if run is None else str(run.status)
