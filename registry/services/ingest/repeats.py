"""The same identifier twice in one answer: what it means (house section 7).

Equal: one record and a note. Other content with a newer datestamp: the list moved under the walk, the newer one
counts. Other content otherwise: none is accepted, and one issue names the places.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from registry.model.diff import Action
from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition


@dataclass(frozen=True, slots=True)
class Earlier:
    """What came first under the identifier in this run: what was made of it, its digest, where it stood."""

    action: str
    digest: bytes
    datestamp: datetime | None
    place: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of the later record (``action``) and of the earlier one."""

    earlier: Earlier
    action: Action
    issue: Issue | None
    replaces: bool = False
    refuses_earlier: bool = False


EQUAL_REPEAT = Issue(
    "record.repeated",
    Severity.NOTE,
    Text(
        zh="同一答复中重复出现内容相同的记录,只计一条。",
        en="the same record stands twice in one answer; it counts once.",
    ),
    Text(zh="请在来源处去重。", en="Remove the repetition at the source."),
)
_MOVED = Issue(
    "record.moved",
    Severity.NOTE,
    Text(
        zh="采集期间该记录发生变化,采用时间戳较新的一份。",
        en="the record changed during the walk; the copy with the newer datestamp counts.",
    ),
)
_CONFLICT = Text(
    zh="同一标识符出现内容不同的记录({first};{second}),全部拒收。",
    en="the same identifier carries different contents ({first}; {second}); none of them is accepted.",
)
_CONFLICT_HINT = Text(
    zh="请保证标识符唯一:每个标识符只对应一条记录。",
    en="Make identifiers unique: one record for each.",
)
_ELSEWHERE = Text(zh="前一处", en="an earlier place")


def judge(earlier: Earlier, later: CheckedRecord) -> Ruling:
    """What the second record under an identifier means."""
    if later.condition is Condition.REFUSED:
        return Ruling(earlier, Action.REFUSED, _conflict(earlier, later), refuses_earlier=_stands(earlier))
    same = earlier.digest == later.document_digest and earlier.action != Action.REFUSED
    if same and (later.condition is Condition.DELETED) == (earlier.action == Action.DELETED):
        return Ruling(earlier, Action.REPEATED, EQUAL_REPEAT)
    if _is_later(later.datestamp, earlier.datestamp) and earlier.action != Action.REFUSED:
        return Ruling(earlier, Action.REPEATED, _MOVED, replaces=True)
    if _is_later(earlier.datestamp, later.datestamp) and earlier.action != Action.REFUSED:
        return Ruling(earlier, Action.REPEATED, _MOVED)
    return Ruling(earlier, Action.REFUSED, _conflict(earlier, later), refuses_earlier=_stands(earlier))


def _stands(earlier: Earlier) -> bool:
    return earlier.action != Action.REFUSED


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one > other


def _conflict(earlier: Earlier, later: CheckedRecord) -> Issue:
    first = Text(earlier.place or _ELSEWHERE.zh, earlier.place or _ELSEWHERE.en)
    message = Text(
        _CONFLICT.zh.format(first=first.zh, second=later.place),
        _CONFLICT.en.format(first=first.en, second=later.place),
    )
    return Issue("record.conflict", Severity.ERROR, message, _CONFLICT_HINT)
