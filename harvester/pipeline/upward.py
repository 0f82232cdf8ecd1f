"""The walk over the log of another register of this installation: checked digests, no XML, no child. Asked again is
only whether the source may bring an identifier: others may own here what the register below knows nothing of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from harvester.pipeline.pages import PAGE_RECORDS
from harvester.protocols.register import read_log
from harvester.rules.examination import Examiner
from registry.model.harvesting import ChangeReader, Sink
from registry.model.issue import refuses
from registry.model.record import CheckedRecord, Condition, Page
from registry.model.run import Ending, Verdict, Walk, Window
from registry.model.source import SourceDescription


def walk_register(
    source: SourceDescription,
    window: Window,
    sink: Sink,
    changes: ChangeReader,
    today: date,
    stop: Callable[[], bool] = lambda: False,
    checkpoint: str = "",
) -> tuple[Walk, Verdict]:
    """Read the register's log; all pages as of one mark, which the checkpoint carries. ``today`` (Asia/Shanghai) is
    the day on which identifiers are judged."""
    examiner = Examiner(source, today) if _is_limited(source) else None
    reached = window.after_sequence
    ending = Ending.FINISHED
    for number, page in enumerate(read_log(changes, source, window, checkpoint, PAGE_RECORDS), start=1):
        if stop():
            ending = Ending.INTERRUPTED
            break
        reached = page.last_sequence
        records = page.records if examiner is None else judged(examiner, page.records)
        sink.take([Page(number, records, page.checkpoint)])
    ended = Walk(ending, cursor_sequence=reached)
    return ended, sink.finish(ended)


def _is_limited(source: SourceDescription) -> bool:
    """Whether there are identifiers that the source may not bring; most may bring all."""
    return bool(source.scope.identifier_prefixes or source.owned_elsewhere)


def judged(examiner: Examiner, records: Sequence[CheckedRecord]) -> list[CheckedRecord]:
    """The records, of which those are refused that their source may not bring."""
    judged = []
    for record in records:
        issues = tuple(examiner.identify(record.identifier))
        if refuses(issues):
            judged.append(record._replace(condition=Condition.REFUSED, document=None, issues=issues))
        else:
            judged.append(record)
    return judged
