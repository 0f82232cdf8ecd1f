"""``mulu`` as its callers see it: arguments in, exit code, standard output and standard error out."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

import cli
from demo.server import SampleServer, real_clock
from tests.databases import PostgresDatabase


class Ended(NamedTuple):
    """How a call ended: its exit code, its standard output, its standard error."""

    code: int
    output: str
    said: str


@dataclass(frozen=True)
class Mulu:
    """The command line on one installation. ``last``: what the last call said on standard error."""

    home: Path
    environ: dict[str, str | None]
    last: list[str] = field(default_factory=lambda: [""])

    def __call__(self, *arguments: str | Path, code: int = 0) -> str:
        """Call it, expect this exit code; what stands on standard output."""
        ended = self.ended(*arguments)
        self.last[0] = ended.said
        assert ended.code == code, f"exit {ended.code}\n{ended.output}\n{ended.said}"
        return ended.output

    def ended(self, *arguments: str | Path) -> Ended:
        """Call it, and let it end as it will, but for a failure that nobody tells."""
        result = CliRunner().invoke(
            cli.mulu, [str(each) for each in arguments], obj=cli.new_session(), env=self.environ
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        """Call it with ``--json``; what it printed."""
        return json.loads(self(*arguments, "--json", code=code))

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a process on this installation."""
        return os.environ | {name: text for name, text in self.environ.items() if text is not None}

    @property
    def said(self) -> str:
        """What the last call said on standard error."""
        return self.last[0]


def make(mulu: Mulu) -> None:
    """Make the installation, with the register 330800, and ``reviewer``, who approves."""
    mulu("init")
    mulu("register", "add", "330800", "--name", "衢州市工程建设信息目录", "--level", "municipal")
    add_account(mulu, "reviewer", "approver")


def add_account(mulu: Mulu, name: str, *roles: str) -> None:
    """Add an account that holds ``roles`` on every register."""
    mulu("account", "add", name, "--no-password")
    for role in roles:
        mulu("account", "grant", name, role, "--everywhere")


def add_source(mulu: Mulu, location: str) -> str:
    """Add an approved source of 330800 that harvests ``location``; its code."""
    mulu(
        "source", "add", "quzhou", "--register", "330800", "--name", "衢州市目录", "--protocol", "oai-pmh",
        "--location", location, "--division", "330800", "--allow-network", "127.0.0.1/32",
    )  # fmt: skip
    mulu("source", "submit", "quzhou")
    mulu("source", "approve", "quzhou", "--as", "reviewer")
    return "quzhou"


@pytest.fixture(scope="session")
def cli_postgres(postgres_url: str, worker_id: str) -> Iterator[PostgresDatabase]:
    """A PostgreSQL database that commands make their own tables in."""
    database = PostgresDatabase(postgres_url, f"cli_{worker_id}")
    yield database
    database.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Mulu:
    """An installation that has yet to be made, once on each database."""
    url = None
    if request.param == "postgresql":
        database: PostgresDatabase = request.getfixturevalue("cli_postgres")
        database.clear()
        url = database.url
    return Mulu(tmp_path / "home", {"MULU_HOME": str(tmp_path / "home"), "MULU_DATABASE_URL": url})


@pytest.fixture
def prepared(database_url: str, tmp_path: Path) -> Mulu:
    """An installation that has yet to be made, over a store that has its tables (which take a second to make), once
    on each database."""
    home, store = tmp_path / "home", tmp_path / "mulu.sqlite3"
    home.mkdir(mode=0o700)
    embedded = store.exists()
    if embedded:
        store.rename(home / store.name)
    return Mulu(home, {"MULU_HOME": str(home), "MULU_DATABASE_URL": None if embedded else database_url})


@pytest.fixture
def mulu(prepared: Mulu) -> Mulu:
    """An empty installation with the register 330800, once on each database."""
    make(prepared)
    return prepared


@pytest.fixture
def with_own_tables(bare: Mulu) -> Mulu:
    """The same, whose tables may be spoilt."""
    make(bare)
    return bare


@pytest.fixture(scope="session")
def municipality() -> Iterator[str]:
    """The URL of an OAI-PMH endpoint with sixty records of 330800, one of them deleted."""
    with SampleServer(0, real_clock) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"{server.url}/c/330800/oai"
        server.shutdown()
        thread.join()


@pytest.fixture
def source(mulu: Mulu, municipality: str) -> str:
    """The code of an approved source of 330800 that harvests ``municipality``."""
    return add_source(mulu, municipality)


@pytest.fixture
def province(mulu: Mulu) -> str:
    """The code of a register that reads 330800."""
    mulu("register", "add", "330000", "--name", "浙江省", "--level", "provincial")
    mulu("source", "add", "up", "--register", "330000", "--name", "衢州", "--protocol", "register",
         "--location", "330800")  # fmt: skip
    mulu("source", "submit", "up")
    mulu("source", "approve", "up", "--as", "reviewer")
    return "330000"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def harvested(
    request: pytest.FixtureRequest,
    municipality: str,
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mulu]:
    """An installation whose source has been harvested, for tests that only read; once on each database."""
    home = tmp_path_factory.mktemp("harvested")
    database = None
    if request.param == "postgresql":
        database = PostgresDatabase(request.getfixturevalue("postgres_url"), f"harvested_{worker_id}")
    url = database.url if database else None
    mulu = Mulu(home, {"MULU_HOME": str(home), "MULU_DATABASE_URL": url})
    make(mulu)
    mulu("harvest", add_source(mulu, municipality))
    yield mulu
    if database is not None:
        database.drop()
