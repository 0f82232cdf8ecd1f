"""The entrance for WSGI servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.store.engine import open_engines
from registry.web.wsgi import application
from tests.databases import SqliteTemplate
from tests.factories import Installation


def test_the_environment_names_the_installation(
    sqlite_template: SqliteTemplate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = open_engines(sqlite_template.copy_to(tmp_path))
    Installation(engines).register("330100")
    engines.dispose()
    monkeypatch.setenv("MULU_HOME", str(tmp_path))
    monkeypatch.setenv("MULU_WEB_PUBLIC_URL", "https://mulu.example/")
    monkeypatch.setattr("registry.web.wsgi.logs.configure", lambda _settings: None)
    client = application().test_client()
    assert (
        b"<baseURL>https://mulu.example/oai/330100</baseURL>" in client.get("/oai/330100?verb=Identify").data
    )
