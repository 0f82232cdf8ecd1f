"""What a harvest did not do is told by the command that ran it, and by its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harvester import worker
from registry.model.order import Order
from tests.acceptance.conftest import Mulu
from tests.acceptance.test_files import as_csv, as_list, rows


def _folder(mulu: Mulu, location: Path, *namespace: str) -> None:
    location.mkdir()
    mulu("source", "add", "f", "--register", "330800", "--name", "f", "--protocol", "folder",
         "--location", location, "--prefix", "municipal_list", *namespace)  # fmt: skip


def _approved(mulu: Mulu, location: Path) -> None:
    _folder(mulu, location, "--namespace", "f.example")
    mulu("source", "submit", "f")
    mulu("source", "approve", "f", "--as", "reviewer")


def _deliver(location: Path, name: str, *divisions: str, scope: str = "delta") -> None:
    (location / name).mkdir()
    as_list(location / name / "list.xml", divisions)
    manifest = {"scope": scope, "created": "2026-01-01T02:00:00Z"}
    (location / name / "manifest.json").write_text(json.dumps(manifest))


def test_what_lies_beside_deliveries_is_told_although_one_came(mulu: Mulu, tmp_path: Path) -> None:
    folder = tmp_path / "deliveries"
    _approved(mulu, folder)
    _deliver(folder, "2026-01-03", "330802")
    (folder / "stray.xml").write_text("<x/>")
    (run,) = mulu.json("harvest", "f")
    assert (run["status"], [each["code"] for each in run["issues"]]) == (
        "published",
        ["delivery-file-beside"],
    )
    assert "stray.xml" in mulu.said
    shown = mulu.json("run", "show", str(run["run"]))
    assert [each["code"] for each in shown["issues"]] == ["delivery-file-beside"]

    (folder / "stray.xml").unlink()
    _deliver(folder, "2026-01-02", "330802", "330803")
    for _ in range(2):  # until somebody does something about it
        (run,) = mulu.json("harvest", "f")
        assert (run["ending"], [each["code"] for each in run["issues"]]) == (
            "not modified",
            ["delivery-late"],
        )
        assert "2026-01-02" in mulu.said
    (tried,) = mulu.json("harvest", "f", "--dry-run")
    assert [each["code"] for each in tried["issues"]] == ["delivery-late"]
    read = mulu.json("harvest", "f", "--full")
    assert [(each["received"], each["issues"]) for each in read] == [(2, []), (1, [])]
    assert mulu.json("register", "show", "330800")["entries"] == 2


def test_a_harvest_of_which_nothing_was_accepted_ends_with_3(mulu: Mulu, tmp_path: Path) -> None:
    folder = tmp_path / "deliveries"
    _approved(mulu, folder)
    _deliver(folder, "2026-01-01", "339999", "339999")
    (tried,) = mulu.json("harvest", "f", "--dry-run", code=3)
    (run,) = mulu.json("harvest", "f", code=3)
    for each in (tried, run):
        assert (each["received"], each["refused"], each["nothing_accepted"]) == (2, 2, True)
        assert [issue["code"] for issue in each["issues"]] == ["nothing-accepted"]
    assert run["status"] == "published"
    _deliver(folder, "2026-01-02", "339999", "330802")
    (run,) = mulu.json("harvest", "f")
    assert (run["refused"], run["accepted"], run["issues"]) == (1, 1, [])
    assert mulu.json("harvest", "f")[0]["nothing_accepted"] is False


def test_a_delivery_that_cannot_be_read_is_told_and_stands_in_nobodys_way(mulu: Mulu, tmp_path: Path) -> None:
    folder = tmp_path / "deliveries"
    _approved(mulu, folder)
    _deliver(folder, "2026-01-01", "330802", "330803")
    (folder / "2026-01-01" / "more.zip").write_bytes(b"PK\3\4cut off")
    (run,) = mulu.json("harvest", "f", code=1)
    assert (run["received"], run["ending"]) == (0, "protocol")
    assert "more.zip" in run["message"]["en"]
    _deliver(folder, "2026-01-02", "330803")
    (run,) = mulu.json("harvest", "f")
    assert (run["status"], run["accepted"]) == ("published", 1)
    (folder / "2026-01-01" / "more.zip").unlink()
    mulu("harvest", "f", "--full")
    assert mulu.json("register", "show", "330800")["entries"] == 2


def _titles(*titles: str) -> list[list[str]]:
    return [[row[0], title, *row[2:]] for row, title in zip(rows(len(titles)), titles, strict=True)]


def test_an_undo_tells_how_much_it_took_back_and_what_it_left_alone(mulu: Mulu, tmp_path: Path) -> None:
    runs = [
        mulu.json("import", "330800", as_csv(tmp_path / "t.csv", _titles(*titles)))["runs"][0]["run"]
        for titles in (
            ("甲", "乙", "丙"),
            ("甲", "乙一", "丙一"),
            ("甲", "乙二", "丙一"),
            ("甲", "乙二", "丙二"),
        )
    ]
    said = mulu("run", "undo", str(runs[1]), "--reason", "x", "--lang", "en", code=4)
    assert "0 records taken back, 2 left alone" in said
    said = mulu("run", "undo", str(runs[0]), "--reason", "x", "--lang", "en")
    assert "1 records taken back, 2 left alone" in said
    (newest,) = mulu.json("run", "list", "--limit", "1")
    assert f"mulu run changes {newest['id']}" in said
    shown = mulu.json("run", "show", str(newest["id"]))
    assert (shown["tally"]["deleted"], shown["tally"]["outdated"]) == (1, 2)
    assert shown["finished_at"] == shown["published_at"]
    listed = mulu.json("run", "changes", str(newest["id"]))
    assert sorted(each["action"] for each in listed) == ["deleted", "outdated", "outdated"]
    mulu("verify")


def test_an_entry_of_which_a_later_text_was_refused_is_told_to_be_stale(mulu: Mulu, tmp_path: Path) -> None:
    where = ("330800", "oai:import.r330800:QZ-1")

    def told() -> tuple[bool, bool, bool]:
        (ranked,) = mulu.json("entry", "explain", *where)
        lines = mulu("entry", "show", *where, "--lang", "en").splitlines()
        (line,) = [each for each in lines if each.startswith("stale")]
        listed = mulu("entry", "explain", *where)  # of its marks only this one may be set
        assert ("✓" in line) == ("✓" in listed) and "其后被拒绝" in listed
        return mulu.json("entry", "show", *where)["stale"], ranked["stale"], "✓" in line

    def bring(title: str, division: str, code: int = 0) -> None:
        lines = [[row[0], title, *row[2:]] for row in rows(1, division=division)]
        mulu("import", "330800", as_csv(tmp_path / "t.csv", lines), code=code)

    bring("甲", "330802")
    assert told() == (False, False, False)
    bring("甲", "339999", code=3)
    assert told() == (True, True, True)
    assert mulu.json("entry", "show", *where)["title"] == "甲"
    bring("乙", "330802")
    assert told() == (False, False, False)
    bring("乙", "339999", code=3)
    assert mulu.json("entry", "show", *where, "--at", "1")["stale"] is False
    bring("乙", "330802")
    assert told() == (False, False, False)


def test_a_source_that_could_mint_no_identifier_is_not_submitted(mulu: Mulu, tmp_path: Path) -> None:
    _folder(mulu, tmp_path / "deliveries")
    mulu("source", "submit", "f", code=1)
    assert "--namespace" in mulu.said
    mulu("source", "amend", "f", "--namespace", "f.example")
    mulu("source", "submit", "f")
    mulu("source", "amend", "f", "--namespace", "")
    mulu("source", "approve", "f", "--as", "reviewer", code=1)
    assert mulu.json("source", "show", "f")["status"] == "submitted"


@pytest.fixture
def two(mulu: Mulu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mulu:
    """Two sources, over one of which the program stumbles."""
    for code in ("good", "stumbling"):
        folder = tmp_path / code
        folder.mkdir()
        _deliver(folder, "2026-01-01", "330802")
        mulu("source", "add", code, "--register", "330800", "--name", code, "--protocol", "folder",
             "--location", folder, "--prefix", "municipal_list", "--namespace", f"{code}.example")  # fmt: skip
        mulu("source", "submit", code)
        mulu("source", "approve", code, "--as", "reviewer")
    harvest = worker.Worker._harvest

    def stumble(self: worker.Worker, order: Order, *arguments: Any) -> worker.Outcome:
        if order.source is not None and order.source.code == "stumbling":
            raise RuntimeError("a bug\nof ours")
        return harvest(self, order, *arguments)

    monkeypatch.setattr(worker.Worker, "_harvest", stumble)
    return mulu


@pytest.mark.parametrize("codes", [("stumbling", "good"), ("good", "stumbling")])
def test_a_failure_of_ours_hides_nothing_of_the_others(two: Mulu, codes: tuple[str, str]) -> None:
    rows = {each["source"]: each for each in two.json("harvest", *codes, "--workers", "1", code=1)}
    assert (rows["good"]["status"], rows["good"]["received"], rows["good"]["failed_here"]) == (
        "published",
        1,
        False,
    )
    broken = rows["stumbling"]
    assert (broken["status"], broken["run"], broken["register"], broken["failed_here"]) == (
        "failed",
        None,
        "330800",
        True,
    )
    for language, way_out in (("zh", "请运行 mulu doctor"), ("en", "Run `mulu doctor`")):
        assert "RuntimeError: a bug" in broken["message"][language]
        assert way_out in broken["message"][language]
    assert "请运行 mulu doctor" in two.said


def test_a_failure_of_ours_is_told_behind_the_table(two: Mulu) -> None:
    table = two("harvest", "stumbling", "good", "--lang", "en", code=1)
    assert "published" in table and "RuntimeError: a bug" in table
    last = two.said.splitlines()[-1]
    assert last.startswith("stumbling: a failure of this program (RuntimeError: a bug)")
