"""What people do to sources behind their approval: amend, retire, lift; and that the registers above follow."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from registry.model.event import Actor
from registry.services import ordering
from registry.store import leases
from registry.store.engine import Engines, open_engines, transaction
from tests.acceptance.conftest import Mulu


@contextmanager
def store_of(mulu: Mulu) -> Iterator[Engines]:
    """The store of an installation, behind the back of its command line."""
    engines = open_engines(mulu.environ["MULU_DATABASE_URL"] or f"sqlite:///{mulu.home / 'mulu.sqlite3'}")
    yield engines
    engines.dispose()


def entries(mulu: Mulu, *registers: str) -> list[int]:
    return [mulu.json("register", "show", each)["entries"] for each in registers]


def test_a_schedule_is_amended_without_approval(mulu: Mulu, source: str) -> None:
    mulu("harvest", source)
    assert mulu.json("source", "show", source)["due_at"] is None
    told = mulu("source", "amend", source, "--schedule", "every 6h", "--name", "衢州", "--lang", "en")
    assert "approve" not in told
    shown = mulu.json("source", "show", source)
    assert (shown["status"], shown["schedule"], shown["name"]) == ("approved", "every 6h", "衢州")
    assert shown["due_at"] is not None
    cleared = mulu.json("source", "amend", source, "--schedule", "")
    assert (cleared["schedule"], cleared["due_at"]) == ("", None)


def test_another_place_must_be_approved_again(mulu: Mulu, source: str) -> None:
    mulu("harvest", source)
    before = entries(mulu, "330800")
    told = mulu("source", "amend", source, "--set", "credit", "--lang", "en")
    assert f"mulu source approve {source}" in told
    assert "amend" in mulu.json("source", "show", source)["possible"]
    mulu("harvest", source, code=1)
    mulu("source", "approve", source, code=1)
    mulu("source", "reject", source, "--as", "reviewer", "--reason", "no")
    assert "retire" in mulu.json("source", "show", source)["possible"]
    assert entries(mulu, "330800") == before
    told = mulu("source", "amend", source, "--set", "", "--lang", "en")
    assert f"mulu source submit {source}" in told
    mulu("source", "retire", source, "--yes", "--reason", "given up")
    assert entries(mulu, "330800") == [0]
    mulu("verify")


def test_a_list_is_replaced_or_cleared(mulu: Mulu, source: str) -> None:
    amended = mulu.json("source", "amend", source, "--division", "330802", "--division", "330803")
    assert (amended["divisions"], amended["allowed_networks"]) == (["330802", "330803"], ["127.0.0.1/32"])
    assert mulu.json("source", "amend", source, "--division", "")["divisions"] == []


@pytest.mark.parametrize(
    ("options", "code"),
    [((), 2), (("--prefix", "junk"), 2), (("--division", "999999"), 1), (("--schedule", "often"), 1)],
)
def test_an_amendment_that_cannot_be_meant_changes_nothing(
    mulu: Mulu, source: str, options: tuple[str, ...], code: int
) -> None:
    before = mulu.json("source", "show", source)
    mulu("source", "amend", source, *options, code=code)
    assert mulu.json("source", "show", source) == before


def test_retiring_tells_what_it_takes_away(mulu: Mulu, source: str, province: str) -> None:
    mulu("harvest", source)
    before = entries(mulu, "330800", province)
    live = mulu.json("source", "show", source)["live"]
    assert min(before) > 50
    mulu("source", "retire", source, "--lang", "en", code=1)
    assert "reason" in mulu.said
    mulu("source", "retire", source, "--reason", "closed", "--lang", "en", code=2)
    assert "--yes" in mulu.said
    assert f"{live} live records" in mulu.said
    assert province in mulu.said
    assert entries(mulu, "330800", province) == before
    retired = mulu.json("source", "retire", source, "--reason", "closed", "--yes")
    assert (retired["status"], retired["live"]) == ("retired", 0)
    assert entries(mulu, "330800", province) == [0, 0]
    mulu("verify")


@pytest.mark.parametrize(("answer", "status", "code"), [(b"n\n", "approved", 1), (b"y\n", "retired", 0)])
def test_retiring_asks_at_a_terminal(mulu: Mulu, source: str, answer: bytes, status: str, code: int) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    command = [sys.executable, "-m", "cli", "source", "retire", source, "--reason", "closed"]
    ended = subprocess.run(command, stdin=theirs, env=mulu.variables, capture_output=True, check=False)
    os.close(ours)
    os.close(theirs)
    assert ended.returncode == code, ended.stderr
    assert mulu.json("source", "show", source)["status"] == status


def test_what_is_undone_is_undone_above_and_may_be_lifted(mulu: Mulu, source: str, province: str) -> None:
    mulu("harvest", source)
    assert min(entries(mulu, "330800", province)) > 50
    (run,) = mulu.json("run", "list", "--source", source)
    mulu("run", "undo", str(run["id"]), "--reason", "wrong")
    assert entries(mulu, "330800", province) == [0, 0]
    identifier = "oai:quzhou.example:330800-P-00001"
    lifted = mulu.json("source", "lift", source, identifier, "--as", "reviewer")
    assert lifted == {"source": source, "identifier": identifier, "lifted": 1}
    assert "0" not in mulu("source", "lift", source, "oai:quzhou.example:other", "--lang", "en")
    acts = mulu.json("source", "show", source)["events"]
    assert ("reviewer", "lift") in [(each["actor"], each["action"]) for each in acts]
    mulu("harvest", source)
    assert entries(mulu, "330800", province) == [1, 1]
    mulu("verify")


def test_the_registers_above_wait_for_who_serves(mulu: Mulu, source: str, province: str) -> None:
    mulu("harvest", source)
    before = entries(mulu, province)
    with store_of(mulu) as engines, transaction(engines.write) as connection:
        leases.take(connection, "schedule", "another", datetime.now(UTC), timedelta(hours=1))
    mulu("source", "retire", source, "--yes", "--reason", "closed", "--lang", "en")
    assert "mulu serve" in mulu.said
    assert [entries(mulu, "330800"), entries(mulu, province)] == [[0], before]


def test_an_order_behind_which_its_source_was_suspended_says_so(mulu: Mulu, source: str) -> None:
    with store_of(mulu) as engines:
        ordering.order_harvest(engines.write, source, full=False, actor=Actor("wang"), now=datetime.now(UTC))
    mulu("source", "suspend", source, "--reason", "maintenance")
    (ended,) = mulu.json("harvest", "--all", code=1)
    assert (ended["status"], ended["run"]) == ("failed", None)
    assert "suspended" in ended["message"]["en"]
    assert mulu.json("run", "list") == []


def test_show_tells_who_owns_what(mulu: Mulu) -> None:
    described = ("--register", "330800", "--name", "局", "--protocol", "folder", "--location", "/srv/x")
    mulu(
        "source",
        "add",
        "owner",
        *described,
        "--identifier-prefix",
        "oai:owner.cn:",
        "--namespace",
        "owner.cn",
    )
    mulu("source", "submit", "owner")
    mulu("source", "add", "other", *described)
    assert mulu.json("source", "show", "owner")["approved_prefixes"] == []
    assert mulu.json("source", "show", "other")["owned_elsewhere"] == []
    mulu("source", "approve", "owner", "--as", "reviewer")
    assert mulu.json("source", "show", "owner")["approved_prefixes"] == ["oai:owner.cn:"]
    owned = [{"prefix": "oai:owner.cn:", "owner": "owner"}]
    assert mulu.json("source", "show", "other")["owned_elsewhere"] == owned
    assert "oai:owner.cn: (owner)" in mulu("source", "show", "other")
    mulu("register", "add", "330000", "--name", "省", "--level", "provincial")
    reading = ("--register", "330000", "--name", "市", "--protocol", "register", "--location", "330800")
    mulu("source", "add", "reading", *reading)
    assert mulu.json("source", "show", "reading")["inherited_prefixes"] == ["oai:owner.cn:"]
    assert mulu.json("source", "show", "owner")["inherited_prefixes"] == []


def test_categories_are_those_of_the_catalogues(mulu: Mulu, source: str) -> None:
    described = ("--register", "330800", "--name", "局", "--protocol", "folder", "--location", "/srv/x")
    mulu("source", "add", "other", *described, "--category", "credit:9.9", "--lang", "en", code=1)
    assert "credit:9.9 is no category" in mulu.said
    mulu("source", "add", "other", *described, "--category", "credit:6.2", "--category", "project")
    rule = ("330800", "--source", source, "--reason", "so", "--lang", "en")
    mulu("register", "authority", "add", *rule, "--category", "penalties", code=1)
    assert "penalties is no category" in mulu.said
