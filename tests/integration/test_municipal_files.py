"""Real municipal files, row by row: what is found, how bad it is, and whether the row is accepted.

Rows that repeat a key are judged here one by one; that an equal repeat counts once and that contradicting
ones are all refused is decided where all rows of an answer meet (``registry.services.ingest``).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pytest

from harvester.sandbox import InlineSandbox, Reading
from registry.model.issue import Severity
from registry.model.record import CheckedRecord, Condition
from registry.model.source import Protocol, SourceDescription
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

FOLDER = SHARED / "data" / "cn"
SOURCE = SourceDescription(
    id=1,
    code="jiujiang",
    register_id=1,
    register_code="360400",
    protocol=Protocol.XML_DOCUMENT,
    location="https://jiujiang.example/xmjbxx.xml",
    metadata_prefix="municipal_list",
    namespace="jiujiang.example",
)
READING = Reading(SOURCE, bytes(32), date(2024, 6, 1))
WRONG_CODE = ("organisation-code-invalid", Severity.WARNING)
NO_DIVISION = ("division-unknown", Severity.ERROR)
PERSONAL = ("联系人", "0792", "12345678<", "@", "手机")


class Row(NamedTuple):
    file: str
    row: int
    key: str
    issues: tuple[tuple[str, Severity], ...]
    accepted: bool


TABLE = (
    Row("xmjbxx.xml", 1, "36040312345678920120001", (WRONG_CODE,), accepted=True),
    Row("xmjbxx.xml", 2, "36040312345678920120001", (WRONG_CODE,), accepted=True),
    Row("xmjbxx1.xml", 1, "36040312345678920120001", (NO_DIVISION, WRONG_CODE), accepted=False),
    Row("xmjbxx1.xml", 2, "36040312345678920120001", (NO_DIVISION, WRONG_CODE), accepted=False),
    Row("xmjbxx1.xml", 3, "36040312345678920120001", (NO_DIVISION, WRONG_CODE), accepted=False),
    Row("xmjbxx1.xml", 4, "36040312345678920120001", (NO_DIVISION, WRONG_CODE), accepted=False),
    Row("项目基本信息申报表.xml", 1, "36040300000000120122000", (WRONG_CODE,), accepted=True),
)


def read(file: str) -> list[CheckedRecord]:
    content = (FOLDER / file).read_bytes()
    batches = InlineSandbox().read(READING, [content], lambda keys: [False] * len(keys))
    return [record for batch in batches for record in batch]


@pytest.mark.parametrize("expected", TABLE, ids=lambda row: f"{row.file}:{row.row}")
def test_every_row_is_judged_as_the_table_says(expected: Row) -> None:
    record = read(expected.file)[expected.row - 1]
    assert record.identifier == f"oai:jiujiang.example:{expected.key}"
    assert tuple((issue.code, issue.severity) for issue in record.issues) == expected.issues
    assert (record.condition is Condition.LIVE) is expected.accepted
    assert (record.condition is Condition.REFUSED) is not expected.accepted
    assert record.raw is not None
    assert expected.key.encode() in record.raw.content


@pytest.mark.parametrize("file", sorted({row.file for row in TABLE}))
def test_the_table_is_whole(file: str) -> None:
    assert len(read(file)) == sum(row.file == file for row in TABLE)


def test_every_file_is_in_the_table() -> None:
    assert {path.name for path in FOLDER.glob("*.xml")} == {row.file for row in TABLE}


def test_equal_rows_have_equal_digests_and_contradicting_ones_have_not() -> None:
    equal, contradicting = read("xmjbxx.xml"), read("xmjbxx1.xml")
    assert equal[0].document_digest == equal[1].document_digest
    assert equal[0].raw_digest == equal[1].raw_digest
    assert len({record.identifier for record in (*equal, *contradicting)}) == 1
    assert len({record.raw_digest for record in contradicting}) == 4


@pytest.mark.parametrize("file", sorted({row.file for row in TABLE if row.accepted}))
def test_nothing_about_a_person_leaves_the_file(file: str) -> None:
    for record in read(file):
        assert record.document is not None
        text = record.document.content.decode() + record.document.search_text
        assert not [word for word in PERSONAL if word in text]
