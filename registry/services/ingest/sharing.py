"""What is to be said of identifiers that several sources bring, and of which it is not settled whose they are: none of
them was approved for them, or several were, each in another register beneath.

They are variants, whichever came first: were the first one the owner, the order of harvests would decide what the
register says (decision 0023). So it is told, with both names, to those who can settle it.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.model.issue import Issue, Severity, Text
from registry.model.issue_ledger import Keeping
from registry.model.ownership import Owner, report_together
from registry.model.record import HeldRecord
from registry.model.run import RunStatus
from registry.services.ingest.keeping import Found, sum_up
from registry.services.ingest.merging import Candidates
from registry.store import issues, ownership, records, runs
from registry.store.engine import Connection
from registry.store.issues import FoundIssue
from schemas.fault import Fault

SHARED = Fault(
    "identifier-shared",
    Severity.WARNING,
    Text(
        "来源 {source} 和 {other} 都提供“{identifier}”，而其前缀未批准给任何一方，或双方均获批准；条目取更新日期较新者",
        "both {source} and {other} bring “{identifier}”, and neither was approved for its prefix, or both were: the "
        "newer one stands",
    ),
    Text(
        "请为其所有者申请标识符前缀（--identifier-prefix）；若确属共同报送，双方均用 --co-reports-with 声明",
        "have the prefix approved for its owner (--identifier-prefix); where both report it on purpose, declare it on "
        "both (--co-reports-with)",
    ),
)
FAULTS = (SHARED,)


def note_shared(connection: Connection, run: runs.Run, candidates: Candidates, keeping: Keeping) -> None:
    """Keep an issue with the run for every identifier that it has brought, and another source holds too, unless it was
    settled whose it is; and with the run that saw the other one's record last: whoever came first hears of it too.
    To be called with what a slice of a harvest has settled."""
    rivals = {identifier: held for identifier, held in candidates.items() if len(held) > 1}
    if run.cause != "order" or not rivals:
        return
    owners = {owner.code: owner for _, owner in ownership.owners(connection, run.register_id, frozenset())}
    pairs: dict[tuple[int, str], Issue] = {}
    for identifier, held in rivals.items():
        all_held = [each.record for each in held]
        own = next(each for each in all_held if each.source_id == run.source_id)
        other = next(_unsettled(own, all_held, owners), None)
        if other is not None:
            pairs[own.source_id, identifier] = _issue(identifier, own, other)
            pairs[other.source_id, identifier] = _issue(identifier, other, own)
    _keep(connection, run, pairs, keeping)


def _keep(
    connection: Connection, run: runs.Run, pairs: dict[tuple[int, str], Issue], keeping: Keeping
) -> None:
    """Keep what is said to a source of an identifier with the run that saw its record last, once (beyond what a run
    keeps, nobody knows of which it was said before: there it counts no more than the records that came)."""
    if not pairs:
        return
    identifiers = sorted({identifier for _, identifier in pairs})
    found: dict[int, list[FoundIssue]] = {}
    seen = records.seen_last(connection, run.register_id, identifiers)
    for (source_id, identifier), issue in pairs.items():
        run_id = run.id if source_id == run.source_id else seen.get((source_id, identifier))
        if run_id is not None:
            found.setdefault(run_id, []).append(FoundIssue(identifier, "", b"", issue))
    newest_first = sorted(found.items(), reverse=True)  # as whoever closes a run locks them
    for run_id, told in newest_first:
        known = issues.identifiers_with(connection, run_id, SHARED.code, identifiers)
        new = [each for each in told if each.identifier not in known]
        if new:
            concerned = runs.get(connection, run_id, lock=True)
            kept = Found(connection, run_id, keeping)
            kept.keep(new, most=concerned.tally.received)
            kept.close()
            if concerned.status is not RunStatus.COLLECTING:
                sum_up(connection, run_id, keeping)


def _unsettled(own: HeldRecord, held: list[HeldRecord], owners: dict[str, Owner]) -> Iterator[HeldRecord]:
    """The live records of other origins than ``own`` that nobody has said anything of."""
    if own.deleted or (not own.owned and any(each.owned for each in held)):
        return
    for each in sorted(held, key=lambda record: record.source_code):
        if each.source_id == own.source_id or each.deleted or each.retired or _same_origin(own, each):
            continue
        if each.owned != own.owned:
            continue
        ours, theirs = owners.get(own.source_code), owners.get(each.source_code)
        if ours is None or theirs is None or not report_together(ours, theirs):
            yield each


def _same_origin(one: HeldRecord, other: HeldRecord) -> bool:
    """Whether both are the same record that came by two ways: two sources that are asked themselves are two origins."""
    if len(one.path) <= 1 and len(other.path) <= 1:
        return False
    return bool(one.path and other.path) and one.path[0].base_url == other.path[0].base_url


def _issue(identifier: str, own: HeldRecord, other: HeldRecord) -> Issue:
    return SHARED.issue(identifier=identifier, source=own.source_code, other=other.source_code)
