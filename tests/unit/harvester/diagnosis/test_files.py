"""The doctor looks at keys, modes and disk."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace as change

from config.secrets import Keyring
from config.settings import Database, Secrets
from harvester.diagnosis import Check, State
from harvester.diagnosis.files import FREE_ENOUGH, LEAST_FREE
from registry.model.lifecycle import SourceAction
from registry.model.source import Protocol
from registry.services import registration
from registry.store.engine import Engines
from tests.factories import APPROVER, SUBMITTER, Installation
from tests.unit.harvester.diagnosis.patients import bad, look, patient, states


def test_what_is_well(tmp_path: Path) -> None:
    found = [look(each, patient(tmp_path)) for each in (Check.SETTINGS, Check.SECRETS, Check.MODES)]
    assert [states(each) for each in found] == [[State.WELL]] * 3


def test_a_home_that_is_not_there(tmp_path: Path) -> None:
    ill = patient(tmp_path)
    away = replace(ill, settings=change(ill.settings, home=tmp_path / "x"))
    (found,) = look(Check.SETTINGS, away)
    assert (found.state, "mulu init" in found.way_out.en) == (State.FAILED, True)
    assert states(look(Check.MODES, away)) == [State.WELL]


@pytest.mark.parametrize("spoiled", ["missing", "short"])
def test_a_key_that_is_none(tmp_path: Path, spoiled: str) -> None:
    ill = patient(tmp_path)
    key = tmp_path / "secrets" / "archive.key"
    if spoiled == "missing":
        key.unlink()
    else:
        key.write_text("00")
    (found,) = bad(look(Check.SECRETS, ill))
    assert found.subject == "file:archive.key"
    assert found.state is (State.WARNING if spoiled == "missing" else State.FAILED)
    assert key.exists() is (spoiled == "short"), "looking makes no key"


def test_secrets_of_sources(tmp_path: Path, engines: Engines) -> None:
    installation = Installation(engines)
    installation.register("330100")
    for code, reference in (("a", "env:THERE"), ("b", "env:MISSING"), ("c", "file:missing.pem")):
        new = registration.NewSource(
            code, "330100", code, Protocol.OAI_PMH, f"http://{code}.example/oai", namespace="x.cn",
            credentials=reference,
        )  # fmt: skip
        registration.add_source(engines.write, new, actor=SUBMITTER, now=installation.clock())
        if code != "c":  # one that is not approved is nobody's trouble yet
            for action, actor in ((SourceAction.SUBMIT, SUBMITTER), (SourceAction.APPROVE, APPROVER)):
                registration.act(engines.write, code, action, actor=actor, now=installation.clock())
    ill = patient(tmp_path, engines)
    ill = replace(ill, keyring=Keyring(tmp_path / "secrets", {"THERE": "u:geheim"}))
    (found,) = bad(look(Check.CREDENTIALS, ill))
    assert found.subject == "b"
    assert "env:MISSING" in found.text.en
    assert "geheim" not in str(look(Check.CREDENTIALS, ill))


def test_keys_that_others_may_read(tmp_path: Path) -> None:
    ill = patient(tmp_path)
    (tmp_path / "secrets" / "token.key").chmod(0o640)
    (found,) = bad(look(Check.MODES, ill))
    assert (found.state, found.way_out.en) == (State.FAILED, f"chmod 600 {tmp_path}/secrets/token.key")


def test_a_store_that_others_may_read(tmp_path: Path) -> None:
    ill = patient(tmp_path)
    store = tmp_path / "mulu.sqlite3"
    store.touch(0o644)
    assert states(look(Check.MODES, ill)) == [State.WELL], "nobody else gets into the folder"
    tmp_path.chmod(0o755)
    (found,) = bad(look(Check.MODES, ill))
    assert (found.state, found.subject) == (State.WARNING, str(store))


@pytest.mark.parametrize(("password", "tells"), [("", False), (":geheim", True)])
def test_a_settings_file_with_a_password(tmp_path: Path, password: str, tells: bool) -> None:
    ill = patient(tmp_path)
    ill = replace(
        ill, settings=change(ill.settings, database=Database(url=f"postgresql+psycopg://u{password}@h/d"))
    )
    (tmp_path / "mulu.toml").touch(0o644)
    tmp_path.chmod(0o755)
    assert bool(bad(look(Check.MODES, ill))) is tells


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (FREE_ENOUGH, State.WELL),
        (FREE_ENOUGH - 1, State.WARNING),
        (LEAST_FREE, State.WARNING),
        (LEAST_FREE - 1, State.FAILED),
    ],
)
def test_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: State) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(FREE_ENOUGH * 9, 0, free))
    (found,) = look(Check.DISK, patient(tmp_path))
    assert (found.state, bool(found.way_out.en)) == (state, state is not State.WELL)


def test_keys_by_other_references(tmp_path: Path) -> None:
    ill = patient(tmp_path)
    settings = change(ill.settings, secrets=Secrets(token_key="env:NOT_SET"))
    ill = replace(ill, settings=settings)
    (found,) = bad(look(Check.SECRETS, ill))
    assert (found.state, found.subject) == (State.FAILED, "env:NOT_SET")
