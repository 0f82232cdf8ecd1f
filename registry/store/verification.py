"""The invariants of a store, checked over all of it: what must hold whatever happened before.

Each check reads; none mends. The caller's transaction is the snapshot that is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, and_, cast, func, or_, select

from registry.model.acts import ACTS_ON_ENTRIES
from registry.model.document import digest_of
from registry.model.issue import Text
from registry.model.merge import winner
from registry.model.register import Register
from registry.model.run import RunStatus
from registry.store import holdings
from registry.store import registers as all_registers
from registry.store.tables import (
    documents,
    entries,
    events,
    metadata,
    publications,
    records,
    runs,
    sources,
    versions,
)
from registry.store.tables.declaration import NAMED

_BATCH = 1000
_CHANGE_OWNERS = ("approve", "retire")
_EXAMPLES = 5


class Finding(NamedTuple):
    """What a check found: how much it looked at, how much of it is broken, and some of that by name."""

    code: str
    text: Text
    checked: int
    broken: int
    examples: tuple[str, ...]


class _Count:
    """Counts what is looked at, and keeps the first few that are broken."""

    def __init__(self) -> None:
        self.checked, self.broken = 0, 0
        self.examples: list[str] = []

    def see(self, *, good: bool, name: str) -> None:
        self.checked += 1
        if not good:
            self.broken += 1
            if len(self.examples) < _EXAMPLES:
                self.examples.append(name)


def verify(connection: Connection) -> Iterator[Finding]:
    """Every check in turn, over all registers."""
    standing = all_registers.listed(connection)
    for code, (text, check) in _CHECKS.items():
        count = _Count()
        check(connection, standing, count)
        yield Finding(code, text, count.checked, count.broken, tuple(count.examples))


def _digests(connection: Connection, _: Sequence[Register], count: _Count) -> None:
    last = 0
    while rows := connection.execute(
        select(documents.c.id, documents.c.digest, documents.c.content)
        .where(documents.c.id > last)
        .order_by(documents.c.id)
        .limit(_BATCH)
    ).all():
        for key, digest, content in rows:
            count.see(good=digest_of(content) == digest, name=f"document {key}")
        last = rows[-1][0]


def _sequences(connection: Connection, standing: Sequence[Register], count: _Count) -> None:
    v = versions.c
    for register in standing:
        first, last, number = connection.execute(
            select(func.min(v.sequence), func.max(v.sequence), func.count()).where(
                v.register_id == register.id
            )
        ).one()
        whole = (first, last, number) == (1, register.head, register.head) if number else register.head == 0
        count.see(good=whole and register.mark <= register.head, name=register.code)


def _publications(connection: Connection, standing: Sequence[Register], count: _Count) -> None:
    c = publications.c
    for register in standing:
        rows = connection.execute(
            select(c.first_sequence, c.last_sequence, c.datestamp)
            .where(c.register_id == register.id)
            .order_by(c.last_sequence)
        )
        before, stamp = 0, None
        for first, last, datestamp in rows:
            later = stamp is None or datestamp >= stamp
            name = f"{register.code}: {first}-{last}"
            count.see(good=first == before + 1 and last >= first and later, name=name)
            before, stamp = last, datestamp
        count.see(good=(before, stamp) == (register.mark, register.published_at), name=register.code)


def _heads(connection: Connection, standing: Sequence[Register], count: _Count) -> None:
    e, v = entries.c, versions.c
    agree = and_(
        v.identifier == e.identifier,
        v.document_id.is_not_distinct_from(e.document_id),
        v.deleted == e.deleted,
        v.source_id == e.source_id,
        v.membership_id == e.membership_id,
        v.superseded_by == 0,
    )
    at_head = and_(v.register_id == e.register_id, v.sequence == e.head_sequence)
    for register in standing:
        query = (
            select(e.identifier, func.coalesce(cast(agree, Integer), 0))
            .select_from(entries.outerjoin(versions, at_head))
            .where(e.register_id == register.id)
            .order_by(e.identifier)
        )
        for identifier, good in connection.execute(query.execution_options(yield_per=_BATCH)):
            count.see(good=bool(good), name=f"{register.code}: {identifier}")
        identifiers = connection.execute(
            select(func.count(func.distinct(v.identifier))).where(v.register_id == register.id)
        ).scalar_one()
        number = connection.execute(
            select(func.count()).select_from(entries).where(e.register_id == register.id)
        ).scalar_one()
        count.see(good=identifiers == number, name=register.code)


def _chains(connection: Connection, standing: Sequence[Register], count: _Count) -> None:
    """A version's successor is the one that names it as its predecessor, and of the same entry."""
    v = versions.c
    for register in standing:
        query = (
            select(v.identifier, v.sequence, v.previous, v.superseded_by)
            .where(v.register_id == register.id)
            .order_by(v.identifier, v.sequence)
        )
        rows = connection.execute(query.execution_options(yield_per=_BATCH))
        for identifier, chain in groupby(rows, key=lambda row: row[0]):
            links = [tuple(row[1:]) for row in chain]
            sequences = [0, *(sequence for sequence, _, _ in links), 0]
            expected = list(zip(sequences[1:-1], sequences[:-2], sequences[2:], strict=True))
            count.see(good=links == expected, name=f"{register.code}: {identifier}")


def _entry_counts(connection: Connection, standing: Sequence[Register], count: _Count) -> None:
    v = versions.c
    for register in standing:
        live = connection.execute(
            select(func.count()).where(
                v.register_id == register.id,
                v.sequence <= register.mark,
                or_(v.superseded_by == 0, v.superseded_by > register.mark),
                v.deleted.is_(False),
            )
        ).scalar_one()
        count.see(good=live == register.entries, name=f"{register.code}: {live} ≠ {register.entries}")


