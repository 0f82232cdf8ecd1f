"""Bring the store to the shape that ``registry.store.tables`` declares, or say how it differs.

The steps are Alembic's (``migrations/``), applied in one transaction: an upgrade that fails leaves the store
as it was. Two processes that upgrade at once do so one after the other.
"""

from __future__ import annotations

from importlib.resources import files

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from sqlalchemy import Connection, Engine, func, select

from registry.errors import Conflict
from registry.model.issue import Text
from registry.store.engine import is_sqlite
from registry.store.tables import metadata

_NEWER = Text(
    zh="目录库的版本({revision})比本程序新；请使用更新的程序版本。",
    en="the store ({revision}) is newer than this program; use a newer version of the program.",
)
_UPGRADE_LOCK = 0x6D756C75  # "mulu": what an upgrade holds on PostgreSQL


def upgrade(engine: Engine) -> tuple[str, ...]:
    """Apply every migration that the store lacks; returns the revisions applied, in order. Raises ``Conflict``
    for a store that a newer program has upgraded."""
    with engine.begin() as connection:
        if not is_sqlite(connection):
            connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        lacking = _missing(connection)
        if lacking:
            config = migration_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return lacking


def missing(engine: Engine) -> tuple[str, ...]:
    """The migrations that have not been applied. Raises ``Conflict`` for a store that a newer program has
    upgraded."""
    with engine.connect() as connection:
        return _missing(connection)


def check(engine: Engine) -> list[str]:
    """How the store differs from the tables, one line a difference; empty where it does not. Raises ``Conflict``
    for a store that a newer program has upgraded."""
    with engine.connect() as connection:
        lacking = [f"migration {revision} has not been applied" for revision in _missing(connection)]
        if lacking:
            return lacking
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _ours})
        return [_described(difference) for difference in compare_metadata(context, metadata)]


def migration_config() -> Config:
    """Alembic's configuration: where the steps are. A caller hands it its connection in ``attributes``."""
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    return config


def _missing(connection: Connection) -> tuple[str, ...]:
    """The revisions between the store's own and the newest, oldest first."""
    present = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(migration_config())
    try:
        steps = [step.revision for step in script.iterate_revisions("heads", present or "base")]
    except ResolutionError as error:
        raise Conflict(_NEWER.format(revision=present)) from error
    return tuple(reversed(steps))


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether to compare what has this name: others may keep tables of their own beside ours."""
    return kind != "table" or name in metadata.tables


def _described(difference: object) -> str:
    """One of Alembic's differences: a tuple of what must be done, or a list of them for one column."""
    if isinstance(difference, list):
        return "; ".join(_described(each) for each in difference)
    return " ".join(str(part) for part in difference) if isinstance(difference, tuple) else str(difference)
