"""Keeping what a run found wrong, up to its limits: what is beyond them is counted, and one issue of the run says so
(decision 0024). Whoever keeps something holds the run's row."""

from __future__ import annotations

from collections.abc import Iterable

from registry.model.issue import Issue, Severity, Text
from registry.model.issue_ledger import IssueLedger, Keeping
from registry.model.record import Raw
from registry.store import issue_ledgers, issue_life, issues
from registry.store.engine import Connection
from registry.store.issues import FoundIssue
from schemas.fault import Fault

ONLY_COUNTED = Fault(
    "issues-only-counted",
    Severity.WARNING,
    Text(
        "问题过多：同一种只保留前 {limit} 个，另有 {beyond} 个只计数、不逐条列出（{codes}）",
        "so much was wrong that of one kind the first {limit} issues are kept; {beyond} more are counted and not "
        "listed ({codes})",
    ),
    Text(
        "请用 mulu run issues 查看已保留的问题，改正后重新采集；如需保留更多，请调整 harvest.run_issues",
        "see those that are kept with `mulu run issues`, have them mended, and harvest again; where more must be kept, "
        "change harvest.run_issues",
    ),
)
BYTES_LEFT = Fault(
    "refused-not-kept",
    Severity.NOTE,
    Text(
        "{count} 条被拒记录的原始内容未保留：本次运行保留的内容已达上限",
        "of {count} refused records the raw content is not kept: the run has kept as much as it may",
    ),
    Text(
        "如需保留更多，请调整 harvest.refused_bytes",
        "where more must be kept, change harvest.refused_bytes",
    ),
)
FAULTS = (ONLY_COUNTED, BYTES_LEFT)

_OWN = tuple(fault.code for fault in FAULTS)
_TOLD_CODES = 5
_OTHERS = Text("另 {count} 种", "{count} other kinds")


class Found:
    """What a run found, in the transaction in which it is told: :meth:`keep` what may be kept, then :meth:`close`."""

    def __init__(self, connection: Connection, run_id: int, keeping: Keeping) -> None:
        self._connection, self._run_id, self._keeping = connection, run_id, keeping
        self._ledger: IssueLedger | None = None
        self._shown: set[bytes | str] = set()

    def keep(self, found: Iterable[FoundIssue], *, most: int | None = None) -> None:
        """Count issues, and keep those that are within the limit. One that names an answer that is kept is kept with
        it: their number is limited already. ``most`` as in ``IssueLedger.admits``."""
        kept = [each for each in found if self._admits(each, most)]
        self._shown.update(each.raw_digest for each in kept)
        self._shown.update(each.identifier for each in kept)
        if kept:
            issues.add(self._connection, self._run_id, kept)

    def keeps_bytes(self, identifier: str, raw: Raw) -> bool:
        """Whether the bytes of a refused record are to be kept: an issue that was kept in this transaction tells of
        it, and there is room."""
        if not {identifier, raw.digest} & self._shown:
            return False
        return self._open().has_room(len(raw.content), self._keeping.refused_bytes)

    def close(self) -> None:
        """Write what was counted."""
        if self._ledger is not None:
            issue_ledgers.keep(self._connection, self._run_id, self._ledger)

    def _admits(self, each: FoundIssue, most: int | None) -> bool:
        names_answer = not each.identifier and bool(each.raw_digest)
        issue, limit = each.issue, self._keeping.issues
        return self._open().admits(issue.code, issue.severity, limit, always=names_answer, most=most)

    def _open(self) -> IssueLedger:
        if self._ledger is None:
            self._ledger = issue_ledgers.of_run(self._connection, self._run_id)
        return self._ledger


def sum_up(connection: Connection, run_id: int, keeping: Keeping) -> None:
    """Tell of a run whose walk has ended what is not kept of it, and keep how many issues of each code it has. What was
    told of it before is replaced."""
    issues.remove_of_whole(connection, run_id, _OWN)
    told = not_kept(issue_ledgers.of_run(connection, run_id), keeping)
    issues.add(connection, run_id, [FoundIssue("", "", b"", each) for each in told])
    issue_life.keep_counts(connection, run_id)


def not_kept(ledger: IssueLedger, keeping: Keeping) -> tuple[Issue, ...]:
    """What is to be said of what a run found and does not keep."""
    told: list[Issue] = []
    if beyond := ledger.only_counted:
        named = [Text(f"{code} {each.beyond}", f"{code} {each.beyond}") for code, each in beyond.items()]
        if len(named) > _TOLD_CODES:
            named[_TOLD_CODES:] = [_OTHERS.format(count=len(named) - _TOLD_CODES)]
        codes = Text("、".join(each.zh for each in named), ", ".join(each.en for each in named))
        told.append(ONLY_COUNTED.issue(limit=keeping.issues, beyond=ledger.beyond(), codes=codes))
    if ledger.bytes_left:
        told.append(BYTES_LEFT.issue(count=ledger.bytes_left))
    return tuple(told)
