"""Every command of ``mulu``, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import cli
from tests.acceptance.conftest import Mulu

COMMANDS = (
    "db backup", "db check", "db upgrade", "demo", "entry explain", "entry history", "entry show", "export",
    "harvest", "import", "init", "register add", "register list", "register show", "run list", "run refuse",
    "run release", "run show", "run undo", "search", "serve", "source add", "source approve", "source list",
    "source probe", "source reject", "source resume", "source retire", "source show", "source submit",
    "source suspend", "validate", "verify", "work",
)  # fmt: skip


def _commands(group: click.Group, *names: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, *names, name)
        else:
            yield " ".join((*names, name)), command


def test_the_commands_are_all_there() -> None:
    assert tuple(sorted(name for name, _ in _commands(cli.mulu))) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches_with_an_example(tmp_path: Path, name: str) -> None:
    told = Mulu(tmp_path, {})(*name.split(), "--help")
    assert "Example" in told
    assert f"mulu {name}" in told


@pytest.mark.parametrize("name", [name for name in COMMANDS if name.split()[-1] in ("list", "show")])
def test_lists_and_cards_speak_json(tmp_path: Path, name: str) -> None:
    assert "--json" in Mulu(tmp_path, {})(*name.split(), "--help")


def test_an_installation_must_be_made_first(bare: Mulu) -> None:
    bare("register", "list", code=1)
    assert "mulu init" in bare.said
    assert "还没有目录库" in bare.said
    bare("register", "list", "--lang", "en", code=1)
    assert "no store" in bare.said
    assert not bare.home.exists()
    bare("init")
    bare("init")
    assert bare.json("register", "list") == []


def test_wrong_usage_ends_with_2(bare: Mulu) -> None:
    bare("junk", code=2)
    bare("register", "add", "330800", code=2)
    bare("validate", bare.home / "missing.xml", code=2)


def test_wrong_settings_are_told(bare: Mulu) -> None:
    bare.home.mkdir()
    (bare.home / "mulu.toml").write_text("[web]\nport = 'junk'\n")
    bare("register", "list", "--lang", "en", code=1)
    assert "web.port" in bare.said


def test_registers(mulu: Mulu) -> None:
    mulu("register", "add", "330000", "--name", "浙江省", "--level", "provincial", "--owner", "省厅")
    assert [each["code"] for each in mulu.json("register", "list")] == ["330000", "330800"]
    shown = mulu.json("register", "show", "330000")
    assert (shown["level"], shown["division"], shown["owner"]) == ("provincial", "330000", "省厅")
    assert "浙江省" in mulu("register", "list")
    mulu("register", "add", "330000", "--name", "x", "--level", "provincial", code=1)
    mulu("register", "add", "999999", "--name", "x", "--level", "municipal", code=1)
    assert "GB/T 2260" in mulu.said
    mulu("register", "show", "junk", code=1)


def test_the_life_of_a_source(mulu: Mulu, source: str) -> None:
    mulu("harvest", source)
    entries = mulu.json("register", "show", "330800")["entries"]
    assert entries > 50
    mulu("source", "suspend", source, code=1)
    mulu("source", "suspend", source, "--reason", "maintenance")
    mulu("harvest", source, code=1)
    mulu("source", "resume", source)
    assert mulu.json("register", "show", "330800")["entries"] == entries
    mulu("source", "retire", source, "--reason", "closed")
    assert mulu.json("register", "show", "330800")["entries"] == 0
    shown = mulu.json("source", "show", source)
    assert shown["status"] == "retired"
    assert [each["action"] for each in reversed(shown["events"])] == [
        "add", "submit", "approve", "harvest", "suspend", "resume", "retire",
    ]  # fmt: skip
    mulu("verify")


def test_who_submits_does_not_approve(mulu: Mulu) -> None:
    mulu("source", "add", "a", "--register", "330800", "--name", "a", "--protocol", "oai-pmh",
         "--location", "http://127.0.0.1:9/oai")  # fmt: skip
    mulu("harvest", "a", code=1)
    mulu("source", "submit", "a", "--as", "wang")
    mulu("source", "approve", "a", "--as", "wang", "--lang", "en", code=1)
    assert "someone else" in mulu.said
    mulu("source", "reject", "a", "--as", "li", code=1)
    mulu("source", "reject", "a", "--as", "li", "--reason", "wrong address")
    assert mulu.json("source", "show", "a")["status"] == "rejected"
    assert [each["code"] for each in mulu.json("source", "list", "--status", "rejected")] == ["a"]
    assert mulu.json("source", "list", "--register", "330800", "--status", "approved") == []


@pytest.mark.parametrize(
    "option",
    [("--schedule", "now and then"), ("--allow-network", "10.0.0.0/99"), ("--division", "999999")],
)
def test_sources_that_cannot_be_meant_are_refused(mulu: Mulu, option: tuple[str, str]) -> None:
    mulu("source", "add", "a", "--register", "330800", "--name", "a", "--protocol", "oai-pmh",
         "--location", "http://127.0.0.1:9/oai", *option, code=1)  # fmt: skip
    assert mulu.json("source", "list") == []


def test_probe(mulu: Mulu, source: str) -> None:
    found = mulu.json("source", "probe", source)
    assert found["identity"]["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
    assert [each["prefix"] for each in found["formats"]] == ["oai_dc", "catalogue"]
    assert [each["spec"] for each in found["sets"]] == ["project", "credit"]
    assert found["received"] == 60
    assert mulu.json("register", "show", "330800")["last_sequence"] == 0
    assert "persistent" in mulu("source", "probe", source, "--lang", "en")


def test_probe_of_a_dead_endpoint(mulu: Mulu) -> None:
    mulu("source", "add", "a", "--register", "330800", "--name", "a", "--protocol", "xml-document",
         "--location", "http://127.0.0.1:9/list.xml", "--prefix", "municipal_list", "--namespace", "a.example",
         "--allow-network", "127.0.0.1/32")  # fmt: skip
    assert mulu.json("source", "probe", "a", code=1)["ending"] == "transport"


def test_harvest(mulu: Mulu, source: str) -> None:
    (tried,) = mulu.json("harvest", source, "--dry-run")
    assert (tried["received"], tried["created"]) == (60, 59)
    assert mulu.json("run", "list") == []
    (first,) = mulu.json("harvest", "--all")
    assert (first["status"], first["verdict"], first["received"]) == ("published", "complete", 60)
    mark = mulu.json("register", "show", "330800")["last_sequence"]
    (second,) = mulu.json("harvest", "--register", "330800")
    assert (second["scope"], second["received"]) == ("delta", 0)
    (third,) = mulu.json("harvest", source, "--full")
    assert (third["scope"], third["accepted"]) == ("full", 60)
    assert mulu.json("register", "show", "330800")["last_sequence"] == mark
    (unchanged,) = mulu.json("harvest", source, "--full", "--dry-run")
    assert (unchanged["created"], unchanged["unchanged"], unchanged["hold_reasons"]) == (0, 60, [])
    assert [each["source"] for each in mulu.json("run", "list")] == [source] * 3
    assert "60" in mulu("run", "show", str(first["run"]))


def test_harvest_needs_exactly_one_choice(mulu: Mulu, source: str) -> None:
    mulu("harvest", code=2)
    mulu("harvest", source, "--all", code=2)
    mulu("harvest", "junk", code=1)


def test_a_dead_endpoint_fails(mulu: Mulu) -> None:
    mulu("source", "add", "a", "--register", "330800", "--name", "a", "--protocol", "xml-document",
         "--location", "http://127.0.0.1:9/list.xml", "--prefix", "municipal_list", "--namespace", "a.example",
         "--allow-network", "127.0.0.1/32")  # fmt: skip
    mulu("source", "submit", "a")
    mulu("source", "approve", "a", "--as", "reviewer")
    mulu.environ["MULU_HTTP_RETRIES"] = "0"
    (ended,) = mulu.json("harvest", "a", code=1)
    assert (ended["status"], ended["ending"]) == ("failed", "transport")


IDENTIFIER = "oai:quzhou.example:330800-P-00001"


def test_entries(mulu: Mulu, source: str) -> None:
    mulu("harvest", source)
    shown = mulu.json("entry", "show", "330800", IDENTIFIER)
    assert (shown["catalogue"], shown["deleted"], shown["withheld"]) == ("project", False, False)
    assert "<resTitle>" in mulu("entry", "show", "330800", IDENTIFIER, "--xml")
    (version,) = mulu.json("entry", "history", "330800", IDENTIFIER)
    assert version["sequence"] == shown["sequence"]
    (candidate,) = mulu.json("entry", "explain", "330800", IDENTIFIER)
    assert candidate["source"] == source
    mulu("entry", "show", "330800", IDENTIFIER, "--at", "0", code=1)
    for verb in ("show", "history", "explain"):
        mulu("entry", verb, "330800", "oai:nobody:1", code=1)


def test_texts_that_nobody_may_see_are_withheld(mulu: Mulu, source: str) -> None:
    mulu("harvest", source)
    exported = mulu("export", "330800", "--audience", "peer")
    hidden = [f"oai:quzhou.example:330800-C-{number:05d}" for number in (6, 8, 13, 16)]
    assert not any(f"<mdId>{each}</mdId>" in exported for each in hidden)
    for identifier in hidden:
        shown = mulu.json("entry", "show", "330800", identifier)
        assert "title" not in shown
        assert shown["deleted"] or shown["withheld"]
        mulu("entry", "show", "330800", identifier, "--xml", code=1)
        assert all("title" not in each for each in mulu.json("entry", "history", "330800", identifier))


def test_search(mulu: Mulu, source: str) -> None:
    mulu("harvest", source)
    title = mulu.json("entry", "show", "330800", IDENTIFIER)["title"]
    found = mulu.json("search", "330800", title)
    assert IDENTIFIER in [each["identifier"] for each in found]
    assert mulu.json("search", "330800", "没有这样的词") == []
    assert len(mulu.json("search", "330800", "工程", "--limit", "3")) == 3
    peers = mulu.json("search", "330800", "信用信息", "--audience", "peer", "--limit", "1000")
    assert len(peers) > len(mulu.json("search", "330800", "信用信息", "--limit", "1000"))


@pytest.mark.parametrize("prefix", ["catalogue", "oai_dc"])
def test_export_can_be_read_again(mulu: Mulu, source: str, tmp_path: Path, prefix: str) -> None:
    mulu("harvest", source)
    file = tmp_path / "export.xml"
    mulu("export", "330800", "--format", prefix, "--set", "catalogue:project", "-o", file)
    (checked,) = mulu.json("validate", file)["files"]
    assert checked["prefix"] == prefix
    assert checked["received"] == checked["accepted"] == 36


def test_verify_and_check(mulu: Mulu, source: str) -> None:
    mulu("harvest", source)
    assert {each["broken"] for each in mulu.json("verify")} == {0}
    assert mulu.json("db", "check")["differences"] == []
    mulu("db", "upgrade")


def test_backup(mulu: Mulu, source: str, tmp_path: Path) -> None:
    mulu("harvest", source)
    file = tmp_path / "copy"
    mulu("db", "backup", file)
    mulu("db", "backup", file, code=1)
    if mulu.environ["MULU_DATABASE_URL"]:
        assert file.read_bytes().startswith(b"PGDMP")
        return
    other = tmp_path / "other"
    other.mkdir()
    file.rename(other / "mulu.sqlite3")
    restored = Mulu(other, {"MULU_HOME": str(other)})
    assert restored.json("register", "list") == mulu.json("register", "list")
    restored("verify")
