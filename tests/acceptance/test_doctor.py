"""``mulu doctor`` on both databases: what it finds, its exit codes, and how publication is stopped and resumed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from demo.process import running_sample
from harvester.http import fetch
from tests.acceptance.conftest import Mulu


def found(told: dict[str, Any], check: str) -> list[str]:
    """The states of one check's findings."""
    return [each["state"] for each in told["findings"] if each["check"] == check]


def test_all_is_well(mulu: Mulu, source: str) -> None:
    mulu("harvest", source)
    told = mulu.json("doctor")
    assert told["state"] == "well", [each for each in told["findings"] if each["state"] != "well"]
    assert told["seconds"] < 60
    assert {each["check"] for each in told["findings"]} >= {"settings", "database", "canaries", "sources"}


def test_it_speaks_both_languages(mulu: Mulu) -> None:
    assert "金丝雀" in mulu("doctor")
    assert "一切正常" in mulu.said
    english = mulu("doctor", "--lang", "en")
    assert re.search(r"^✓ canaries +all of \d+ canaries ended as they must$", english, re.MULTILINE)
    assert "all is well" in mulu.said


def test_without_an_installation(bare: Mulu) -> None:
    told = bare.json("doctor", code=1)
    assert "failed" in found(told, "database")
    assert found(told, "canaries") == ["skipped"]
    assert not bare.home.exists(), "looking makes nothing"


def test_wrong_settings_end_the_look(bare: Mulu) -> None:
    bare.home.mkdir()
    (bare.home / "mulu.toml").write_text("[wbe]\nport = 1\n")
    told = bare.json("doctor", code=1)
    assert [each["check"] for each in told["findings"]] == ["settings"]
    assert "wbe" in told["findings"][0]["text"]["en"]


def test_warnings_only_have_their_own_exit_code(mulu: Mulu) -> None:
    mulu("source", "add", "a", "--register", "330800", "--name", "a", "--protocol", "oai-pmh",
         "--location", "http://127.0.0.1:9/oai", "--allow-network", "127.0.0.1/32")  # fmt: skip
    mulu("source", "submit", "a")
    mulu("source", "approve", "a", "--as", "reviewer")
    told = mulu.json("doctor", code=4)
    assert (told["state"], found(told, "sources")) == ("warning", ["warning", "warning"])
    assert "→" in mulu("doctor", code=4)
    named = mulu.json("doctor", "--source", "a", code=1)
    assert found(named, "sources")[-1] == "failed"


def test_a_key_that_others_may_read(mulu: Mulu) -> None:
    (mulu.home / "secrets" / "token.key").chmod(0o644)
    assert found(mulu.json("doctor", code=1), "modes") == ["failed"]


def test_a_reason_alone_means_nothing(mulu: Mulu) -> None:
    mulu("doctor", "--reason", "x", code=2)


def test_publication_is_stopped_and_resumed(
    mulu: Mulu, source: str, province: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as planted:
        planted.setattr(fetch, "_may_redirect", lambda *_: True)
        told = mulu.json("doctor", code=1)
        assert (found(told, "canaries")[0], found(told, "publication")) == ("failed", ["failed"])
        (run,) = mulu.json("harvest", source, code=4)
        assert (run["status"], mulu.json("register", "show", "330800")["entries"]) == ("settling", 0)
        (again,) = mulu.json("harvest", source, code=4)
        assert "mulu doctor" in again["message"]["en"]
        mulu("run", "list", "--lang", "en")
        assert "nothing is published anywhere since" in mulu.said
        assert [each["publication_stopped"] for each in mulu.json("run", "list")] == [True]
        mulu("doctor", "--resume-publication", "--reason", "hope", "--lang", "en", code=1)
        assert "redirect-elsewhere" in mulu.said
    assert found(mulu.json("doctor", code=1), "publication") == ["failed"], (
        "it stands until a person lifts it"
    )
    mulu("doctor", "--resume-publication", code=1)
    resumed = mulu.json("doctor", "--resume-publication", "--reason", "mended")
    assert (resumed["causes"], resumed["registers"]) == (["redirect-elsewhere"], 1)
    assert mulu.json("register", "show", "330800")["entries"] > 50
    assert mulu.json("register", "show", province)["entries"] > 50, "the registers above follow"
    assert found(mulu.json("doctor"), "publication") == ["well"]
    mulu("doctor", "--resume-publication", "--reason", "again", code=1)
    mulu("verify")


def test_the_sample_is_well(tmp_path: Path) -> None:
    mulu = Mulu(tmp_path / "home", {"MULU_HOME": str(tmp_path / "home")})
    mulu("demo", "--once", "--json", "--port", "0")
    port = int((tmp_path / "home" / "sample.port").read_text())
    with running_sample(port):
        told = json.loads(mulu("doctor", "--json"))
    assert told["state"] == "well", [each for each in told["findings"] if each["state"] != "well"]
