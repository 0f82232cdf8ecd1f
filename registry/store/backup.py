"""Copies of a store while it is in use, consistent as of one moment.

SQLite is copied through its online backup, page by page; PostgreSQL is dumped by its own ``pg_dump``, whose custom
format ``pg_restore`` reads.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL, Engine

from registry.errors import Conflict, NotFound
from registry.model.issue import Text

_PAGES = 2000
"""Copied at once: between two such steps writers go on."""

_THERE = Text(
    zh="{file} 已存在；备份不会覆盖文件。", en="{file} is there already; a backup overwrites nothing."
)
_NO_PG_DUMP = Text(
    zh="找不到 pg_dump：请安装与服务器版本相配的 PostgreSQL 客户端，或使用服务器自己的备份。",
    en="pg_dump is not on PATH: install the PostgreSQL client of the server's version, "
    "or use the server's own backups.",
)
_DUMP_FAILED = Text(zh="pg_dump 失败：{reason}", en="pg_dump failed: {reason}")


def backup(engine: Engine, file: Path, environ: Mapping[str, str]) -> None:
    """Copy the store into a new file, readable by its owner only.

    ``environ``: what ``pg_dump`` runs with (PATH, PGPASSFILE …). Raises ``Conflict`` where the file is there or
    the copy fails, ``NotFound`` where ``pg_dump`` is missing. A copy that fails leaves no file.
    """
    draft = file.with_name(f".{file.name}.part")
    if file.exists():
        raise Conflict(_THERE.format(file=file))
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if engine.dialect.name == "sqlite":
            _copy_sqlite(engine, draft)
        else:
            _dump_postgresql(engine.url, draft, environ)
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def _copy_sqlite(engine: Engine, draft: Path) -> None:
    connection = engine.raw_connection()
    try:
        source = connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        target = sqlite3.connect(draft)
        try:
            source.backup(target, pages=_PAGES)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        finally:
            target.close()
    finally:
        connection.close()


def _dump_postgresql(url: URL, draft: Path, environ: Mapping[str, str]) -> None:
    program = shutil.which("pg_dump", path=environ.get("PATH"))
    if program is None:
        raise NotFound(_NO_PG_DUMP)
    place = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)  # not on the command line, where all may read it
    done = subprocess.run(
        [program, "--format=custom", "--no-owner", f"--file={draft}", f"--dbname={place}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Conflict(_DUMP_FAILED.format(reason=done.stderr.strip().replace("\n", " ")))
