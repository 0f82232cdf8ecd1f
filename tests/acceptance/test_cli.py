"""Every command of ``mulu``, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from sqlalchemy import create_engine, text

import cli
from tests.acceptance.conftest import Mulu, add_account

COMMANDS = (
    "account add", "account grant", "account link", "account list", "account lock", "account password",
    "account revoke", "account show", "account unlink", "account unlock",
    "audit export", "audit head", "audit list", "audit seal", "audit show",
    "db backup", "db check", "db upgrade",
    "demo",
    "doctor",
    "entry erase", "entry explain", "entry history", "entry pin", "entry show", "entry unpin",
    "export",
    "harvest",
    "import",
    "init",
    "key issue", "key list", "key revoke",
    "register add", "register authority add", "register authority list", "register authority remove",
    "register gate", "register list", "register show",
    "run changes", "run issues", "run list", "run refuse", "run release", "run show", "run undo",
    "search",
    "serve",
    "source add", "source amend", "source approve", "source cancel", "source contact add", "source contact list",
    "source contact person", "source lift", "source list", "source probe", "source reject",
    "source resume", "source retire", "source show", "source submit", "source suspend",
    "validate",
    "verify",
    "work",
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


def test_authority(mulu: Mulu, source: str) -> None:
    rule = ("330800", "--source", source, "--division", "330800")
    mulu("register", "authority", "add", *rule, code=1)
    assert "--reason" in mulu.said
    told = mulu("register", "authority", "add", *rule, "--reason", "its own", "--lang", "en")
    assert "1 rules of authority now; the standing entries follow them" in told
    stated = {"source_code": source, "division": "330800", "category": "", "body": ""}
    assert mulu.json("register", "authority", "list", "330800") == [stated]
    mulu("register", "authority", "add", *rule, "--reason", "its own", code=1)
    mulu(
        "register",
        "authority",
        "add",
        "330800",
        "--source",
        source,
        "--division",
        "999999",
        "--reason",
        "x",
        code=1,
    )
    mulu("register", "authority", "remove", *rule, "--reason", "shared")
    assert mulu.json("register", "authority", "list", "330800") == []
    mulu("verify")


def test_the_life_of_a_source(mulu: Mulu, source: str) -> None:
    mulu("harvest", source)
    entries = mulu.json("register", "show", "330800")["entries"]
    assert entries > 50
    mulu("source", "suspend", source, code=1)
    mulu("source", "suspend", source, "--reason", "maintenance")
    mulu("harvest", source, code=1)
    mulu("source", "resume", source)
    assert mulu.json("register", "show", "330800")["entries"] == entries
    mulu("source", "retire", source, "--yes", "--reason", "closed")
    assert mulu.json("register", "show", "330800")["entries"] == 0
    shown = mulu.json("source", "show", source)
    assert shown["status"] == "retired"
    assert [each["action"] for each in reversed(shown["events"])] == [
        "add", "submit", "approve", "harvest", "suspend", "resume", "retire",
    ]  # fmt: skip
    mulu("verify")


def test_who_submits_does_not_approve(mulu: Mulu) -> None:
    add_account(mulu, "wang", "submitter", "approver")
    mulu("source", "add", "a", "--register", "330800", "--name", "a", "--protocol", "oai-pmh",
         "--location", "http://127.0.0.1:9/oai", "--as", "wang")  # fmt: skip
    mulu("harvest", "a", code=1)
    mulu("source", "submit", "a", "--as", "wang")
    mulu("source", "approve", "a", "--as", "wang", "--lang", "en", code=1)
    assert "somebody else" in mulu.said
    mulu("source", "reject", "a", "--as", "reviewer", code=1)
    mulu("source", "reject", "a", "--as", "reviewer", "--reason", "wrong address")
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


def _tamper(mulu: Mulu, statement: str) -> None:
    engine = create_engine(mulu.environ["MULU_DATABASE_URL"] or f"sqlite:///{mulu.home / 'mulu.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_broken_store_is_told(with_own_tables: Mulu) -> None:
    _tamper(with_own_tables, "UPDATE registers SET entries = 5")
    found = {each["code"]: each["broken"] for each in with_own_tables.json("verify", code=1)}
    assert found["entry-counts"] == 1
    _tamper(with_own_tables, "DROP INDEX ix_sources_due_at")
    assert "ix_sources_due_at" in with_own_tables("db", "check", code=1)


def test_a_store_of_another_shape_is_told(with_own_tables: Mulu) -> None:
    _tamper(with_own_tables, "ALTER TABLE registers RENAME COLUMN manager TO governor")
    with_own_tables("register", "list", "--lang", "en", code=1)
    assert "mulu db check" in with_own_tables.said
    assert "Traceback" not in with_own_tables.said


def test_a_store_that_does_not_answer_is_told(tmp_path: Path) -> None:
    url = "postgresql+psycopg://postgres:password@127.0.0.1:9/mulu"
    mulu = Mulu(tmp_path, {"MULU_HOME": str(tmp_path), "MULU_DATABASE_URL": url})
    mulu("register", "list", code=1)
    assert "127.0.0.1" in mulu.said
    assert "password" not in mulu.said
