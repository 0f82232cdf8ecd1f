"""The same identifier twice in one answer: what it means (house section 7).

Equal: one record and a note. Other content with a newer datestamp: the list moved under the walk, the newer one
counts. Other content otherwise: none is accepted, and one issue names the places. The rules look at both copies
alike, so that the order in which they stand in the answer decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from registry.model.datestamp import format_datestamp
from registry.model.diff import Action
from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition, KnownRecord
from schemas.fault import Fault


@dataclass(frozen=True, slots=True)
class Earlier:
    """What came first under the identifier in this run: what was made of it, what it said, where it stood.

    ``digest`` is its document's, empty for a deletion and for what was refused; ``place`` is empty where it
    stood on an earlier page and changed nothing. ``also``: where further copies stood that were refused since.
    """

    action: Action
    deleted: bool
    digest: bytes
    raw_digest: bytes
    datestamp: datetime | None
    place: str
    also: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: CheckedRecord, action: Action) -> Earlier:
        """A record of which ``action`` was made."""
        return cls(
            action,
            record.condition is Condition.DELETED,
            record.document_digest,
            record.raw_digest,
            record.datestamp,
            record.place,
        )

    def refused(self) -> Earlier:
        """The same after another copy contradicted it: it says nothing any more."""
        return replace(self, action=Action.REFUSED, deleted=False, digest=b"")

    def equals(self, later: CheckedRecord) -> bool:
        """Whether ``later`` says the same: the same bytes, the same document, or both deleted."""
        if self.raw_digest and self.raw_digest == later.raw_digest:
            return True
        if self.action is Action.REFUSED or later.condition is Condition.REFUSED:
            return False
        if self.deleted or later.condition is Condition.DELETED:
            return self.deleted and later.condition is Condition.DELETED
        return self.digest == later.document_digest


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of the later record (``action``, unless it ``replaces`` the earlier one), and whether the
    earlier one is refused with it."""

    action: Action
    issue: Issue
    replaces: bool = False
    refuses_earlier: bool = False


EQUAL_REPEAT = Fault(
    "record-repeated",
    Severity.NOTE,
    Text(
        zh="同一答复中重复出现内容相同的记录，只计一条",
        en="the same record stands twice in one answer; it counts once",
    ),
    Text(zh="请在来源处去重", en="remove the repetition at the source"),
)
MOVED = Fault(
    "record-moved",
    Severity.NOTE,
    Text(
        zh="采集期间该记录发生变化，采用时间戳较新的一份",
        en="the record changed during the walk; the copy with the newer datestamp counts",
    ),
)
CONFLICT = Fault(
    "record-conflict",
    Severity.ERROR,
    Text(
        zh="同一标识符出现内容不同的记录（{places}），全部拒收",
        en="the same identifier carries different contents ({places}); none of them is accepted",
    ),
    Text(
        zh="请保证标识符唯一：每个标识符只对应一条记录",
        en="make identifiers unique: one record for each",
    ),
)
OLDER = Fault(
    "record-older",
    Severity.WARNING,
    Text(
        zh="内容有变，日期却比先前采集的更早（{before} → {after}）；以来源的最新答复为准",
        en="its text has changed, its date is earlier than before ({before}, now {after}); the newest answer counts",
    ),
    Text(
        zh="请检查来源是否恢复了旧数据",
        en="see whether the source has fallen back to old data",
    ),
)
FAULTS = (EQUAL_REPEAT, MOVED, CONFLICT, OLDER)

_TOLD_PLACES = 8
_MORE = Text(zh="等共 {count} 处", en="{count} places in all")
_ELSEWHERE = Text(zh="前一页，内容未变", en="on an earlier page, unchanged")


def judge(earlier: Earlier, later: CheckedRecord) -> Ruling:
    """What the second record under an identifier means."""
    equal = earlier.equals(later)
    if _is_later(later.datestamp, earlier.datestamp):
        return Ruling(Action.REPEATED, (EQUAL_REPEAT if equal else MOVED).issue(), replaces=True)
    if equal:
        return Ruling(Action.REPEATED, EQUAL_REPEAT.issue())
    if _is_later(earlier.datestamp, later.datestamp):
        return Ruling(Action.REPEATED, MOVED.issue())
    refuses_earlier = earlier.action is not Action.REFUSED
    return Ruling(Action.REFUSED, _conflict(earlier, later), refuses_earlier=refuses_earlier)


def falls_back(held: KnownRecord, later: CheckedRecord) -> Issue | None:
    """What is to be said of a changed record whose own update date, or else its datestamp, is earlier than that of
    what is held: an old version, told again. None where it is not, or where nobody can say."""
    facts = later.document.facts if later.document is not None else None
    before, after = held.updated_on, facts.updated_on if facts is not None else None
    if before is not None and after is not None and after != before:
        return OLDER.issue(before=before, after=after) if after < before else None
    if _is_later(held.datestamp, later.datestamp) and held.datestamp and later.datestamp:
        return OLDER.issue(before=format_datestamp(held.datestamp), after=format_datestamp(later.datestamp))
    return None


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one > other


def _conflict(earlier: Earlier, later: CheckedRecord) -> Issue:
    first = Text(earlier.place, earlier.place) if earlier.place else _ELSEWHERE
    others = [Text(place, place) for place in (*earlier.also, later.place)]
    count = 1 + len(others)
    if count > _TOLD_PLACES:
        others = [*others[: _TOLD_PLACES - 2], others[-1], _MORE.format(count=count)]
    named = (first, *others)
    places = Text("；".join(place.zh for place in named), "; ".join(place.en for place in named))
    return CONFLICT.issue(places=places)
