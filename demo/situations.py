"""What is under way in the sample, besides what runs by itself: a source that waits for approval, one whose
harvests break off, an office whose last complete list has lost half of its records, and one without an endpoint that
has a table to hand in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from lxml import etree

from demo.catalogue import CATALOGUE, NSMAP, catalogue_element
from demo.generator import records_of
from demo.places import Place, Publishing
from demo.records import SampleRecord

WAITING = Place(
    "330482", "平湖市", "pinghu.example", "330400", (("330482", "当湖街道"), ("330482", "乍浦镇")), 40
)
FAILING = Place(
    "420222", "阳新县", "yangxin.example", "420200", (("420222", "兴国镇"),), 20, Publishing.WEB_PAGE
)
SHRUNK = Place(
    "330481", "海宁市", "haining.example", "330400", (("330481", "硖石街道"), ("330481", "盐官镇")), 40
)
HANDING_IN = Place(
    "330424", "海盐县", "haiyan.example", "330400", (("330424", "武原街道"), ("330424", "澉浦镇")), 24
)
"""Each publishes into the register of its parent."""

TABLE = "2025年上半年项目信息.csv"
"""The name of the table that ``HANDING_IN`` hands in."""
_HEADINGS = {
    "mdId": "元数据标识符",
    "resTitle": "信息资源名称",
    "abstract": "信息资源摘要",
    "rpOrgName": "信息资源提供方",
    "catalogue": "所属目录",
    "item": "指导目录项目",
    "division": "行政区划代码",
    "sharing": "共享类型",
    "openness": "是否开放",
}
_NO_DIVISION = "330499"


def complete_lists() -> Sequence[bytes]:
    """The documents that the office without an endpoint delivers, one after the other: each states all that it
    has (records of the catalogue format); the last one half of what the first one does."""
    standing = [record for record in records_of(SHRUNK) if not record.deleted]
    return _document(standing), _document(standing[: len(standing) // 2])


def table() -> bytes:
    """What somebody wrote in a spreadsheet: a project a row; of the third one the division is wrong."""
    rows = [
        {name: next(record.texts(name), "") for name in _HEADINGS}
        for record in records_of(HANDING_IN)
        if record.set_spec == "project" and not record.deleted
    ]
    rows[2]["division"] = _NO_DIVISION
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(_HEADINGS.values())
    lines.writerows({**row, "mdId": row["mdId"].rpartition(":")[2]}.values() for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _document(records: Sequence[SampleRecord]) -> bytes:
    root = etree.Element(f"{{{CATALOGUE}}}records", nsmap=NSMAP)
    root.extend(catalogue_element(record) for record in records)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
