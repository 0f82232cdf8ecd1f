"""The format ``catalogue``: our own schema, the form in which every document is stored."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import compress
from typing import Final

from lxml import etree

from registry.formats.base import Format, ParsedRecord, ReadContext, Reading
from registry.formats.leaves import Leaves, leaves, plain
from registry.model.document import Catalogue, Document, Facts, Sharing, digest_of
from registry.model.issue import Severity, Text
from schemas.fault import Fault
from schemas.xml import canonical
from schemas.xsd import NAMESPACE

RECORD_TAG: Final = f"{{{NAMESPACE}}}record"
HEAD: Final = f'<record xmlns="{NAMESPACE}">'.encode()
"""The start tag of a record's canonical bytes."""
_KEY_TAG: Final = f"{{{NAMESPACE}}}mdId"

WRONG_ELEMENT: Final = Fault(
    "catalogue-element",
    Severity.ERROR,
    Text("元素 {found} 不是目录记录", "the element {found} is not a record of the catalogue"),
    Text(
        "请检查来源登记的元数据格式；应为 {expected}",
        "check the metadata format of the source; {expected} is expected",
    ),
)

_SEARCHED = frozenset(
    (
        b"mdId",
        b"resTitle",
        b"abstract",
        b"rpOrgName",
        b"keyword",
        b"cateName",
        b"resID",
        b"projectCode",
        b"projectName",
        b"projectAddress",
        b"partyName",
        b"partyId",
        b"qualificationName",
        b"certificateNumber",
        b"achievementName",
        b"achievementProject",
        b"awardName",
        b"conductFact",
        b"docNumber",
        b"authority",
        b"sourceDepartment",
    )
)


def document_of(element: etree._Element) -> Document:
    """The document of a valid, masked record. Cheaper than asking for its parts one by one."""
    content = canonical(element)
    return document_from(content, leaves(content))


def document_from(content: bytes, found: Leaves) -> Document:
    """The document of a valid, masked record whose canonical bytes and leaves are at hand."""
    return Document(digest_of(content), content, _facts(found), _search_text(found))


def facts_of(element: etree._Element) -> Facts:
    """The facts of a valid record (:class:`registry.model.document.Facts`).

    A document may be shown from the latest of its ``madePublic`` dates and its ``pubDate`` on, and until the
    earliest ``publicUntil`` of its conduct records: it is one text, so none of them may outstay its period.
    """
    return _facts(leaves(canonical(element)))


def search_text(element: etree._Element) -> str:
    """What a person may search for in a valid record: names, codes, numbers and passages, one a line."""
    return _search_text(leaves(canonical(element)))


def _facts(found: Leaves) -> Facts:
    first = found.first
    begins = _days(found, b"madePublic") if b"madePublic" in first else []
    if b"pubDate" in first:
        begins.append(_day(first[b"pubDate"]))
    ends = _days(found, b"publicUntil") if b"publicUntil" in first else []
    return Facts(
        title=plain(first[b"resTitle"]),
        catalogue=_CATALOGUES[first[b"catalogue"]],
        item=first[b"item"].decode(),
        division=first[b"division"].decode(),
        body=plain(first[b"rpOrgName"]),
        sharing=_SHARING[first[b"sharing"]],
        open=first[b"openness"] == b"1",
        published_from=max(begins) if begins else None,
        published_until=min(ends) if ends else None,
        updated_on=_day(first[b"mdDateUpd"]) if b"mdDateUpd" in first else None,
    )


def _days(found: Leaves, wanted: bytes) -> list[date]:
    return [_day(text) for name, text in zip(found.names, found.texts, strict=True) if name == wanted]


@lru_cache(maxsize=4096)
def _day(text: bytes) -> date:
    return date.fromisoformat(text.decode())


def _search_text(found: Leaves) -> str:
    return plain(b"\n".join(compress(found.texts, map(_SEARCHED.__contains__, found.names))))


def key(element: etree._Element) -> str:
    """The metadata identifier, which is the first element of a record."""
    first = next(iter(element), None)
    if first is not None and first.tag == _KEY_TAG:
        return (first.text or "").strip()
    return (element.findtext(_KEY_TAG) or "").strip()


def read(element: etree._Element, context: ReadContext) -> Reading:  # noqa: ARG001 - a record says all itself
    """The record as it is; whether it is valid is asked later."""
    if element.tag != RECORD_TAG:
        return (WRONG_ELEMENT.issue(found=element.tag, expected=RECORD_TAG),)
    return ParsedRecord(element)


def write(content: bytes, facts: Facts) -> bytes:  # noqa: ARG001 - stored bytes are written as they are
    """The stored bytes: whoever harvests them can verify their digest."""
    return content


_CATALOGUES = {each.value.encode(): each for each in Catalogue}
_SHARING = {each.value.encode(): each for each in Sharing}

CATALOGUE: Final = Format(
    prefix="catalogue",
    label=Text("工程建设目录元数据", "Catalogue metadata of the construction sector"),
    namespace=NAMESPACE,
    schema_location="catalogue.xsd",
    record_tag=RECORD_TAG,
    key=key,
    read=read,
    write=write,
)
