"""The book of acts is append-only in the database itself: triggers refuse to change or delete an event or a seal.

They stop mistakes and programs, not whoever owns the database: that is what the seals and their exported head are for.
"""

from __future__ import annotations

from sqlalchemy import Connection

from registry.store.engine import is_sqlite

TABLES = ("events", "seals")

_REFUSAL = "the book of acts is append-only"
_SQLITE = tuple(
    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for table in TABLES
    for verb in ("update", "delete")
)
_POSTGRESQL = (
    f"""CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$""",
    *(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in TABLES
    ),
)


def forbid_changes(connection: Connection) -> None:
    """Make the triggers; the tables exist already."""
    for statement in _SQLITE if is_sqlite(connection) else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def permit_changes(connection: Connection) -> None:
    """Take the triggers away."""
    if is_sqlite(connection):
        for table in TABLES:
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
        return
    for table in TABLES:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}")
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_change()")
