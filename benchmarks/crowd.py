"""A store as after years: the entries of a harvest twenty times over, and twice as many sources and issues as it had
records. Copies are made by the database, from what the product itself wrote; only the harvest is in the search index.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    select,
    text,
    true,
    update,
)
from sqlalchemy import Text as SqlText

from benchmarks import product
from registry.model.register import Level
from registry.model.source import SourceStatus
from registry.services import registration
from registry.store.engine import Engines, transaction
from registry.store.tables import (
    entries,
    issues,
    publications,
    records,
    registers,
    runs,
    sources,
    version_sets,
    versions,
)

TIMES = 20
"""So many times the entries of the harvest."""

REGISTERS = 100
_CODES = 10


def gather(engines: Engines, size: int, now: datetime) -> None:
    """Make ``size`` harvested records ``TIMES`` as many entries; add twice as many sources, with a run each, and
    issues, all of them in one run."""
    _found_registers(engines, now)
    with transaction(engines.write) as connection:
        city = connection.execute(select(registers.c.id).where(registers.c.code == product.CITY)).scalar_one()
        head = connection.execute(select(registers.c.head).where(registers.c.id == city)).scalar_one()
        for turn in range(1, TIMES):
            _copy_entries(connection, city, head, turn)
        last = head * TIMES
        connection.execute(
            update(registers)
            .where(registers.c.id == city)
            .values(head=last, mark=last, indexed_through=last, entries=size * TIMES)
        )
        newest = select(func.max(publications.c.id)).where(publications.c.register_id == city)
        connection.execute(
            update(publications)
            .where(publications.c.id == newest.scalar_subquery())
            .values(last_sequence=last)
        )
        run = connection.execute(select(func.max(runs.c.id))).scalar_one()
        _copy_sources(connection, 2 * size // REGISTERS, run)
        _find_issues(connection, 2 * size, run)
    _look_at_the_whole(engines)


def _found_registers(engines: Engines, now: datetime) -> None:
    for number in range(REGISTERS):
        code = f"4{number:03d}00"
        registration.create_register(
            engines.write, code=code, name=f"登记册 {code}", level=Level.MUNICIPAL, division=code,
            actor=product.SUBMITTER, now=now,
        )  # fmt: skip


def _copy_entries(connection: Connection, city: int, head: int, turn: int) -> None:
    shift, suffix = turn * head, literal(f"-{turn}")
    e, v, s, r = entries.c, versions.c, version_sets.c, records.c
    _copy(
        connection, entries, entries, (e.register_id == city) & (e.head_sequence <= head),
        {"identifier": e.identifier + suffix, "head_sequence": e.head_sequence + shift},
    )  # fmt: skip
    _copy(
        connection, versions, versions, (v.register_id == city) & (v.sequence <= head),
        {"identifier": v.identifier + suffix, "sequence": v.sequence + shift},
    )  # fmt: skip
    _copy(
        connection, version_sets, version_sets, (s.register_id == city) & (s.sequence <= head),
        {"sequence": s.sequence + shift},
    )  # fmt: skip
    _copy(
        connection, records, records, (r.register_id == city) & r.identifier.not_like("%-%"),
        {"identifier": r.identifier + suffix},
    )  # fmt: skip


def _copy_sources(connection: Connection, each: int, run: int) -> None:
    s, n = sources.c, _numbers(each)
    others = registers.c.code.like("4%")
    waits = case(
        (n.c.n % 50 == 0, str(SourceStatus.SUBMITTED)),
        (n.c.n % 50 == 1, str(SourceStatus.SUSPENDED)),
        else_=s.status,
    )
    _copy(
        connection, sources, sources.join(n, true()).join(registers, others), s.code == "city",
        {
            "register_id": registers.c.id, "code": registers.c.code + "-" + cast(n.c.n, SqlText),
            "name": literal("示例目录 ") + cast(n.c.n, SqlText), "status": waits, "due_at": null(),
            "late_at": null(),
        },
    )  # fmt: skip
    standing = sources.join(runs, runs.c.id == run).join(registers, registers.c.id == s.register_id)
    _copy(
        connection, runs, standing, others,
        {"source_id": s.id, "register_id": s.register_id, "order_id": null(), "publication_id": null()},
    )  # fmt: skip


def _find_issues(connection: Connection, count: int, run: int) -> None:
    n = _numbers(count)
    told: Mapping[str, ColumnElement[Any]] = {
        "run_id": literal(run), "identifier": literal("oai:bench.mulu:") + cast(n.c.n, SqlText),
        "code": literal("bench-") + cast(n.c.n % _CODES, SqlText), "severity": literal("warning"),
        "path": literal("/record/resTitle"), "message_zh": literal("问题说明"),
        "message_en": literal("what is wrong"), "hint_zh": literal("处理办法"), "hint_en": literal("what to do"),
        "place": literal("page 1"), "raw_digest": literal(b""),
    }  # fmt: skip
    connection.execute(insert(issues).from_select(list(told), select(*told.values()).select_from(n)))


def _numbers(count: int) -> CTE:
    """The numbers from 1 to ``count``, as a table ``n``."""
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    return first.union_all(select(first.c.n + 1).where(first.c.n < count))


def _copy(
    connection: Connection,
    table: Table,
    read: FromClause,
    where: ColumnElement[bool],
    changed: Mapping[str, ColumnElement[Any]],
) -> None:
    """Insert into ``table`` what stands in ``read``, with some columns changed, under new ids."""
    columns = [each for each in table.c if each.name != "id"]
    values = [changed.get(each.name, each) for each in columns]
    query = select(*values).select_from(read).where(where)
    connection.execute(insert(table).from_select([each.name for each in columns], query))


def _look_at_the_whole(engines: Engines) -> None:
    """Statistics, as a database that runs for long has them."""
    with transaction(engines.write) as connection:
        connection.execute(text("ANALYZE"))
