"""The log of another register in this installation: checked records by digest, no XML, no child."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from registry.model.harvesting import ChangeReader
from registry.model.record import CheckedRecord
from registry.model.run import Window
from registry.model.source import SourceDescription


class LogPage(NamedTuple):
    """Some of the log. ``checkpoint`` resumes behind it; ``last_sequence`` is how far it reaches."""

    records: Sequence[CheckedRecord]
    last_sequence: int
    checkpoint: str


def read_log(
    changes: ChangeReader, source: SourceDescription, window: Window, checkpoint: str, limit: int
) -> Iterator[LogPage]:
    """The register's entries after ``window.after_sequence``, or behind ``checkpoint``, ``limit`` at once.

    All pages of a walk read as of one mark: the one at its beginning, which the checkpoint
    (``<sequence>/<mark>``) carries. Nothing is handed out where nothing was published. Raises ``NotFound``
    for a register that does not exist, ``ValueError`` for what is no checkpoint.
    """
    register = source.location
    if checkpoint:
        after, mark = (int(part) for part in checkpoint.split("/"))
    else:
        after, mark = window.after_sequence, changes.mark(register)
    while after < mark:
        records, after = changes.changes(register, after, mark, limit)
        yield LogPage(records, after, f"{after}/{mark}")
