"""Tables in the child: what people hand in becomes a document there, and what is hostile ends there."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from harvester.sandbox import SandboxLimits, Tabulator
from harvester.sandbox.workbook import sample_workbook
from harvester.tables.sheets import SheetLimits, TableRefused
from schemas.xsd import NAMESPACE
from tests.tables import tabulate_here
from tests.unit.harvester.sandbox import impostor
from tests.unit.registry.formats.test_columns import MINIMAL

LIMITS = SandboxLimits()


def workbook(path: Path, rows: int) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(MINIMAL))
    for number in range(rows):
        book.active.append(list((MINIMAL | {"mdId": f"x{number}"}).values()))
    book.save(path)
    return path


def text(path: Path, rows: int, encoding: str = "utf-8") -> Path:
    head = ",".join(MINIMAL)
    lines = [",".join((MINIMAL | {"mdId": f"x{number}"}).values()) for number in range(rows)]
    path.write_bytes("\n".join((head, *lines)).encode(encoding))
    return path


def crafted(path: Path, members: Mapping[str, bytes], size: int = 0) -> Path:
    """A workbook whose ``members`` are others than in the sample; ``size``: a member of so many zeros besides."""
    with zipfile.ZipFile(io.BytesIO(sample_workbook())) as old, zipfile.ZipFile(path, "w", 8) as new:
        for each in old.infolist():
            new.writestr(each.filename, members.get(each.filename, old.read(each)))
        if size:
            with new.open("xl/media/zeros.bin", "w") as member:
                for _ in range(size >> 20):
                    member.write(bytes(1 << 20))
    return path


@pytest.mark.parametrize("kind", ["xlsx", "utf-8", "gb18030"])
def test_a_table_becomes_the_same_document_as_without_a_process(tmp_path: Path, kind: str) -> None:
    file = tmp_path / ("table.xlsx" if kind == "xlsx" else "table.csv")
    table = workbook(file, 600) if kind == "xlsx" else text(file, 600, kind)
    assert Tabulator()(table, tmp_path / "in-a-child.xml") == 600
    assert tabulate_here(table, tmp_path / "here.xml") == 600
    document = (tmp_path / "in-a-child.xml").read_bytes()
    assert document == (tmp_path / "here.xml").read_bytes()
    assert len(etree.fromstring(document).findall(f"{{{NAMESPACE}}}record")) == 600


SHEET = "xl/worksheets/sheet1.xml"
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
_BOMB = b"".join(
    [b'<!DOCTYPE a [<!ENTITY e0 "aaaaaaaaaa">']
    + [b'<!ENTITY e%d "%b">' % (each, b"&e%d;" % (each - 1) * 10) for each in range(1, 10)]
    + [b"]>"]
)
_FILE = b'<!DOCTYPE a [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>'
_ROOT = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize("declared", [_BOMB, _FILE], ids=["entities", "file"])
@pytest.mark.parametrize("member", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("before", [0, (1 << 16) - 45, 1 << 17])
def test_a_document_type_is_refused_wherever_it_stands(
    tmp_path: Path, declared: bytes, member: str, before: int
) -> None:
    """At the beginning, behind a comment, and across two pieces that are looked at one by one."""
    comment = b"<!--%b-->" % (b"x" * (before - 7)) if before else b""
    table = crafted(tmp_path / "table.xlsx", {member: _HEAD + comment + declared + _ROOT})
    with pytest.raises(TableRefused, match="declares a document type"):
        tabulate_here(table, tmp_path / "document.xml")


def test_hostile_workbooks_end_in_the_child(tmp_path: Path) -> None:
    """Entities, a zip bomb, and more texts than memory holds; the next table has another child."""
    tabulator = Tabulator(LIMITS, SheetLimits(inflated_bytes=64 << 20))
    entities = crafted(tmp_path / "entities.xlsx", {SHEET: _HEAD + _BOMB + _ROOT})
    with pytest.raises(TableRefused, match="declares a document type"):
        tabulator(entities, tmp_path / "1.xml")
    bomb = crafted(tmp_path / "bomb.xlsx", {}, size=65 << 20)
    assert bomb.stat().st_size < 1 << 20
    with pytest.raises(TableRefused, match="longer than"):
        tabulator(bomb, tmp_path / "2.xml")
    assert tabulator(workbook(tmp_path / "good.xlsx", 1), tmp_path / "3.xml") == 1


def test_a_table_that_needs_more_memory_than_a_child_has_is_refused(tmp_path: Path) -> None:
    strings = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%b</sst>' % (
        b"<si><t>%b</t></si>" % (b"x" * 1000) * 200_000
    )
    table = crafted(tmp_path / "table.xlsx", {"xl/sharedStrings.xml": _HEAD + strings})
    small = replace(LIMITS, memory_bytes=200 << 20)
    with pytest.raises(TableRefused, match="memory limit"):
        Tabulator(small)(table, tmp_path / "document.xml")


def test_a_table_that_is_too_long_is_not_even_sent(tmp_path: Path) -> None:
    table = text(tmp_path / "table.csv", 1)
    size = table.stat().st_size
    assert Tabulator(LIMITS, SheetLimits(file_bytes=size))(table, tmp_path / "1.xml") == 1
    nobody = ("/nowhere/at-all",)
    with pytest.raises(TableRefused, match="longer than"):
        Tabulator(LIMITS, SheetLimits(file_bytes=size - 1), nobody)(table, tmp_path / "2.xml")


def test_what_is_wrong_is_told_as_without_a_process(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("mdId,junk\n1,2\n")
    with pytest.raises(TableRefused, match="unknown columns junk"):
        Tabulator()(table, tmp_path / "document.xml")


@pytest.mark.parametrize("role", ["attach_false_raw", "say_garbage"])
def test_a_child_that_says_what_nobody_asked_for_is_not_believed(tmp_path: Path, role: str) -> None:
    table = text(tmp_path / "table.csv", 1)
    with pytest.raises(TableRefused, match="cannot be trusted"):
        Tabulator(LIMITS, command=impostor.command(role))(table, tmp_path / "document.xml")


def test_a_child_that_dies_is_told(tmp_path: Path) -> None:
    table = text(tmp_path / "table.csv", 1)
    with pytest.raises(TableRefused, match=r"table\.csv cannot be read: .*exit status 3"):
        Tabulator(LIMITS, command=impostor.command("vanish"))(table, tmp_path / "document.xml")
