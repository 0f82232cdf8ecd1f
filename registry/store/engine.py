"""Engines and the few places where SQLite and PostgreSQL differ.

Two engines a process: writers begin with ``BEGIN IMMEDIATE`` (SQLite's default transaction mode silently loses
read-modify-writes between processes); readers run on sessions that cannot write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

__all__ = [
    "Connection",
    "Engine",
    "Engines",
    "IntegrityError",
    "among",
    "insert_or_update",
    "insert_rows",
    "is_sqlite",
    "lock_row",
    "one_at_a_time",
    "open_engines",
    "rows_of",
    "transaction",
    "update_rows",
]

_BUSY_TIMEOUT_MS = 60_000
_PAGE_BYTES = 8_192
"""Of a new SQLite store. Of pages of 4,096 bytes, two rows of raw bytes leave a third empty."""

_WRITER_CACHE, _READER_CACHE = -32_768, -8_192
"""Page cache of one SQLite connection, in KiB (negative, as the pragma has it). A large store fills that of every
connection that writes; the pool hands out the one that was used last, so that they are few."""


@dataclass(frozen=True, slots=True)
class Engines:
    """The store of one process: ``write`` for services, ``read`` for outlets and queries."""

    write: Engine
    read: Engine

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.write.dispose()
        self.read.dispose()


def open_engines(url: str, *, pool_size: int = 8, stall_seconds: float = 60) -> Engines:
    """Engines for ``sqlite:///PATH`` or ``postgresql+psycopg://…``.

    A process that stands still for ``stall_seconds`` within a transaction loses it on PostgreSQL: whoever
    takes over waits for its locks no longer than for its lease.
    """
    engines = Engines(_engine(url, pool_size, writes=True), _engine(url, pool_size, writes=False))
    if engines.write.dialect.name == "postgresql":
        _end_stalled_transactions(engines.write, stall_seconds)
    return engines


def _engine(url: str, pool_size: int, *, writes: bool) -> Engine:
    options: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": 8,
        "query_cache_size": 2000,
        "pool_use_lifo": True,
    }
    engine = create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, writes=writes)
    elif not writes:
        engine = engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return engine


def _prepare_sqlite(engine: Engine, *, writes: bool) -> None:
    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            f"page_size={_PAGE_BYTES}",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"cache_size={_WRITER_CACHE if writes else _READER_CACHE}",
            "temp_store=MEMORY",
            f"query_only={'OFF' if writes else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _end_stalled_transactions(engine: Engine, seconds: float) -> None:
    @event.listens_for(engine, "connect")
    def _set_timeout(connection: Any, _record: Any) -> None:
        connection.execute(f"SET idle_in_transaction_session_timeout = {round(seconds * 1000)}")
        connection.commit()


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed at the end of the block, rolled back if it raises."""
    with engine.begin() as connection:
        yield connection


def one_at_a_time(connection: Connection, what: str) -> None:
    """Wait until no other transaction does ``what``, and keep others from it until this one ends (SQLite has one
    writer anyway)."""
    if not is_sqlite(connection):
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"mulu.{what}"))))


def insert_or_update(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert a row, or set all columns of the one that has its primary key."""
    dialect = sqlite if is_sqlite(connection) else postgresql
    key = [column.name for column in table.primary_key]
    connection.execute(
        dialect.insert(table).values(**values).on_conflict_do_update(index_elements=key, set_=values)
    )


def is_sqlite(connection: Connection) -> bool:
    """Whether this connection speaks to SQLite (else to PostgreSQL)."""
    return connection.dialect.name == "sqlite"


def among(target: ColumnElement[Any], values: Sequence[Any], connection: Connection) -> ColumnElement[bool]:
    """``target IN values`` with one statement text for any number of values (integers or strings).

    SQLite unfolds a JSON array, PostgreSQL takes an array parameter: neither statement is compiled anew.
    """
    if is_sqlite(connection):
        listed = func.json_each(bindparam(None, msgspec.json.encode(values).decode())).table_valued("value")
        return target.in_(select(listed.c.value))
    return target == func.any(bindparam(None, list(values), type_=ARRAY(target.type)))


def insert_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[Column[Any]],
    rows: Iterable[Sequence[Any]],
    *,
    ignore_existing: bool = False,
) -> None:
    """Insert many rows of already converted values (moments as microseconds, days and JSON as text).

    ``ignore_existing`` passes over rows that a unique constraint already holds. PostgreSQL takes them in its own
    binary form: copied in, or as one array a column where some may exist.
    """
    rows = list(rows)
    if not rows:
        return
    listed = ", ".join(f'"{each.name}"' for each in columns)
    if is_sqlite(connection):
        verb = "INSERT OR IGNORE" if ignore_existing else "INSERT"
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"{verb} INTO {table.name} ({listed}) VALUES ({places})", rows)
        return
    types = [each.type.compile(connection.dialect).lower().partition("(")[0] for each in columns]
    cursor = connection.connection.cursor()
    if ignore_existing:
        arrays = ", ".join(f"%b::{each}[]" for each in types)
        cursor.execute(
            f"INSERT INTO {table.name} ({listed}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING",
            [list(values) for values in zip(*rows, strict=True)],
        )
        return
    with cursor.copy(f"COPY {table.name} ({listed}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def rows_of(
    connection: Connection,
    table: Table,
    columns: Sequence[Column[Any]],
    key: Column[Any],
    values: Sequence[Any],
) -> Sequence[Sequence[Any]]:
    """``columns`` of the rows whose ``key`` is one of ``values`` (bytes too), as the driver gives them.

    For a page's worth of values: to let SQLAlchemy unfold them takes longer than to find them.
    """
    listed = ", ".join(each.name for each in columns)
    query = f"SELECT {listed} FROM {table.name} WHERE {key.name}"
    if is_sqlite(connection):
        places = ", ".join("?" * len(values))
        return connection.exec_driver_sql(f"{query} IN ({places})", tuple(values)).all()
    return connection.exec_driver_sql(f"{query} = ANY (%b)", (list(values),)).all()


def update_rows(
    connection: Connection,
    table: Table,
    key: Column[Any],
    columns: Sequence[Column[Any]],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Set ``columns`` of many rows found by ``key``; each row is the new values and then the key's value."""
    if not rows:
        return
    mark = "?" if is_sqlite(connection) else "%s"
    assignments = ", ".join(f'"{each.name}" = {mark}' for each in columns)
    connection.exec_driver_sql(
        f"UPDATE {table.name} SET {assignments} WHERE {key.name} = {mark}", [tuple(row) for row in rows]
    )


def lock_row(connection: Connection, table: Table, row_id: int) -> None:
    """Lock one row until the transaction ends (SQLite's writer holds the whole database already).

    Keys never change: rows that refer to it may still be inserted meanwhile (``FOR NO KEY UPDATE``).
    """
    if not is_sqlite(connection):
        connection.execute(select(table.c.id).where(table.c.id == row_id).with_for_update(key_share=True))
