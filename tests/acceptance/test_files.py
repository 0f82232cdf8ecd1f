"""Files from people: validated, imported, held where too much is missing, decided about."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.acceptance.conftest import Mulu

HEADINGS = (
    "元数据标识符", "信息资源名称", "信息资源摘要", "信息资源提供方", "所属目录", "指导目录项目", "行政区划代码",
    "共享类型", "是否开放",
)  # fmt: skip
PROPERTIES = (
    "<PROPERTIES><项目编号>330802M000100Y42025{number:04d}</项目编号><项目名称>项目{number}</项目名称>"
    "<建设单位>衢州示例建设有限公司</建设单位><行政区划代码>{division}</行政区划代码></PROPERTIES>"
)


def rows(count: int, *, division: str = "330802") -> list[list[str]]:
    return [
        [f"QZ-{number}", f"道路改造工程{number}", "记录项目的基本信息。", "衢州市住房和城乡建设局",
         "项目信息公开目录", "2.1", division, "无条件共享", "开放"]
        for number in range(1, count + 1)
    ]  # fmt: skip


def as_csv(path: Path, lines: Sequence[Sequence[str]], encoding: str = "gb18030") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([HEADINGS, *lines])
    return path


def as_xlsx(path: Path, lines: Sequence[Sequence[str]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (HEADINGS, *lines):
        book.active.append(list(row))
    book.save(path)
    return path


def as_list(path: Path, divisions: Sequence[str]) -> Path:
    records = "".join(
        PROPERTIES.format(number=number, division=division) for number, division in enumerate(divisions, 1)
    )
    text = f'<?xml version="1.0" encoding="GB18030"?><MetaDatas><MetaViewData>{records}</MetaViewData></MetaDatas>'
    path.write_bytes(text.encode("gb18030"))
    return path


def entries(mulu: Mulu) -> int:
    found: int = mulu.json("register", "show", "330800")["entries"]
    return found


def test_validate_tells_place_message_and_hint(bare: Mulu, tmp_path: Path) -> None:
    file = as_list(tmp_path / "清单.xml", ["330802", "339999", "330802"])
    (checked,) = bare.json("validate", file, code=3)["files"]
    assert (checked["prefix"], checked["received"], checked["refused"]) == ("municipal_list", 3, 1)
    (issue,) = [each for each in checked["issues"] if each["severity"] == "error"]
    assert issue["code"] == "division-unknown"
    assert issue["place"].startswith("record 2")
    assert issue["hint"]["zh"]
    assert "GB/T 2260" in bare("validate", file, "--lang", "en", code=3)
    assert not bare.home.exists()


def test_validate_numbers_the_rows_of_tables(bare: Mulu, tmp_path: Path) -> None:
    lines = rows(3)
    lines[1][6] = "339999"
    for file in (as_csv(tmp_path / "t.csv", lines), as_xlsx(tmp_path / "t.xlsx", lines)):
        (checked,) = bare.json("validate", file, code=3)["files"]
        assert [each["place"] for each in checked["issues"]] == ["record 2, line 3"]
    bare("validate", as_csv(tmp_path / "good.csv", rows(3)))


@pytest.mark.parametrize("content", [b"", b"<html><body>login</body></html>", b"<a><b></a>", b"plain text"])
def test_validate_of_what_holds_no_records(bare: Mulu, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file.xml"
    file.write_bytes(content)
    (checked,) = bare.json("validate", file, code=3)["files"]
    assert checked["received"] == 0
    assert checked["issues"]


def test_validate_of_another_document_names_what_it_looked_for(bare: Mulu, tmp_path: Path) -> None:
    (tmp_path / "file.xml").write_bytes(b'<records xmlns="urn:mulu:catalogue:1"/>')
    (checked,) = bare.json("validate", tmp_path / "file.xml", code=3)["files"]
    assert checked["prefix"] == ""
    (issue,) = checked["issues"]
    assert issue["message"]["en"].startswith(
        "the answer holds no element record (urn:mulu:catalogue:1) | dc ("
    )
    assert "PROPERTIES" in issue["message"]["en"]


@pytest.mark.parametrize("name", ["list.xls", "list.zip", "list"])
def test_validate_of_other_files_names_the_kinds(bare: Mulu, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK")
    bare("validate", tmp_path / name, "--lang", "en", code=3)
    assert "only .xml, .csv, .xlsx files are" in bare.said


def test_validate_of_repeats_and_conflicts(bare: Mulu, tmp_path: Path) -> None:
    lines = [*rows(2), rows(1)[0], [*rows(2)[1][:1], "另一名称", *rows(2)[1][2:]]]
    (checked,) = bare.json("validate", as_csv(tmp_path / "t.csv", lines), code=3)["files"]
    assert {each["code"] for each in checked["issues"]} == {"record-repeated", "record-conflict"}
    assert checked["refused"] == 2


@pytest.mark.parametrize("titles", ["abbb", "aabcca"])
def test_validate_judges_repeats_as_an_import_does(mulu: Mulu, tmp_path: Path, titles: str) -> None:
    (row,) = rows(1)
    file = as_csv(tmp_path / "t.csv", [[row[0], title, *row[2:]] for title in titles])
    (checked,) = mulu.json("validate", file, code=3)["files"]
    told = mulu.json("import", "330800", file, code=3)
    assert checked["refused"] == told["runs"][0]["refused"]

    def judged(issues: list[dict[str, Any]]) -> list[tuple[str, str]]:
        messages = [(each["code"], each["message"]["en"]) for each in issues if "record-" in each["code"]]
        return sorted((code, message.replace("0001-t.xml: ", "")) for code, message in messages)

    assert judged(checked["issues"]) == judged(told["issues"])
    conflicts = [message for code, message in judged(checked["issues"]) if code == "record-conflict"]
    assert max(message.count("line ") for message in conflicts) == 4


def test_unknown_columns_stop_an_import(mulu: Mulu, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("junk\n1\n", "utf-8")
    mulu("validate", file, "--lang", "en", code=3)
    assert "junk" in mulu.said
    mulu("import", "330800", file, code=3)
    assert mulu.json("run", "list") == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", ",".join(HEADINGS), "holds headings but no record"),
        ("t.csv", "", "is an empty table"),
        ("t.txt", "a", "only .xml, .zip, .csv, .xlsx files are accepted"),
        ("t.xls", "a", "only .xml, .zip, .csv, .xlsx files are accepted"),
    ],
)
def test_files_that_hold_nothing_to_import(
    mulu: Mulu, tmp_path: Path, name: str, content: str, message: str
) -> None:
    """They end alike: nothing is delivered, no run is made, and the reason is told."""
    (tmp_path / name).write_text(content, "utf-8")
    for full in ((), ("--full",)):
        mulu("import", "330800", tmp_path / name, *full, "--lang", "en", code=3)
        assert message in mulu.said
    assert mulu.json("run", "list") == []
    assert mulu.json("source", "list") == [], "and no source is made of a mistyped heading"


def test_an_archive_that_cannot_be_read_is_in_nobodys_way(mulu: Mulu, tmp_path: Path) -> None:
    (tmp_path / "list.zip").write_bytes(b"PK\3\4cut off")
    mulu("import", "330800", tmp_path / "list.zip", "--lang", "en", code=3)
    assert "is no zip file that can be read" in mulu.said
    (tmp_path / "other.xml").write_text("<other/>")
    assert "record (urn:mulu:catalogue:1)" in mulu("import", "330800", tmp_path / "other.xml", code=3)
    mulu("import", "330800", as_csv(tmp_path / "t.csv", rows(3)))
    assert entries(mulu) == 3


def test_a_workbook_with_numbers_cut_short_is_not_imported(mulu: Mulu, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([*HEADINGS, "项目编码"])
    book.active.append([*rows(1)[0], 330106202400010001])
    book.save(tmp_path / "t.xlsx")
    for command in (["validate"], ["import", "330800"]):
        mulu(*command, tmp_path / "t.xlsx", "--lang", "en", code=3)
        assert "row 2, column 10: a number of more than 15 digits" in mulu.said
    assert mulu.json("run", "list") == []


def test_import_of_tables(mulu: Mulu, tmp_path: Path) -> None:
    (first,) = mulu.json("import", "330800", as_csv(tmp_path / "t.csv", rows(3)))["runs"]
    assert (first["source"], first["status"], first["accepted"]) == ("import-330800", "published", 3)
    mulu("import", "330800", as_xlsx(tmp_path / "t.xlsx", rows(5)[2:]))
    assert entries(mulu) == 5
    assert len(mulu.json("run", "list")) == 2, "one for each delivery"
    shown = mulu.json("entry", "show", "330800", "oai:import.r330800:QZ-5")
    assert (shown["title"], shown["division"]) == ("道路改造工程5", "330802")
    acts = mulu.json("source", "show", "import-330800")["events"]
    assert [(each["actor"].partition(":")[0], each["action"]) for each in reversed(acts)][:3] == [
        ("mulu", "add"),
        ("mulu", "submit"),
        ("cli", "approve"),
    ]
    mulu("verify")


def test_import_of_lists_tells_what_was_refused(mulu: Mulu, tmp_path: Path) -> None:
    file = as_list(tmp_path / "清单.xml", ["330802", "339999", "420100"])
    told = mulu.json("import", "330800", "--prefix", "municipal_list", file, code=3)
    assert (told["runs"][0]["accepted"], told["runs"][0]["refused"]) == (1, 2)
    assert {each["code"] for each in told["issues"]} >= {"division-unknown", "division-foreign"}
    assert entries(mulu) == 1


def test_tables_are_never_in_another_format(mulu: Mulu, tmp_path: Path) -> None:
    file = as_csv(tmp_path / "t.csv", rows(1))
    mulu("import", "330800", "--prefix", "municipal_list", file, code=2)


@pytest.fixture
def held(mulu: Mulu, tmp_path: Path) -> int:
    """A held run: a complete list from which 27 of 30 are missing."""
    mulu("import", "330800", as_csv(tmp_path / "all.csv", rows(30)), "--full")
    assert entries(mulu) == 30
    (run,) = mulu.json("import", "330800", as_csv(tmp_path / "few.csv", rows(3)), "--full", code=4)["runs"]
    assert run["status"] == "held"
    assert "27" in run["hold_reasons"][0]["en"]
    assert [each["id"] for each in mulu.json("run", "list", "--status", "held")] == [run["run"]]
    return int(run["run"])


def test_a_held_run_is_released(mulu: Mulu, held: int) -> None:
    assert "27" in mulu("run", "show", str(held))
    mulu("run", "release", str(held), "--reason", "confirmed")
    shown = mulu.json("run", "show", str(held))
    assert (shown["status"], shown["decided_by"].partition(":")[0]) == ("published", "cli")
    assert entries(mulu) == 30, "absence counts only when it lasts"
    mulu("run", "release", str(held), code=1)
    mulu("verify")


def test_a_held_run_is_refused(mulu: Mulu, held: int) -> None:
    mulu("run", "refuse", str(held), code=2)
    mulu("run", "refuse", str(held), "--reason", "cut off", "--as", "reviewer")
    shown = mulu.json("run", "show", str(held))
    assert (shown["status"], shown["decided_by"]) == ("refused", "reviewer")
    assert [each["action"] for each in shown["events"]] == ["refuse"]
    assert entries(mulu) == 30


def test_a_published_run_is_undone(mulu: Mulu, tmp_path: Path) -> None:
    (run,) = mulu.json("import", "330800", as_csv(tmp_path / "t.csv", rows(4)))["runs"]
    inverse = mulu.json("run", "undo", str(run["run"]), "--reason", "wrong file")
    assert (inverse["cause"], inverse["undoes"]) == ("undo", run["run"])
    assert (inverse["taken_back"], inverse["left_alone"], inverse["tally"]["deleted"]) == (4, 0, 4)
    assert inverse["finished_at"]
    assert entries(mulu) == 0
    mulu("run", "undo", str(inverse["id"]), "--reason", "x", code=1)
    (again,) = mulu.json("import", "330800", as_csv(tmp_path / "t.csv", rows(4)), code=4)["runs"]
    assert (again["accepted"], again["declined"]) == (4, 4)
    assert "mulu source lift import-330800" in mulu.said
    assert entries(mulu) == 0, "what was undone is not proposed again"
    told = mulu.json("harvest", "import-330800")
    assert told[0]["declined"] == 0
    mulu("source", "lift", "import-330800", "oai:import.r330800:QZ-1")
    (lifted,) = mulu.json("import", "330800", as_csv(tmp_path / "t.csv", rows(4)), code=4)["runs"]
    assert (lifted["declined"], entries(mulu)) == (3, 1)
    mulu("verify")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_that_was_exported_is_imported_again(mulu: Mulu, tmp_path: Path, kind: str) -> None:
    """The same records, in another register: their texts, dates, codes, and what looks like a formula."""
    lines = rows(3)
    lines[1][1], lines[2][2] = "=1+1", "-5；甲，乙"
    assert mulu.json("import", "330800", as_csv(tmp_path / "table.csv", lines))["runs"][0]["accepted"] == 3
    file = tmp_path / f"export.{kind}"
    mulu("export", "330800", "--format", kind, "-o", file)
    mulu("register", "add", "330000", "--name", "浙江省", "--level", "provincial")
    (run,) = mulu.json("import", "330000", file)["runs"]
    assert (run["accepted"], run["refused"]) == (3, 0)
    documents = [
        mulu("export", code, "--format", "catalogue").splitlines()[2:] for code in ("330800", "330000")
    ]
    assert documents[0] == documents[1] and len(documents[0]) == 4
    assert "<resTitle>=1+1</resTitle>" in "".join(documents[0])


def test_what_a_table_cannot_hold_is_told(harvested: Mulu, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    harvested("export", "330800", "--format", "csv", "-o", file, "--lang", "en", code=4)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        exported = list(csv.DictReader(stream))
    assert f"exported {len(exported)} records" in harvested.said
    assert "--format catalogue" in harvested.said
    assert harvested("export", "330800").count("<mdId>") == len(exported)
