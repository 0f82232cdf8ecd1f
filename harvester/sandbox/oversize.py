"""Records that are larger than a record may be, found before anything is read of them.

A record costs its own acceptance, never that of its neighbours. Nothing is measured in most records: what their bytes
cannot hold need not be looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from harvester.protocols.base import RawRecord
from harvester.sandbox.limits import SandboxLimits
from registry.model.issue import Issue, Severity, Text
from schemas.fault import Fault
from schemas.xml import line_of

TOO_LONG: Final = Fault(
    "record-too-long",
    Severity.ERROR,
    Text("记录过长：{size} 字节，上限 {limit} 字节", "the record has {size} bytes, {limit} are allowed"),
    Text("请拆分该记录，或用链接代替附件", "split the record, or link to attachments"),
)
TOO_DEEP: Final = Fault(
    "record-too-deep",
    Severity.ERROR,
    Text("记录的元素嵌套超过 {limit} 层", "its elements are nested more than {limit} deep"),
    Text("请按登记的元数据格式发布", "publish it in the metadata format of the source"),
)
MANY_ATTRIBUTES: Final = Fault(
    "record-many-attributes",
    Severity.ERROR,
    Text("一个元素的属性超过 {limit} 个", "an element has more than {limit} attributes"),
    Text("请按登记的元数据格式发布", "publish it in the metadata format of the source"),
)
LONG_TEXT: Final = Fault(
    "record-long-text",
    Severity.ERROR,
    Text("一处文字超过 {limit} 字节", "one of its texts has more than {limit} bytes"),
    Text("请缩短文字，或用链接代替附件", "shorten it, or link to attachments"),
)
FAULTS: Final = (TOO_LONG, TOO_DEEP, MANY_ATTRIBUTES, LONG_TEXT)


def excess(record: RawRecord, limits: SandboxLimits) -> Issue | None:
    """What is too large about ``record``; None where nothing is."""
    raw, element = record.raw, record.element
    if len(raw) > limits.record_bytes:
        return TOO_LONG.issue(size=len(raw), limit=limits.record_bytes)
    if element is None:
        return None
    if raw.count(b"<") > 2 * limits.record_depth:
        for each in _deeper(element, limits.record_depth):
            return TOO_DEEP.issue(line=line_of(each), limit=limits.record_depth)
    if raw.count(b"=") > limits.record_attributes:
        for each in element.iter(etree.Element):
            if len(each.attrib) > limits.record_attributes:
                return MANY_ATTRIBUTES.issue(line=line_of(each), limit=limits.record_attributes)
    if len(raw) > limits.text_bytes:
        for each in element.iter(etree.Element):
            if any(len(text.encode()) > limits.text_bytes for text in _texts(each)):
                return LONG_TEXT.issue(line=line_of(each), limit=limits.text_bytes)
    return None


def _deeper(element: etree._Element, limit: int) -> Iterator[etree._Element]:
    """The elements below ``element`` (which is itself at depth 1) that are deeper than ``limit``."""
    depth = 0
    for event, each in etree.iterwalk(element, ("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > limit:
            yield each


def _texts(element: etree._Element) -> list[str]:
    return [element.text or "", element.tail or "", *map(str, element.attrib.values())]
