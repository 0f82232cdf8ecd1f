"""One harvest on several roads: what the guard costs, and what a second core gives.

Every road is walked several times, in turn with the others, each time into an empty store; the report takes medians.
Children are started before the clock is: one reads a thousand answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unittest.mock import patch

import requests

from benchmarks import product
from harvester import pipeline
from harvester.http.fetch import Answer
from harvester.protocols.base import Request
from harvester.pulse import Pulse
from harvester.sandbox import InlineSandbox, Sandbox, Sandboxes, SandboxLimits
from harvester.worker import Worker
from registry.model.source import SourceDescription

if TYPE_CHECKING:
    from benchmarks.scenarios import Run

_ROUNDS = 3
_WITHOUT_END = 1 << 60
_UNLIMITED = SandboxLimits(
    answer_records=_WITHOUT_END,
    tree_nodes=_WITHOUT_END,
    tree_bytes=_WITHOUT_END,
    record_bytes=_WITHOUT_END,
    record_depth=_WITHOUT_END,
    record_attributes=_WITHOUT_END,
    text_bytes=_WITHOUT_END,
)


@dataclass(frozen=True, slots=True)
class _Way:
    """A road to measure. ``behind``: pages are taken while the next answer is read."""

    name: str
    laid: Callable[[Worker], Worker]
    behind: bool = True


def run_guarded(run: Run) -> None:
    """The product as it is, and the same without child, without limits and without a checked connection."""
    run.measure("start of a child", _start_child, 1)
    _measure(run, _Way("guarded", lambda worker: worker), _Way("unguarded", _unguarded))


def run_overlap(run: Run) -> None:
    """A child on a second core: none, one that waits while pages are taken, one that works meanwhile."""
    _measure(
        run,
        _Way("in the parent", _inline, behind=False),
        _Way("child, in turn", lambda worker: worker, behind=False),
        _Way("child, overlapped", lambda worker: worker),
    )


def _measure(run: Run, *ways: _Way) -> None:
    run.state(size=run.case.records, revision=0, touched=0)
    for _ in range(_ROUNDS):
        for way in ways:
            _walk(run, way)


def _walk(run: Run, way: _Way) -> None:
    opened = product.installation(run.url(), run.folder, run.base_url, run.clock, index=False)
    unhurried = patch.object(pipeline, "taking_behind", nullcontext)
    with opened as worker, nullcontext() if way.behind else unhurried:
        laid = way.laid(worker)
        if isinstance(laid.road.reader, Sandboxes):
            with laid.road.reader.borrow() as sandbox:
                sandbox.start()
        run.measure(
            way.name, lambda: product.harvest(laid, "city", full=True, now=run.clock()), run.case.records
        )


def _start_child() -> None:
    with Sandbox() as sandbox:
        sandbox.start()


def _inline(worker: Worker) -> Worker:
    return replace(worker, road=replace(worker.road, reader=InlineSandbox()))


def _unguarded(worker: Worker) -> Worker:
    session = requests.Session()

    @contextmanager
    def open_answer(request: Request, source: SourceDescription, pulse: Pulse) -> Iterator[Answer]:  # noqa: ARG001
        yield Answer(200, {}, iter([session.get(request.url, timeout=60).content]))

    return replace(
        worker, road=replace(worker.road, reader=InlineSandbox(_UNLIMITED), open_answer=open_answer)
    )
