"""How the database itself is: whether it answers and can be written to, its version, its clock."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from registry.store.engine import Engine, Engines
from registry.store.revision import of_store

OLDEST = {"SQLite": (3, 35), "PostgreSQL": (13,)}
"""The first versions that have all that we ask of them (RETURNING, identity columns, ON CONFLICT)."""

_BUSY_MS = 3000


@dataclass(frozen=True, slots=True)
class Condition:
    """What a database says of itself. ``fault``: why it could not be asked, in its own words; ``revision``: the
    newest migration that was applied, None where there is no store; ``writable``: why nothing can be written,
    empty where something can; ``now``: its clock, None where that is this machine's own."""

    product: str = ""
    version: tuple[int, ...] = ()
    revision: str | None = None
    not_writable: str = ""
    now: datetime | None = None
    fault: str = ""

    @property
    def is_old(self) -> bool:
        """Whether the database lacks something that we ask of it."""
        return self.version < OLDEST.get(self.product, ())


def condition_of(engines: Engines) -> Condition:
    """Ask the database behind both engines. Whatever it fails with stands in the answer."""
    try:
        revision = of_store(engines.read)
        with engines.read.connect() as connection:
            product, version, now = _said(connection)
    except DBAPIError as error:
        return Condition(fault=_reason(error))
    return Condition(product, version, revision, _not_writable(engines.write), now)


def _said(connection: Connection) -> tuple[str, tuple[int, ...], datetime | None]:
    if connection.dialect.name == "sqlite":
        return "SQLite", sqlite3.sqlite_version_info, None
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return "PostgreSQL", (number // 10_000, number % 10_000), now


def _not_writable(engine: Engine) -> str:
    """Why nothing can be written; empty where it can. Nothing is."""
    try:
        if engine.dialect.name == "sqlite":
            return _sqlite_not_writable(engine)
        with engine.connect() as connection:
            read_only = connection.execute(text("SHOW transaction_read_only")).scalar_one()
            return "transaction_read_only = on" if read_only == "on" else ""
    except (DBAPIError, sqlite3.Error) as error:
        return _reason(error)


def _sqlite_not_writable(engine: Engine) -> str:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        (before,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        try:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {before}")
    finally:
        connection.close()
    return ""


def _reason(error: Exception) -> str:
    """The first line of what the driver says. (It names places and users, never passwords.)"""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
