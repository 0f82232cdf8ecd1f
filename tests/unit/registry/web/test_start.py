"""What stops an application from starting with an identity provider, and what that says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from config.oidc import Oidc
from config.secrets import Keyring, SecretError
from config.settings import Settings, Web
from harvester.http.line import line_to_provider
from registry.errors import Refused
from registry.store.engine import open_engines
from registry.web import create_app
from tests.databases import SqliteTemplate
from tests.endpoint.tls import authority_pem
from tests.factories import Clock

SECRETS = {"SECRET": "between us", "FOREIGN": "密", "CA": authority_pem(), "NONSENSE": "rubbish"}


def start(template: SqliteTemplate, home: Path, *, web: str = "", line: bool = True, **oidc: Any) -> None:
    """Make the application, with an identity provider."""
    settings = Settings(
        home=home, oidc=Oidc(issuer="https://id.example", client_id="mulu", **oidc), web=Web(public_url=web)
    )
    keyring = Keyring(home / "secrets", SECRETS)
    engines = open_engines(template.copy_to(home))
    try:
        create_app(
            settings,
            engines,
            keyring,
            Clock(),
            line_to_provider(settings, keyring.credential) if line else None,
        )
    finally:
        engines.dispose()


@pytest.mark.parametrize("web", ["", "https://catalogue.example.cn/", "http://[::1]:8340"])
def test_it_starts(sqlite_template: SqliteTemplate, tmp_path: Path, web: str) -> None:
    start(sqlite_template, tmp_path, web=web, client_secret="env:SECRET", ca_bundle="env:CA")


@pytest.mark.parametrize("missing", ["authlib.oauth2.auth", "joserfc"])
def test_without_the_libraries(
    sqlite_template: SqliteTemplate, tmp_path: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in sys.modules if each.startswith("registry.web.oidc")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(Refused) as failure:
        start(sqlite_template, tmp_path)
    assert "mulu[oidc]" in failure.value.text.zh and "mulu[oidc]" in failure.value.text.en


def test_without_a_line(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no line to the identity provider"):
        start(sqlite_template, tmp_path, line=False)


def test_over_an_open_road(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"web\.public_url"):
        start(sqlite_template, tmp_path, web="http://catalogue.example.cn")


@pytest.mark.parametrize(
    ("named", "reference"),
    [("client_secret", "env:NONE"), ("ca_bundle", "env:NONE"), ("ca_bundle", "env:NONSENSE")],
)
def test_references_that_lead_nowhere(
    sqlite_template: SqliteTemplate, tmp_path: Path, named: str, reference: str
) -> None:
    with pytest.raises(SecretError) as failure:
        start(sqlite_template, tmp_path, **{named: reference})  # type: ignore[arg-type]
    assert reference in failure.value.en and reference in failure.value.zh
    assert SECRETS["NONSENSE"] not in failure.value.en


def test_a_secret_that_cannot_be_sent(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not ASCII"):
        start(sqlite_template, tmp_path, client_secret="env:FOREIGN")