def _winners(connection: Connection, standing: Sequence[Register], count: _Count) -> None:
    """An entry is what its sources' records make it: the winner's document, from the winner's source. While the
    withdrawal of a retired source is being settled, entries may still be what they were before."""
    e = entries.c
    withdrawing = set(
        connection.scalars(
            select(runs.c.source_id).where(runs.c.cause == "retire", runs.c.status == str(RunStatus.SETTLING))
        )
    )
    for register in standing:
        if register.policy.to_follow:
            continue  # they are being brought to what the policy makes of them now
        last = 0
        while rows := connection.execute(
            select(e.id, e.identifier, e.document_id, e.source_id, e.deleted)
            .where(e.register_id == register.id, e.id > last)
            .order_by(e.id)
            .limit(_BATCH)
        ).all():
            held = holdings.candidates(connection, register.id, [row.identifier for row in rows])
            for row in rows:
                now = held.get(row.identifier, [])
                before = [_as_before(each, withdrawing) for each in now]
                good = _is_winner(now, register, row) or _is_winner(before, register, row)
                count.see(good=good, name=f"{register.code}: {row.identifier}")
            last = rows[-1].id


def _as_before(held: holdings.Candidate, withdrawing: Set[int]) -> holdings.Candidate:
    """What a candidate was until its source began to be withdrawn."""
    if held.record.source_id not in withdrawing:
        return held
    return held._replace(record=held.record._replace(retired=False))


def _is_winner(held: Sequence[holdings.Candidate], register: Register, row: Any) -> bool:
    best = winner([each.record for each in held], register.policy.authority)
    if best is None:
        return False
    chosen = next(each for each in held if each.record is best)
    same = (row.document_id, row.source_id) == (chosen.document_id, best.source_id)
    # An entry is deleted where its record is; the calendar alone may delete a live one.
    return (same or row.deleted) and (row.deleted or not best.deleted)


def _live_counts(connection: Connection, _: Sequence[Register], count: _Count) -> None:
    live = (
        select(func.count())
        .where(records.c.source_id == sources.c.id, records.c.deleted.is_(False))
        .scalar_subquery()
    )
    for code, told, found in connection.execute(select(sources.c.code, sources.c.live, live)):
        count.see(good=told == found, name=f"{code}: {found} ≠ {told}")


def _traces(connection: Connection, _: Sequence[Register], count: _Count) -> None:
    """Every record comes from a source of its register, and (unless deleted) from bytes with a digest."""
    query = select(
        records.c.identifier,
        sources.c.register_id == records.c.register_id,
        records.c.deleted,
        records.c.document_id,
    ).join_from(records, sources, sources.c.id == records.c.source_id)
    for identifier, at_home, deleted, document in connection.execute(
        query.execution_options(yield_per=_BATCH)
    ):
        count.see(good=bool(at_home) and (deleted or document is not None), name=identifier)


def _causes(connection: Connection, standing: Sequence[Register], count: _Count) -> None:
    """Every version was caused by a run that is there, by an act, or by the clock."""
    known = set(connection.execute(select(runs.c.id)).scalars())
    acts: dict[str, set[int]] = {act: set() for act in ACTS_ON_ENTRIES}
    told = events.c.action.in_((*ACTS_ON_ENTRIES, *_CHANGE_OWNERS))
    for action, event_id in connection.execute(select(events.c.action, events.c.id).where(told)):
        acts["authority" if action in _CHANGE_OWNERS else action].add(event_id)
    codes = {register.id: register.code for register in standing}
    query = select(versions.c.register_id, versions.c.cause).distinct()
    for register_id, cause in connection.execute(query):
        kind, _, rest = cause.partition(":")
        act, _, number = rest.rpartition(":")
        there = acts.get(act, known)
        by_run = kind in ("run", "act") and number.isdecimal() and int(number) in there
        count.see(good=by_run or kind == "clock", name=f"{codes.get(register_id, register_id)}: {cause}")


def _references(connection: Connection, _: Sequence[Register], count: _Count) -> None:
    """What a column names without a foreign key is there."""
    for table in metadata.sorted_tables:
        for column in (each for each in table.c if NAMED in each.info):
            target, _, key = column.info[NAMED].partition(".")
            there = select(1).where(metadata.tables[target].c[key] == column).exists()
            astray = select(column).where(column.is_not(None), ~there).distinct().order_by(column)
            missing = connection.scalars(astray.limit(_EXAMPLES)).all()
            count.see(good=not missing, name=f"{table.name}.{column.name}: {missing}")


_Check = Callable[[Connection, Sequence[Register], _Count], None]

_CHECKS: dict[str, tuple[Text, _Check]] = {
    "digests": (Text("文档与其摘要值相符", "documents match their digests"), _digests),
    "sequences": (Text("序号从 1 起连续", "sequences run from 1 without a gap"), _sequences),
    "publications": (
        Text("各次发布首尾相接，时间不倒退", "publications join, and time does not go back"),
        _publications,
    ),
    "heads": (Text("条目指向其最新版本", "entries stand at their newest version"), _heads),
    "chains": (Text("条目的各版本前后相接", "the versions of an entry form one chain"), _chains),
    "entry-counts": (Text("条目计数准确", "the count of entries is right"), _entry_counts),
    "winners": (Text("条目与来源记录一致", "entries are what their records make them"), _winners),
    "live-counts": (Text("来源的有效记录计数准确", "the counts of live records are right"), _live_counts),
    "traces": (Text("记录可追溯到来源", "every record traces to its source"), _traces),
    "causes": (Text("版本可追溯到起因", "every version traces to its cause"), _causes),
    "references": (Text("所引用的行都存在", "every row that is named is there"), _references),
}
