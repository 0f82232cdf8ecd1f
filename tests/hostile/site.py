"""One municipality and the installation that harvests it, through the command line as people use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from config.secrets import Keyring
from config.settings import Database, Settings
from registry.model.role import Role
from registry.store import accounts, sessions
from registry.store.engine import Engines, open_engines, transaction
from registry.web import create_app
from tests.acceptance.conftest import Mulu, add_account
from tests.endpoint import Endpoint

REGISTER, SOURCE = "330100", "city"


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=3)


@dataclass(frozen=True)
class Site:
    """``city`` is a source of the register ``330100`` in the installation that ``mulu`` speaks to."""

    mulu: Mulu
    city: Endpoint

    @classmethod
    def found(cls, mulu: Mulu, city: Endpoint) -> Site:
        """A new installation, with the source approved."""
        mulu("init")
        mulu("register", "add", REGISTER, "--name", "杭州市", "--level", "municipal")
        for role in Role:
            add_account(mulu, str(role), str(role))
        mulu(
            "source", "add", SOURCE, "--register", REGISTER, "--name", "测试", "--protocol", "oai-pmh",
            "--location", city.oai_url, "--namespace", "endpoint.test", "--allow-network", "127.0.0.0/8",
        )  # fmt: skip
        mulu("source", "submit", SOURCE)
        mulu("source", "approve", SOURCE, "--as", str(Role.APPROVER))
        return cls(mulu, city)

    def harvest(self, *options: str, code: int = 0) -> dict[str, Any]:
        """What a harvest of the city says."""
        (row,) = self.mulu.json("harvest", SOURCE, *options, code=code)
        told: dict[str, Any] = row
        return told

    @property
    def settings(self) -> Settings:
        url = self.mulu.environ["MULU_DATABASE_URL"] or ""
        return Settings(home=self.mulu.home, database=Database(url=url))

    @contextmanager
    def engines(self) -> Iterator[Engines]:
        """The store behind the command line."""
        opened = open_engines(self.settings.database_url)
        try:
            yield opened
        finally:
            opened.dispose()

    @contextmanager
    def browser(self, role: Role) -> Iterator[FlaskClient]:
        """A browser in which somebody with this role is signed in."""
        with self.engines() as engines:
            client = create_app(self.settings, engines, self._keyring, _soon).test_client()
            with transaction(engines.write) as connection:
                account = accounts.get(connection, str(role))
                sessions.begin(
                    connection, account.id, sha256(str(role).encode()).digest(), expires_at=_soon() + timedelta(days=1),
                    address="127.0.0.1", agent="test", now=_soon(),
                )  # fmt: skip
            with client.session_transaction(path="/admin/") as cookie:
                cookie["_user_id"] = str(role)
            yield client

    @property
    def _keyring(self) -> Keyring:
        return Keyring(self.mulu.home / "secrets", {})

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The web application on this installation, a little later: what was published is shown."""
        with self.engines() as engines:
            yield create_app(self.settings, engines, self._keyring, _soon)
