"""Accounts, keys, contacts and the book of acts, as their callers see them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from registry.store import append_only
from registry.store.engine import is_sqlite
from tests.acceptance.conftest import Mulu


def behind_its_back(mulu: Mulu, statement: str) -> None:
    """Change the store as whoever owns the database."""
    engine = create_engine(mulu.environ["MULU_DATABASE_URL"] or f"sqlite:///{mulu.home / 'mulu.sqlite3'}")
    with engine.begin() as connection:
        if is_sqlite(connection):
            append_only.permit_changes(connection)
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(text(statement))
        if is_sqlite(connection):
            append_only.forbid_changes(connection)
    engine.dispose()


def test_the_first_administrator_grants_and_does_nothing_else(mulu: Mulu, source: str) -> None:
    made = mulu.json("account", "add", "chief", "--administrator", "--full-name", "张三")
    assert len(made["password"]) >= 12
    assert [(each["role"], each["register"]) for each in made["roles"]] == [("administrator", None)]
    chief = ("--as", "chief")
    mulu("account", "add", "li.na", "--role", "operator", "--register", "330800", "--generate", *chief)
    assert "password" not in mulu.json("account", "show", "li.na")
    mulu("account", "grant", "chief", "viewer", "--everywhere", *chief, code=1)
    mulu("source", "suspend", source, "--reason", "so", *chief, code=1)
    mulu("source", "suspend", source, "--reason", "so", "--as", "li.na")
    mulu("source", "retire", source, "--reason", "so", "--yes", "--as", "li.na", code=1)
    mulu("account", "revoke", "li.na", "operator", "--register", "330800", *chief)
    mulu("source", "resume", source, "--as", "li.na", "--lang", "en", code=1)
    assert "operator" in mulu.said
    mulu("account", "lock", "li.na", *chief)
    mulu("account", "unlock", "li.na", *chief)
    mulu("source", "resume", source, "--as", "nobody", "--lang", "en", code=1)
    assert "mulu account list" in mulu.said
    assert {each["name"] for each in mulu.json("account", "list")} == {"chief", "li.na", "reviewer"}
    acts = mulu.json("account", "show", "li.na")["events"]
    assert [each["action"] for each in acts] == ["unlock", "lock", "revoke", "add"]
    assert {each["actor"] for each in acts} == {"chief"}


@pytest.mark.parametrize(
    "options",
    [("--role", "approver"), ("--role", "approver", "--register", "330800", "--everywhere"),
     ("--administrator", "--everywhere"), ("--generate", "--password-stdin"), ("--subject", "x", "--generate")],
)  # fmt: skip
def test_what_is_not_said_clearly_is_wrong_usage(mulu: Mulu, options: tuple[str, ...]) -> None:
    mulu("account", "add", "li", *options, code=2)


def test_an_identity_provider_is_named_before_anybody_is_linked(mulu: Mulu) -> None:
    mulu("account", "add", "li.na", "--subject", "8d1f0c2e", "--lang", "en", code=1)
    assert "oidc.issuer is not set" in mulu.said
    mulu.environ.update({"MULU_OIDC_ISSUER": "https://id.example", "MULU_OIDC_CLIENT_ID": "mulu"})
    made = mulu.json("account", "add", "li.na", "--subject", "8d1f0c2e")
    assert (made["subject"], made["has_password"]) == ("https://id.example|8d1f0c2e", False)
    assert "password" not in made
    mulu("account", "link", "reviewer", "8d1f0c2e", "--lang", "en", code=1)
    assert "linked with another account" in mulu.said
    assert mulu.json("account", "unlink", "li.na", "--reason", "left")["subject"] == ""
    linked = mulu.json("account", "link", "reviewer", "8d1f0c2e", "--no-password")
    assert (linked["subject"], linked["has_password"]) == ("https://id.example|8d1f0c2e", False)
    acts = mulu.json("account", "show", "li.na")["events"]
    assert [(each["action"], each["reason"]) for each in acts] == [("unlink", "left"), ("add", "")]


def test_a_password_is_read_from_standard_input(mulu: Mulu) -> None:
    def add(name: str, password: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", "account", "add", name, "--administrator", "--password-stdin", "--json"],
            input=f"{password}\n", env=mulu.variables, capture_output=True, text=True, check=False,
        )  # fmt: skip

    made = add("chief", "a good long one")
    assert made.returncode == 0, made.stderr
    row = json.loads(made.stdout)
    assert (row["has_password"], row["must_change"], "password" in row) == (True, False, False)
    assert add("other", "short").returncode == 1
    assert "chief" in add("chief", "a good long one").stderr


def test_keys_are_shown_once_listed_and_revoked(mulu: Mulu) -> None:
    mulu("account", "add", "bureau", "--role", "viewer", "--register", "330800", "--no-password")
    issued = mulu.json(
        "key", "issue", "bureau", "--label", "harvester", "--register", "330800", "--days", "30"
    )
    assert issued["secret"].startswith("mulu_")
    (listed,) = mulu.json("key", "list", "--account", "bureau")
    assert "secret" not in listed
    assert (listed["permissions"], listed["register"], listed["revoked_at"]) == (
        ["entries.read"],
        "330800",
        None,
    )
    mulu("key", "revoke", str(issued["id"]), "--reason", "lost")
    assert mulu.json("key", "list")[0]["revoked_at"] is not None
    mulu("key", "issue", "bureau", "--label", "x", "--days", "367", code=1)


def test_whom_to_speak_to_and_what_was_spoken(mulu: Mulu, source: str) -> None:
    mulu("source", "contact", "person", source, "--name", "王芳", "--phone", "0570-1234567")
    mulu("source", "contact", "person", source, "--body", "衢州市住房和城乡建设局")
    mulu("source", "contact", "add", source, "周一恢复", "--kind", "call")
    mulu("source", "contact", "add", source, " ", code=1)
    mulu("source", "contact", "person", source, code=2)
    shown = mulu.json("source", "contact", "list", source)
    assert shown["person"] == {
        "name": "王芳", "phone": "0570-1234567", "email": "", "body": "衢州市住房和城乡建设局",
    }  # fmt: skip
    assert [(each["kind"], each["text"]) for each in shown["log"]] == [("call", "周一恢复")]
    assert mulu.json("source", "show", source)["status"] == "approved"
    assert "周一恢复" in mulu("source", "contact", "list", source)
    assert "0570-1234567" not in mulu("audit", "export", "--format", "json")


def test_the_book_is_read_exported_sealed_and_examined(mulu: Mulu, source: str, tmp_path: Path) -> None:
    assert mulu.json("verify", "--audit")["unsealed"] > 0
    sealed = mulu.json("audit", "seal")["sealed"]
    found = mulu.json("verify", "--audit")
    assert (found["sealed"], found["unsealed"], found["breaches"]) == (sealed, 0, [])
    newest, *_ = mulu.json("audit", "list", "--subject", f"source:{source}")
    assert (newest["action"], newest["actor"]) == ("approve", "reviewer")
    shown = mulu.json("audit", "show", str(newest["id"]))
    assert shown["after"]["status"] == "approved" and shown["seal"]
    assert {each["action"] for each in mulu.json("audit", "list", "--action", "submit")} == {"submit"}
    assert mulu.json("audit", "list", "--subject", "source:", "--actor", "reviewer") == [newest]
    assert mulu.json("audit", "list", "--since", "2999-01-01") == []
    assert len(mulu.json("audit", "list", "--until", "2999-01-01", "--limit", "2")) == 2
    rows = list(csv.DictReader(io.StringIO(mulu("audit", "export"))))
    assert len(rows) == sealed and rows[-1]["action"] == "approve"
    lines = mulu("audit", "export", "--format", "json").splitlines()
    assert json.loads(lines[-1])["id"] == newest["id"]
    head = tmp_path / "head.txt"
    head.write_text(mulu("audit", "head"))
    mulu("verify", "--audit", "--head", head)
    behind_its_back(mulu, f"UPDATE events SET actor = 'wang' WHERE id = {newest['id']}")
    (breach,) = mulu.json("verify", "--audit", code=1)["breaches"]
    assert (breach["breach"], breach["event"]) == ("altered", newest["id"])
    behind_its_back(mulu, f"DELETE FROM seals WHERE event_id = {newest['id']}")
    behind_its_back(mulu, f"DELETE FROM events WHERE id = {newest['id']}")
    mulu("verify", "--audit")
    assert [
        each["breach"] for each in mulu.json("verify", "--audit", "--head", head, code=1)["breaches"]
    ] == ["cut"]
    mulu("verify", "--head", head, code=2)
    mulu("verify", "--audit", "--key", "junk", code=1)


def test_an_exported_cell_is_no_formula(mulu: Mulu, source: str) -> None:
    mulu("source", "suspend", source, "--reason", '=HYPERLINK("http://x.example")')
    (row,) = csv.DictReader(io.StringIO(mulu("audit", "export", "--action", "suspend")))
    assert row["reason"].startswith("'=")


def test_the_keys_are_made_with_the_installation(mulu: Mulu) -> None:
    path = mulu.home / "secrets" / "audit.key"
    assert path.stat().st_mode & 0o777 == 0o600
