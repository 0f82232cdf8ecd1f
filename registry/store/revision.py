"""Which migration a store has come to, without loading Alembic (half a second that most commands save)."""

from __future__ import annotations

from sqlalchemy import Engine, inspect, text

_TABLE = "alembic_version"  # Alembic's own


def of_store(engine: Engine) -> str | None:
    """The revision of the store; None where there is no store yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_TABLE):
            return None
        return connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar()
