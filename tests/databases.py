"""A clean store for every test: a copied file on SQLite, an emptied database on PostgreSQL.

Copying a file costs next to nothing; on PostgreSQL deleting the rows is several times faster than truncating
the tables or cloning a template. Each xdist worker has a PostgreSQL database of its own, dropped at its end.
"""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text

from registry.store.engine import open_engines
from registry.store.tables import metadata
from registry.store.upgrade import upgrade


class SqliteTemplate:
    """An empty store, to be copied."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "template.sqlite3"
        create_tables(f"sqlite:///{self._path}")

    def copy_to(self, folder: Path) -> str:
        """The URL of an empty store in ``folder``."""
        path = folder / "mulu.sqlite3"
        shutil.copyfile(self._path, path)
        return f"sqlite:///{path}"


_numbers = count()
"""Two packages of tests may want a database for the same purpose."""


class PostgresDatabase:
    """A database of this process on the server at ``server_url``, whose user may create databases."""

    def __init__(self, server_url: str, purpose: str) -> None:
        self._name = f"mulu_test_{os.getpid()}_{next(_numbers)}_{purpose}"
        self._server = create_engine(server_url, isolation_level="AUTOCOMMIT")
        self._on_server(f"CREATE DATABASE {self._name}")
        # What a test commits need not outlive the server's own end; without the wait, tests take half the time.
        self._on_server(f"ALTER DATABASE {self._name} SET synchronous_commit = off")
        self.url = make_url(server_url).set(database=self._name).render_as_string(hide_password=False)
        self._own = create_engine(self.url)

    def empty(self) -> None:
        """Delete all rows, and let every generated key begin at 1 again."""
        with self._own.begin() as connection:
            _cut_off_others(connection)
            connection.execute(text(_DELETE))

    def keep(self, name: str) -> None:
        """Lay a copy of all rows aside, under ``name``."""
        with self._own.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
            for table in _filled_tables(connection):
                connection.execute(text(f"CREATE TABLE {name}.{table} AS TABLE public.{table}"))
            connection.execute(text(f"CREATE TABLE {name}.{_COUNTED} AS {_KEYS}"))

    def bring_back(self, name: str) -> None:
        """Have the rows that were kept under ``name``, and no others; generated keys go on behind them."""
        self.empty()
        with self._own.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in _tables(connection, name):
                if table != _COUNTED:
                    connection.execute(text(f"INSERT INTO public.{table} SELECT * FROM {name}.{table}"))
            connection.execute(text(f"SELECT setval(sequence, last_value) FROM {name}.{_COUNTED}"))

    def clear(self) -> None:
        """Drop all tables."""
        with self._own.begin() as connection:
            _cut_off_others(connection)
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))

    def drop(self) -> None:
        """Drop the database."""
        self._own.dispose()
        self._on_server(f"DROP DATABASE {self._name} WITH (FORCE)")
        self._server.dispose()

    def _on_server(self, statement: str) -> None:
        with self._server.connect() as connection:
            connection.execute(text(statement))


def create_tables(url: str) -> None:
    """Make an empty store in the database at ``url``, as ``mulu init`` does."""
    engines = open_engines(url)
    upgrade(engines.write)
    engines.dispose()


_COUNTED = "generated_keys"
_KEYS = (
    "SELECT format('%I.%I', schemaname, sequencename)::regclass AS sequence, last_value "
    "FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


def _tables(connection: Connection, schema: str) -> list[str]:
    query = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
    return list(connection.execute(query, {"schema": schema}).scalars())


def _filled_tables(connection: Connection) -> list[str]:
    """The tables that hold rows, but for the one that says which migrations were applied."""
    return [
        table
        for table in _tables(connection, "public")
        if table != "alembic_version"
        and connection.execute(text(f"SELECT EXISTS (TABLE public.{table})")).scalar_one()
    ]


def _cut_off_others(connection: Connection) -> None:
    """End the sessions that a test, or a process that it killed, has left open."""
    connection.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )


# The book of acts is append-only; nor does anything cascade, to the search index in particular.
_DELETE = ";".join(
    (
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {name}" for name in ("document_index", *metadata.tables)),
        f"SELECT setval(sequence, 1, false) FROM ({_KEYS}) AS used",
    )
)
"""In one go: asked one after the other, some thirty statements take longer than their work."""
