"""Commands that read a register, or look after its store, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Mulu

IDENTIFIER = "oai:quzhou.example:330800-P-00001"


def test_entries(harvested: Mulu) -> None:
    shown = harvested.json("entry", "show", "330800", IDENTIFIER)
    assert (shown["catalogue"], shown["deleted"], shown["withheld"]) == ("project", False, False)
    assert "<resTitle>" in harvested("entry", "show", "330800", IDENTIFIER, "--xml")
    (version,) = harvested.json("entry", "history", "330800", IDENTIFIER)
    assert version["sequence"] == shown["sequence"]
    (candidate,) = harvested.json("entry", "explain", "330800", IDENTIFIER)
    assert candidate["source"] == "quzhou"
    harvested("entry", "show", "330800", IDENTIFIER, "--at", "0", code=1)
    for verb in ("show", "history", "explain"):
        harvested("entry", verb, "330800", "oai:nobody:1", code=1)


def test_texts_that_nobody_may_see_are_withheld(harvested: Mulu) -> None:
    exported = harvested("export", "330800", "--audience", "peer")
    hidden = [f"oai:quzhou.example:330800-C-{number:05d}" for number in (6, 8, 13, 16)]
    assert not any(f"<mdId>{each}</mdId>" in exported for each in hidden)
    for identifier in hidden:
        shown = harvested.json("entry", "show", "330800", identifier)
        assert "title" not in shown
        assert shown["deleted"] or shown["withheld"]
        harvested("entry", "show", "330800", identifier, "--xml", code=1)
        assert all("title" not in each for each in harvested.json("entry", "history", "330800", identifier))


def test_search(harvested: Mulu) -> None:
    title = harvested.json("entry", "show", "330800", IDENTIFIER)["title"]
    found = harvested.json("search", "330800", title)
    assert IDENTIFIER in [each["identifier"] for each in found]
    assert harvested.json("search", "330800", "没有这样的词") == []
    assert len(harvested.json("search", "330800", "工程", "--limit", "3")) == 3
    peers = harvested.json("search", "330800", "信用信息", "--audience", "peer", "--limit", "1000")
    assert len(peers) > len(harvested.json("search", "330800", "信用信息", "--limit", "1000"))


@pytest.mark.parametrize("words", [IDENTIFIER, "330800-P-00001"])
def test_search_by_identifier(harvested: Mulu, words: str) -> None:
    assert [each["identifier"] for each in harvested.json("search", "330800", words)] == [IDENTIFIER]


def test_export_is_imported_again_under_the_same_identifiers(harvested: Mulu, tmp_path: Path) -> None:
    file = tmp_path / "export.xml"
    harvested("export", "330800", "--set", "catalogue:project", "-o", file)
    before = harvested.json("register", "show", "330800")["entries"]
    (run,) = harvested.json("import", "330800", file)["runs"]
    assert (run["accepted"], run["refused"]) == (36, 0)
    assert harvested.json("register", "show", "330800")["entries"] == before
    candidates = harvested.json("entry", "explain", "330800", IDENTIFIER)
    assert {each["source"] for each in candidates} == {"quzhou", "import-330800"}


@pytest.mark.parametrize("prefix", ["catalogue", "oai_dc"])
def test_export_can_be_read_again(harvested: Mulu, tmp_path: Path, prefix: str) -> None:
    file = tmp_path / "export.xml"
    harvested("export", "330800", "--format", prefix, "--set", "catalogue:project", "-o", file)
    (checked,) = harvested.json("validate", file)["files"]
    assert checked["prefix"] == prefix
    assert checked["received"] == checked["accepted"] == 36


def test_export_knows_the_sets_that_are_listed(harvested: Mulu) -> None:
    everything = harvested("export", "330800")
    assert harvested("export", "330800", "--set", "catalogue") == everything
    assert harvested("export", "330800", "--set", "division") == everything
    harvested("export", "330800", "--set", "catalogue:weather", code=1)


def test_verify_and_check(harvested: Mulu) -> None:
    assert {each["broken"] for each in harvested.json("verify")} == {0}
    assert harvested.json("db", "check")["differences"] == []
    harvested("db", "upgrade")


def test_backup(harvested: Mulu, tmp_path: Path) -> None:
    file = tmp_path / "copy"
    harvested("db", "backup", file)
    harvested("db", "backup", file, code=1)
    if harvested.environ["MULU_DATABASE_URL"]:
        assert file.read_bytes().startswith(b"PGDMP")
        return
    other = tmp_path / "other"
    other.mkdir()
    file.rename(other / "mulu.sqlite3")
    restored = Mulu(other, {"MULU_HOME": str(other)})
    assert restored.json("register", "list") == harvested.json("register", "list")
    restored("verify")
