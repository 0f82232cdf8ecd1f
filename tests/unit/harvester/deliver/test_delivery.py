"""Tables as documents, and files as deliveries that the folder protocol reads."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from harvester.deliver.delivery import KindRefused, deliver, drafted
from harvester.protocols.deliveries import DeliveryLimits, documents, next_delivery, read_document
from harvester.tables.sheets import TableRefused
from registry.formats.lists import identifier_of
from registry.model.run import Scope
from schemas.xsd import NAMESPACE
from tests.tables import tabulate_here
from tests.unit.registry.formats.test_columns import MINIMAL

NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


def table(path: Path, rows: Sequence[Mapping[str, str] | None], headings: Sequence[str] = ()) -> Path:
    names = headings or list(MINIMAL)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        for row in rows:
            writer.writerow([] if row is None else [row.get(name, "") for name in MINIMAL])
    return path


def test_line_numbers_are_row_numbers(tmp_path: Path) -> None:
    rows = [MINIMAL | {"mdId": "2", "abstract": "两\n行"}, None, MINIMAL | {"mdId": "4"}]
    target = tmp_path / "document.xml"
    assert tabulate_here(table(tmp_path / "table.csv", rows), target) == 2
    lines = target.read_text("utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if "<mdId>" in line] == [2, 4]
    root = etree.parse(str(target)).getroot()
    assert [each.findtext(f"{{{NAMESPACE}}}abstract") for each in root] == ["两 行", MINIMAL["abstract"]]


def test_headings_that_are_misread_are_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes("元數據標識符,名稱\n1,二\n".encode("big5"))
    with pytest.raises(TableRefused, match="no known heading") as refused:
        tabulate_here(file, tmp_path / "document.xml")
    shown = refused.value.text.zh + refused.value.text.en
    assert "元數據標識符,名稱".encode("big5").decode("gb18030").split(",")[0] not in shown


@pytest.mark.parametrize(
    ("headings", "row", "message"),
    [
        (["mdId", "junk"], MINIMAL, "unknown columns junk"),
        (["mdId", "元数据标识符"], MINIMAL, "stands twice"),
        (["mdId"], MINIMAL, "lacks the columns 信息资源名称"),
        (list(MINIMAL), MINIMAL | {"abstract": "\x01"}, "row 2: control characters"),
    ],
)
def test_tables_that_are_refused(
    tmp_path: Path, headings: Sequence[str], row: Mapping[str, str], message: str
) -> None:
    file = table(tmp_path / "table.csv", [row], headings)
    with pytest.raises(TableRefused, match=message):
        tabulate_here(file, tmp_path / "document.xml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        (",".join(MINIMAL), "no record"),
        (",".join(MINIMAL) + "\n,,\n", "no record"),
    ],
)
def test_a_table_without_records_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "table.csv").write_text(content, "utf-8")
    with pytest.raises(TableRefused, match=message):
        tabulate_here(tmp_path / "table.csv", tmp_path / "document.xml")


def test_a_cell_without_a_heading_is_refused(tmp_path: Path) -> None:
    file = table(tmp_path / "table.csv", [MINIMAL])
    file.write_text(file.read_text("utf-8").rstrip() + ",one too many\n", "utf-8")
    with pytest.raises(TableRefused, match="row 2: more cells"):
        tabulate_here(file, tmp_path / "document.xml")


def test_records_stand_in_the_entries_that_rows_name(tmp_path: Path) -> None:
    identifiers = ["oai:a.b:1&2", "", "doi:10.1/中"]
    lines = [
        "identifier," + ",".join(MINIMAL),
        *(f"{each}," + ",".join(MINIMAL.values()) for each in identifiers),
    ]
    (tmp_path / "table.csv").write_text("\n".join(lines), "utf-8")
    target = tmp_path / "document.xml"
    assert tabulate_here(tmp_path / "table.csv", target) == 3
    records = list(etree.parse(str(target)).getroot().iter(f"{{{NAMESPACE}}}record"))
    assert [identifier_of(each) for each in records] == identifiers
    assert [each.sourceline for each in records] == [2, 3, 4]


@pytest.mark.parametrize("scope", list(Scope))
def test_deliveries_are_read_by_the_folder_protocol(tmp_path: Path, scope: Scope) -> None:
    document = tmp_path / "odd name" / "清单.xml"
    document.parent.mkdir()
    document.write_bytes(b"<a/>")
    location = tmp_path / "folder"
    made = deliver(
        [document, table(tmp_path / "t.csv", [MINIMAL])],
        location,
        scope=scope,
        now=NOW,
        tabulate=tabulate_here,
    )
    found = next_delivery(location, "")
    assert found is not None
    assert (found.folder, found.scope, found.created) == (made, scope, NOW)
    names = list(documents(found, DeliveryLimits()))
    assert [name[:4] for name in names] == ["0001", "0002"]
    assert b"".join(read_document(found, names[0], DeliveryLimits())) == b"<a/>"
    assert NAMESPACE.encode() in b"".join(read_document(found, names[1], DeliveryLimits()))


def test_names_of_deliveries_grow_with_time(tmp_path: Path) -> None:
    document = tmp_path / "a.xml"
    document.write_bytes(b"<a/>")
    moments = [NOW, NOW + timedelta(microseconds=1), NOW + timedelta(days=400)]
    names = [
        deliver([document], tmp_path / "f", scope=Scope.DELTA, now=each, tabulate=tabulate_here).name
        for each in moments
    ]
    assert names == sorted(names)
    assert len(set(names)) == 3


@pytest.mark.parametrize("name", ["list.txt", "list.xls", "list", "list.xml.exe"])
def test_other_files_are_not_delivered(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<a/>")
    with pytest.raises(KindRefused, match=r"cannot be imported: only \.xml, \.zip, \.csv, \.xlsx files"):
        deliver([tmp_path / name], tmp_path / "f", scope=Scope.FULL, now=NOW, tabulate=tabulate_here)
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize("was_there", [True, False])
def test_what_is_not_handed_over_leaves_nothing(tmp_path: Path, was_there: bool) -> None:
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    location = tmp_path / "f"
    if was_there:
        location.mkdir()
    with (
        suppress(PermissionError),
        drafted([tmp_path / "a.xml"], location, scope=Scope.FULL, now=NOW, tabulate=tabulate_here),
    ):
        assert next_delivery(location, "") is None, "nobody reads it before"
        raise PermissionError
    assert location.exists() == was_there
    assert not was_there or not list(location.iterdir())


def test_a_refused_table_leaves_no_delivery(tmp_path: Path) -> None:
    file = table(tmp_path / "table.csv", [MINIMAL], ["junk"])
    with pytest.raises(TableRefused):
        deliver([file], tmp_path / "f", scope=Scope.FULL, now=NOW, tabulate=tabulate_here)
    assert not (tmp_path / "f").exists()
