"""Where a process can be stopped: on both sides of every commit, named after the service that commits.

Nothing in the product knows of it: the ``do_commit`` of this process's own dialect is wrapped, and the call stack
says who commits.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, NamedTuple

from sqlalchemy import Engine

SERVICES: Mapping[tuple[str, str], str] = {
    ("registry.services.ordering", "claim"): "claim",
    ("registry.services.ordering", "finish"): "finish",
    ("registry.services.ingest.opening", "open_run"): "open",
    ("registry.services.ingest.stage", "take"): "take",
    ("registry.services.ingest.absences", "stage_absences"): "absences",
    ("registry.services.ingest.opening", "begin_anew"): "begin anew",
    ("registry.services.ingest.closing", "close_run"): "close",
    ("registry.services.ingest.settle", "__enter__"): "lease",
    ("registry.services.ingest.settle", "__exit__"): "give back",
    ("registry.services.ingest.settle", "_settle_slice"): "slice",
    ("registry.services.ingest.settle", "resettle"): "resettle",
    ("registry.services.ingest.publish", "publish"): "publish",
    ("registry.services.ingest.publish", "verify_last"): "verify",
    ("registry.services.expiry", "expire"): "expire",
    ("registry.services.indexing", "feed"): "index",
    ("harvester.worker", "_plan_next"): "plan",
}


class Point(NamedTuple):
    """The ``nth`` commit of a service within the ``order``-th order of this process (0: before the first
    claim); ``side``: ``before`` or ``after`` it."""

    side: str
    service: str
    nth: int = 1
    order: int = 1

    def __str__(self) -> str:
        return f"{self.side} {self.service} {self.order}.{self.nth}"


def watch(engine: Engine, report: Callable[[Point], None]) -> None:
    """Tell ``report`` of every commit on ``engine`` before it is made and after; it may never return."""
    dialect = engine.dialect
    commit = dialect.do_commit
    counts: Counter[str] = Counter()
    orders = 0

    def commit_watched(connection: Any) -> None:
        nonlocal orders
        service = _committing(sys._getframe(1))
        if service == "claim":
            orders += 1
            counts.clear()
        counts[service] += 1
        point = Point("before", service, counts[service], orders)
        report(point)
        commit(connection)
        report(point._replace(side="after"))

    dialect.do_commit = commit_watched  # type: ignore[method-assign, assignment]


def _committing(frame: FrameType | None) -> str:
    while frame is not None:
        name = SERVICES.get((frame.f_globals.get("__name__", ""), frame.f_code.co_name))
        if name is not None:
            return name
        frame = frame.f_back
    return "other"
