"""Progress for people who watch: on standard error, and only where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from harvester.worker import Outcome
from registry.commands.session import Session
from registry.model.issue import Text
from registry.model.labels import visible_text

_HARVESTING = Text(zh="采集", en="harvesting")


@contextmanager
def progress(session: Session, expected: int) -> Iterator[Callable[[Outcome], None]]:
    """A bar of ``expected`` orders; call what it yields with each outcome. Orders that follow make it longer."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(session.say(_HARVESTING), total=expected)
        done = 0

        def tell(outcome: Outcome) -> None:
            nonlocal done
            done += 1
            name = visible_text(outcome.source_code or outcome.register_code)
            bar.update(task, completed=done, total=max(expected, done), description=name)

        yield tell
