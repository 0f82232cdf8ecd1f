"""What is under way in the sample, besides what runs by itself: a source that waits for approval, one whose
harvests break off, and an office without an endpoint whose last complete list has lost half of its records."""

from __future__ import annotations

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
"""Each publishes into the register of its parent."""


def complete_lists() -> Sequence[bytes]:
    """The documents that the office without an endpoint delivers, one after the other: each states all that it
    has (records of the catalogue format); the last one half of what the first one does."""
    standing = [record for record in records_of(SHRUNK) if not record.deleted]
    return _document(standing), _document(standing[: len(standing) // 2])


def _document(records: Sequence[SampleRecord]) -> bytes:
    root = etree.Element(f"{{{CATALOGUE}}}records", nsmap=NSMAP)
    root.extend(catalogue_element(record) for record in records)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
