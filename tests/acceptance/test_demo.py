"""``mulu demo --once --json``: what it prints, and that running it again changes nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

import msgspec
from click.testing import CliRunner

import cli
from registry.commands.session import Session
from registry.model.delivery import DeliveryState
from registry.model.inspection import Previewed
from registry.services.passwords import matches
from registry.store import accounts, deliveries, orders, sources
from registry.store.engine import open_engines
from tests.acceptance.conftest import Mulu

PEOPLE = {"lin.mu", "chen.jing", "wu.fan", "he.ping", "zhou.yi", "xu.min", "gao.yuan"}

FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "code": str,
    "name": str,
    "level": str,
    "sources": int,
    "received": int,
    "accepted": int,
    "refused": int,
    "entries": int,
    "last_sequence": int,
    "verdict": str,
    "seconds": (int, float),
}


def test_the_sample_is_harvested_upward_and_again_without_a_change(bare: Mulu) -> None:
    first = bare.json("demo", "--once")
    assert list(first) == ["registers"]
    registers: list[dict[str, Any]] = first["registers"]
    for each in registers:
        assert list(each) == list(FIELDS)
        assert all(isinstance(each[name], kind) for name, kind in FIELDS.items())
    _check_levels(registers)
    _check_counts({each["code"]: each for each in registers})
    _check_situations(bare)
    bare("verify")
    second = bare.json("demo", "--once")["registers"]
    kept = ("code", "sources", "entries", "last_sequence", "verdict")
    assert [[each[name] for name in kept] for each in second] == [
        [each[name] for name in kept] for each in registers
    ]
    _check_situations(bare)
    _check_what_was_wrong(bare)


def _check_levels(registers: list[dict[str, Any]]) -> None:
    levels = [(each["level"], each["code"], each["sources"]) for each in registers]
    assert levels[:3] == [
        ("national", "000000", 2),
        ("provincial", "330000", 11),
        ("provincial", "420000", 4),
    ]
    assert [code for level, code, _ in levels if level == "municipal"] == [
        *(f"33{number:02d}00" for number in range(1, 12)),
        "420100", "420200", "420500", "429004",
    ]  # fmt: skip
    assert levels[-1] == ("county", "330127", 1)
    assert {code: count for _, code, count in levels}["330100"] == 2


def _check_counts(by_code: dict[str, dict[str, Any]]) -> None:
    assert {each["verdict"] for each in by_code.values()} == {"complete"}
    for each in by_code.values():
        assert each["received"] >= each["accepted"] + each["refused"] > 0
        assert 0 < each["entries"] <= each["last_sequence"]
    nation = by_code["000000"]
    assert nation["entries"] == by_code["330000"]["entries"] + by_code["420000"]["entries"]
    assert nation["received"] == nation["accepted"] == nation["entries"]
    assert by_code["330100"]["refused"] == 7
    assert by_code["420200"]["refused"] == by_code["429004"]["refused"] == 3
    assert by_code["330500"]["refused"] == 0


def _check_what_was_wrong(mulu: Mulu) -> None:
    """Every fault of the sample shows in the capital's first run, and nothing leaves that must not."""
    (first,) = [each for each in mulu.json("run", "list", "--source", "hangzhou-330100") if each["received"]]
    codes = {each["code"] for each in mulu.json("run", "show", str(first["id"]))["issues_by_code"]}
    assert codes == {
        "credit-code-invalid", "division-unknown", "division-foreign", "schema-missing", "record-repeated",
        "record-conflict", "text-citizen-number", "secrecy", "date-order", "link-scheme",
    }  # fmt: skip
    exported = mulu("export", "000000", "--audience", "peer")
    for hidden in ("11010519491231002X", "javascript:", "秘密", "contact@example.invalid", "张三"):
        assert hidden not in exported
    assert "𠮷溪村" in exported


def _check_situations(mulu: Mulu) -> None:
    """Somebody of each role, a source that waits, one that fails, and a run that is held: once, also after a second
    demonstration."""
    people = {each["name"]: each["roles"] for each in mulu.json("account", "list")}
    roles = {role["role"] for held in people.values() for role in held}
    assert roles == {"administrator", "submitter", "operator", "approver", "auditor", "viewer"}
    kept = json.loads((mulu.home / "sample.people").read_bytes())
    assert kept.keys() == people.keys() == PEOPLE
    assert (mulu.home / "sample.people").stat().st_mode & 0o077 == 0
    (waiting,) = mulu.json("source", "list", "--status", "submitted")
    assert (waiting["code"], waiting["submitted_by"]) == ("pinghu-330482", "wu.fan")
    (failing,) = [each for each in mulu.json("source", "list") if each["health"] == "failing"]
    assert (failing["code"], failing["failures"]) == ("yangxin-420222", 3)
    (held,) = mulu.json("run", "list", "--status", "held")
    assert (held["source"], held["verdict"]) == ("haining-330481", "complete")
    _check_handed_in(mulu)


def _check_handed_in(mulu: Mulu) -> None:
    """An office without an endpoint has a table to deliver, one row of which is wrong."""
    engines = open_engines(mulu.environ["MULU_DATABASE_URL"] or f"sqlite:///{mulu.home / 'mulu.sqlite3'}")
    with engines.read.connect() as connection:
        source = sources.get(connection, "haiyan-330424")
        (kept,) = deliveries.of_source(connection, source.description.id, before=None, limit=2)
        assert kept.order_id is not None
        order = orders.placed(connection, kept.order_id)
    engines.dispose()
    assert order is not None and order.outcome is not None
    found = msgspec.convert(order.outcome, Previewed)
    assert (kept.state, kept.handed_in_by) == (DeliveryState.KEPT, "wu.fan")
    assert found.was_read and (found.tally.refused, found.tally.created) == (1, found.tally.received - 1)
    assert found.tally.created > 5
    assert [each.code for each in found.rows] == ["division-unknown"]


def test_people_are_told_how_to_sign_in(bare: Mulu) -> None:
    """Who serves the demonstration sees every account with a password that opens it."""
    session = cli.new_session()
    served: list[Session] = []
    session.serve = served.append
    told = CliRunner().invoke(cli.mulu, ["demo"], obj=session, env=bare.environ)
    assert told.exit_code == 0
    assert served == [session]
    assert "/admin/" in told.stderr
    lines = [each.split() for each in told.stdout.splitlines()]
    passwords = {each[0]: each[1] for each in lines if each and each[0] in PEOPLE}
    assert passwords.keys() == PEOPLE
    engines = open_engines(bare.environ["MULU_DATABASE_URL"] or f"sqlite:///{bare.home / 'mulu.sqlite3'}")
    for name, password in passwords.items():
        with engines.read.connect() as connection:
            account = accounts.get(connection, name)
            assert matches(password, accounts.password_hash(connection, account.id))
    engines.dispose()


def test_a_taken_port_is_told_before_anything_is_harvested(bare: Mulu) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        bare("demo", "--port", str(other.getsockname()[1]), code=1)
    assert "--port" in bare.said
    assert bare.json("register", "list") == []
