"""One municipality and the installation that harvests it, through the command line as people use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from config.secrets import Keyring
from config.settings import Database, Settings
from registry.store.engine import Engines, open_engines
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
        add_account(mulu, "reviewer", "approver")
        mulu(
            "source", "add", SOURCE, "--register", REGISTER, "--name", "测试", "--protocol", "oai-pmh",
            "--location", city.oai_url, "--namespace", "endpoint.test", "--allow-network", "127.0.0.0/8",
        )  # fmt: skip
        mulu("source", "submit", SOURCE)
        mulu("source", "approve", SOURCE, "--as", "reviewer")
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
    def app(self) -> Iterator[Flask]:
        """The web application on this installation, a little later: what was published is shown."""
        with self.engines() as engines:
            yield create_app(self.settings, engines, Keyring(self.mulu.home / "secrets", {}), _soon)
