"""Alembic's environment: run by ``registry.store.upgrade`` on its connection, or by the ``alembic`` command.

The command (``alembic -c setup.cfg revision --autogenerate -m "…"``) has no connection to hand over; it
takes the store that the settings name.
"""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from config.load import load
from registry.store.engine import open_engines
from registry.store.tables import metadata


def plainly(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write a column type of ours as what it is stored as: a migration must not change when the code does."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def migrate(connection: Connection) -> None:
    """Run the migrations that were asked for inside the transaction of ``connection``."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=True,
        render_item=plainly,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    migrate(handed_over)
else:
    engines = open_engines(load().database_url)
    with engines.write.begin() as own:
        migrate(own)
    engines.dispose()
