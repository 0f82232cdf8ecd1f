"""The merge: which of the records that a register's sources hold is its entry.

The order of candidates is total and looks only at their content, so that order, repetition and partition of
harvests never change a register (commutative, associative, idempotent).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from registry.model.datestamp import parse_datestamp
from registry.model.issue import Text
from registry.model.record import HeldRecord
from registry.model.visibility import day_of

_OLDEST = date.min


@dataclass(frozen=True, slots=True)
class AuthorityRule:
    """``source_code`` is the authority for a division (and what lies below it by path), a category
    (``credit``, or ``credit:6.2`` and what lies below it) and a publishing body; an empty field means any."""

    source_code: str
    division: str = ""
    category: str = ""
    body: str = ""

    def covers(self, record: HeldRecord) -> bool:
        """Whether this rule makes the record's source its authority."""
        facts = record.facts
        if record.source_code != self.source_code or facts is None:
            return False
        own = f"{facts.catalogue}:{facts.item}"
        return (
            self.division in ("", facts.division, *record.divisions)
            and (self.category in ("", str(facts.catalogue), own) or own.startswith(f"{self.category}."))
            and self.body in ("", facts.body)
        )

    @property
    def weight(self) -> int:
        """More specific rules weigh more: body over category over division."""
        return 1 + 4 * bool(self.body) + 2 * bool(self.category) + bool(self.division)


@dataclass(frozen=True, slots=True)
class AuthorityPolicy:
    """Who speaks with authority in a register; without rules all sources speak alike."""

    rules: tuple[AuthorityRule, ...] = ()

    def authority(self, record: HeldRecord) -> int:
        """The weight of the most specific rule that covers the record; 0 where none does."""
        return max((rule.weight for rule in self.rules if rule.covers(record)), default=0)


@dataclass(frozen=True, slots=True)
class Ranking:
    """One candidate with the reasons for its place, best first in :func:`explain`."""

    record: HeldRecord
    authority: int
    updated_on: date | None
    reason: Text


def _effective_date(record: HeldRecord) -> date:
    """元数据更新日期; absent, or later than the day of receipt, counts as oldest.

    Received means: where the record entered. What its path says of that can only make it earlier, so that
    all levels judge alike whenever they read, and nobody gains by a path that claims a later day.
    """
    updated = record.facts.updated_on if record.facts else None
    if updated is None or updated > day_of(record.received_at):
        return _OLDEST
    entered = _entered(record)
    return _OLDEST if entered is not None and updated > day_of(entered) else updated


def _entered(record: HeldRecord) -> datetime | None:
    """When the first register on the record's way received it; None where the path does not say."""
    if not record.path or not record.path[0].harvested_at:
        return None
    try:
        return parse_datestamp(record.path[0].harvested_at)[0]
    except ValueError:
        return None


def _authority(record: HeldRecord, policy: AuthorityPolicy) -> int:
    """The weight of a record. What a register on the way no longer lists has none: whether it ever stood
    there when somebody read must not decide. (Only an origin's own deletion speaks with authority.) Nor has
    what a retired source left behind."""
    return policy.authority(record) if _speaks(record) else 0


def _is_pinned(record: HeldRecord) -> bool:
    """Whether somebody's decision lets it stand: the strongest rule, for one entry."""
    return record.pinned is not None and _speaks(record)


def _speaks(record: HeldRecord) -> bool:
    if record.retired:
        return False
    came_through_a_register = bool(record.path) and bool(record.path[-1].register)
    return not (record.deleted and came_through_a_register)


def _order(record: HeldRecord, policy: AuthorityPolicy) -> tuple[bool, bool, int, bool, int, bytes, int, str]:
    """Sort key, best first: pinned, from an owner of the identifier, authority, live before deleted, newest, smallest
    digest, shortest way."""
    newest = -_effective_date(record).toordinal()
    return (
        not _is_pinned(record),
        not (record.owned and _speaks(record)),
        -_authority(record, policy),
        record.deleted,
        newest,
        record.digest,
        len(record.path),
        record.source_code,
    )


def winner(records: Sequence[HeldRecord], policy: AuthorityPolicy) -> HeldRecord | None:
    """The record that stands for the entry; None where there is none.

    A deleted winner makes the entry a tombstone: an authoritative tombstone beats others' live variants,
    while among equals a live one is preferred.
    """
    if len(records) == 1:
        return records[0]
    return min(records, key=lambda record: _order(record, policy), default=None)


def explain(records: Sequence[HeldRecord], policy: AuthorityPolicy) -> tuple[Ranking, ...]:
    """All candidates, the winner first, each with the reason why it stands where it stands."""
    ordered = sorted(records, key=lambda record: _order(record, policy))
    return tuple(
        Ranking(
            record,
            _authority(record, policy),
            None if _effective_date(record) == _OLDEST else _effective_date(record),
            _why_first(record) if place == 0 else _why_behind(ordered[place - 1], record, policy),
        )
        for place, record in enumerate(ordered)
    )


_WON = Text(zh="当前采用", en="stands for the entry")
_WON_BY_PIN = Text(zh="由 {by} 指定采用，理由：{reason}", en="pinned by {by}, because: {reason}")
_BEHIND = (
    Text(zh="已指定采用其他来源的记录", en="the record of another source is pinned"),
    Text(zh="标识符前缀已批准给另一来源", en="its identifier was approved for another source"),
    Text(zh="权威性较低", en="less authority"),
    Text(zh="已删除", en="deleted at its source"),
    Text(
        zh="元数据更新日期较早(或缺失、晚于收到日期)",
        en="older update date (or none, or later than its receipt)",
    ),
    Text(zh="摘要值较大", en="larger digest (content differs, dates are equal)"),
    Text(zh="经过的层级更多", en="came a longer way"),
    Text(zh="内容相同，按来源代码排序", en="same content; ordered by the source's code"),
)


def _why_first(record: HeldRecord) -> Text:
    if record.pinned is None or not _is_pinned(record):
        return _WON
    return _WON_BY_PIN.format(by=record.pinned.by, reason=record.pinned.reason)


def _why_behind(better: HeldRecord, record: HeldRecord, policy: AuthorityPolicy) -> Text:
    pairs = zip(_order(better, policy), _order(record, policy), _BEHIND, strict=True)
    return next((text for ours, theirs, text in pairs if ours != theirs), _BEHIND[-1])
