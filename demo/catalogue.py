"""The two metadata formats that the sample's providers offer: the catalogue format and Dublin Core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from lxml import etree

from demo.records import Field, SampleRecord

CATALOGUE = "urn:mulu:catalogue:1"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


NSMAP: dict[Any, str] = {None: CATALOGUE}


class MetadataFormat(NamedTuple):
    """A row of ListMetadataFormats, and how a record is written in the format."""

    namespace: str
    schema: str
    write: Callable[[SampleRecord], etree._Element]


def catalogue_element(record: SampleRecord) -> etree._Element:
    """The record in the catalogue format."""
    root = etree.Element(f"{{{CATALOGUE}}}record", nsmap=NSMAP)
    _append(root, record.fields)
    return root


def _append(parent: etree._Element, fields: tuple[Field, ...]) -> None:
    for name, content in fields:
        child = etree.SubElement(parent, f"{{{CATALOGUE}}}{name}")
        if isinstance(content, tuple):
            _append(child, content)
        else:
            child.text = content


_DUBLIN_CORE = (
    ("title", "resTitle"),
    ("creator", "sourceDepartment"),
    ("subject", "keyword"),
    ("description", "abstract"),
    ("publisher", "sourceDepartment"),
    ("date", "pubDate"),
    ("identifier", "onLineSrc"),
    ("coverage", "division"),
)


def dublin_core_element(record: SampleRecord) -> etree._Element:
    """The record in unqualified Dublin Core (mandatory in OAI-PMH 2.0)."""
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {FORMATS['oai_dc'].schema}")
    for term, name in _DUBLIN_CORE:
        for text in record.texts(name):
            etree.SubElement(root, f"{{{DC}}}{term}").text = text
    return root


FORMATS = {
    "oai_dc": MetadataFormat(OAI_DC, "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", dublin_core_element),
    "catalogue": MetadataFormat(CATALOGUE, "https://mulu.example/schemas/catalogue.xsd", catalogue_element),
}
