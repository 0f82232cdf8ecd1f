"""The walk over the log of another register of this installation: checked digests, no XML, no child."""

from __future__ import annotations

from collections.abc import Callable

from harvester.pipeline.pages import PAGE_RECORDS
from harvester.protocols.register import read_log
from registry.model.harvesting import ChangeReader, Sink
from registry.model.record import Page
from registry.model.run import Ending, Verdict, Walk, Window
from registry.model.source import SourceDescription


def walk_register(
    source: SourceDescription,
    window: Window,
    sink: Sink,
    changes: ChangeReader,
    stop: Callable[[], bool] = lambda: False,
    checkpoint: str = "",
) -> tuple[Walk, Verdict]:
    """Read the register's log; all pages as of one mark, which the checkpoint carries."""
    reached = window.after_sequence
    ending = Ending.FINISHED
    for number, page in enumerate(read_log(changes, source, window, checkpoint, PAGE_RECORDS), start=1):
        if stop():
            ending = Ending.INTERRUPTED
            break
        reached = page.last_sequence
        sink.take([Page(number, page.records, page.checkpoint)])
    ended = Walk(ending, cursor_sequence=reached)
    return ended, sink.finish(ended)
