"""The format ``oai_dc``: unqualified Dublin Core, which every OAI-PMH repository must offer.

Crosswalk (both ways): resTitle title, abstract description, resID and onLineSrc identifier, the first IdPoC
publisher and the others contributor, keyword and TpCat subject, pubDate date, sharing and openness rights,
division coverage. The item of the guidance catalogue is written as a subject of its code and label.

Conduct records are not read from Dublin Core: it cannot say until when they may be public.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from lxml import etree

from registry.formats.base import Format, ParsedRecord, ReadContext, Reading
from registry.formats.composing import Content, compose
from registry.formats.leaves import leaves
from registry.model.document import Facts
from registry.model.issue import Issue, Severity, Text
from schemas.codes import divisions
from schemas.codes.categories import Category, categories, category
from schemas.codes.labels import label, labels
from schemas.fault import Fault
from schemas.oaipmh import DC, OAI_DC, SCHEMA_LOCATIONS, XSI
from schemas.xml import line_of, text_of

RECORD_TAG: Final = f"{{{OAI_DC}}}dc"

MISSING: Final = Fault(
    "dc-missing",
    Severity.ERROR,
    Text("缺少 dc:{name}，无法得到{meaning}", "without dc:{name} there is no {meaning_en}"),
    Text(
        "请补充该元素，或将来源的适用范围限定为唯一的取值",
        "add the element, or approve the source for exactly one such value",
    ),
)
CONDUCT: Final = Fault(
    "dc-conduct",
    Severity.ERROR,
    Text(
        "行为记录不能用 oai_dc 报送：无法说明公布期限",
        "oai_dc cannot carry conduct records: it has no period",
    ),
    Text("请改用 catalogue 格式", "use the format catalogue"),
)
NO_ABSTRACT: Final = Fault(
    "dc-abstract",
    Severity.NOTE,
    Text(
        "没有 dc:description，以标题作为摘要", "there is no dc:description: the title stands for the abstract"
    ),
)
NO_DATE: Final = Fault(
    "dc-date",
    Severity.NOTE,
    Text("dc:date “{value}”不是某一天，未予采集", "dc:date “{value}” is no single day and was left out"),
)
NOT_CARRIED: Final = Fault(
    "dc-not-carried",
    Severity.NOTE,
    Text("目录元数据中没有对应项，未予采集：{names}", "the catalogue has no place for: {names}"),
)
FAULTS: Final = (MISSING, CONDUCT, NO_ABSTRACT, NO_DATE, NOT_CARRIED)

_CONDUCT_ITEMS = re.compile(r"(?:5|6|P3|P4)(?:\..*)?")
_DIVISION = re.compile(r"(\d{6})\b.*")
_DAY = re.compile(r"([12]\d{3}-\d{2}-\d{2})(?:T.*)?")
_CARRIED = (
    "title",
    "identifier",
    "description",
    "publisher",
    "contributor",
    "subject",
    "date",
    "rights",
    "coverage",
)
_SHOWN = 80  # characters of a wrong value that are repeated in a message

Values = dict[str, list[str]]


def key(element: etree._Element) -> str:
    """The first dc:identifier."""
    return (element.findtext(f"{{{DC}}}identifier") or "").strip()


def read(element: etree._Element, context: ReadContext) -> Reading:
    """The record that Dublin Core and the context allow to put together, or what is missing for one."""
    values = _values(element)
    item = _item(values, context)
    division = next((found[1] for text in values["coverage"] if (found := _DIVISION.fullmatch(text))), "")
    division = division or context.division
    identifier = context.identifier or next(iter(values["identifier"]), "")
    issues = list(_missing(values, identifier, item, division, line_of(element)))
    if item is not None and item.catalogue == "credit" and _CONDUCT_ITEMS.fullmatch(item.code):
        issues.append(CONDUCT.issue("dc/subject", line_of(element)))
    if issues or item is None:
        return tuple(issues)
    record = compose(_record(values, item, division, identifier))
    return ParsedRecord(record, tuple(_notes(values, line_of(element))))


def _values(element: etree._Element) -> Values:
    """The texts of the Dublin Core elements by local name; those that are carried over are always there."""
    values: Values = {name: [] for name in _CARRIED}
    for child in element:
        namespace, _, name = str(child.tag)[1:].rpartition("}")
        text = text_of(child)
        if namespace == DC and text:
            values.setdefault(name, []).append(text)
    return values


def _item(values: Values, context: ReadContext) -> Category | None:
    """The item that a subject names, or the one that the source speaks for."""
    named = _subjects()
    found = next((named[subject] for subject in values["subject"] if subject in named), None)
    return found or category(context.catalogue, context.item)


def _missing(
    values: Values, identifier: str, item: Category | None, division: str, line: int | None
) -> Iterator[Issue]:
    needed = (
        ("title", "标题", "title", bool(values["title"])),
        ("identifier", "标识符", "identifier", bool(identifier)),
        ("publisher", "提供方", "publishing body", bool(values["publisher"])),
        ("subject", "指导目录项目", "item of the guidance catalogue", item is not None),
        ("coverage", "行政区划", "division", bool(division)),
    )
    for name, meaning, meaning_en, present in needed:
        if not present:
            yield MISSING.issue(f"dc/{name}", line, name=name, meaning=meaning, meaning_en=meaning_en)


def _notes(values: Values, line: int | None) -> Iterator[Issue]:
    if not values["description"]:
        yield NO_ABSTRACT.issue("dc", line)
    if values["date"] and not any(map(_DAY.fullmatch, values["date"])):
        yield NO_DATE.issue("dc/date", line, value=values["date"][0][:_SHOWN])
    if others := sorted(values.keys() - set(_CARRIED)):
        yield NOT_CARRIED.issue("dc", line, names=", ".join(others))


def _record(values: Values, item: Category, division: str, identifier: str) -> dict[str, Content]:
    """The content of the record, in the order of the schema."""
    links = [text for text in values["identifier"] if text.startswith(("http://", "https://"))]
    names = [text for text in values["identifier"] if text not in links]
    days = [found[1] for text in values["date"] if (found := _DAY.fullmatch(text))]
    named = _subjects()
    return {
        "mdId": identifier,
        "resTitle": values["title"][0],
        "pubDate": days[0] if days else "",
        "abstract": "\n".join(values["description"]) or values["title"][0],
        "IdPoC": [{"rpOrgName": name} for name in (*values["publisher"], *values["contributor"])],
        "DescKeys": {"keyword": [text for text in values["subject"] if text not in named]},
        "TpCat": {
            "cateStd": label("catalogue", item.catalogue).zh,
            "cateName": item.label.zh,
            "cateCode": item.code,
        },
        "onLineSrc": links,
        "resID": (*names, *links, identifier)[0],
        "catalogue": item.catalogue,
        "item": item.code,
        "division": division,
        "sharing": _right(values["rights"], "sharing"),
        "openness": _right(values["rights"], "openness"),
    }


def _right(rights: list[str], name: str) -> str:
    """The code that one of ``rights`` labels; 1 where none does: what is published so is open."""
    codes = {text: code for code, each in labels(name).items() for text in (each.zh, each.en)}
    return next((codes[text] for text in rights if text in codes), "1")


@cache
def _subjects() -> dict[str, Category]:
    """``6.2 行政处罚`` → its item, as :func:`write` spells them."""
    return {_subject(each): each for each in categories().values()}


def _subject(item: Category) -> str:
    return f"{item.code} {item.label.zh}"


_BEGIN = (
    f'<oai_dc:dc xmlns:oai_dc="{OAI_DC}" xmlns:dc="{DC}" xmlns:xsi="{XSI}" '
    f'xsi:schemaLocation="{OAI_DC} {SCHEMA_LOCATIONS[OAI_DC]}">'
).encode()
_END = b"</oai_dc:dc>"
_PLAINLY = {
    b"resTitle": b"title",
    b"pubDate": b"date",
    b"abstract": b"description",
    b"keyword": b"subject",
    b"onLineSrc": b"identifier",
    b"resID": b"identifier",
    b"division": b"coverage",
}


def write(content: bytes, facts: Facts) -> bytes:
    """Dublin Core for the stored bytes of a record."""
    parts = [b"<dc:%b>%b</dc:%b>" % (name, text, name) for name, text in _dublin_core(content, facts)]
    return b"".join((_BEGIN, *parts, _END))


def _dublin_core(content: bytes, facts: Facts) -> Iterator[tuple[bytes, bytes]]:
    """Names and texts (escaped, as they stand in the stored bytes)."""
    subject = _item_subject(facts)
    yield b"subject", subject
    organisation, category_name, contacts = b"publisher", b"", True
    found = leaves(content)
    for name, text in zip(found.names, found.texts, strict=True):
        if name in _PLAINLY:
            yield _PLAINLY[name], text
            contacts = contacts and name != b"resID"  # behind it stand the contacts of the metadata
        elif name == b"rpOrgName" and contacts:
            yield organisation, text
            organisation = b"contributor"
        elif name == b"cateName":
            category_name = text
        elif name == b"cateCode" and (written := b"%b %b" % (text, category_name)) != subject:
            yield b"subject", written
    yield b"coverage", divisions.name(facts.division).encode()
    yield b"rights", label("sharing", facts.sharing.value).zh.encode()
    yield b"rights", label("openness", "1" if facts.open else "0").zh.encode()


def _item_subject(facts: Facts) -> bytes:
    item = category(facts.catalogue.value, facts.item)
    return (_subject(item) if item else facts.item).encode()


OAI_DUBLIN_CORE: Final = Format(
    prefix="oai_dc",
    label=Text("都柏林核心元数据", "Dublin Core"),
    namespace=OAI_DC,
    schema_location=SCHEMA_LOCATIONS[OAI_DC],
    record_tag=RECORD_TAG,
    key=key,
    read=read,
    sample="<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>道路改造</dc:title><dc:identifier>1</dc:identifier>"
    "<dc:publisher>某市</dc:publisher><dc:subject>2.1 基本信息</dc:subject><dc:coverage>330106</dc:coverage>"
    "<dc:rights>无条件共享</dc:rights></oai_dc:dc>",
    write=write,
)
