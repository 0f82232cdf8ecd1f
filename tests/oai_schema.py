"""Judging OAI-PMH answers by the official, strict XML Schema, with a schema for everything that they carry."""

from __future__ import annotations

from functools import cache

from lxml import etree

from schemas.oaipmh import DC, IDENTIFIER, OAI, OAI_DC, PROVENANCE
from schemas.xsd import FILE as CATALOGUE_FILE
from schemas.xsd import NAMESPACE as CATALOGUE
from tests.shared import SHARED

XML = "http://www.w3.org/XML/1998/namespace"

_FOLDER = SHARED / "data" / "xsd"
# In this order: libxml2 fetches no namespace twice, so nothing is looked for under the published addresses.
_SCHEMAS = {
    XML: _FOLDER / "xml.xsd",
    DC: _FOLDER / "simpledc20021212.xsd",
    OAI_DC: _FOLDER / "oai_dc.xsd",
    PROVENANCE: _FOLDER / "provenance.xsd",
    IDENTIFIER: _FOLDER / "oai-identifier.xsd",
    CATALOGUE: CATALOGUE_FILE,
    OAI: _FOLDER / "OAI-PMH.xsd",
}


@cache
def _official() -> etree.XMLSchema:
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{path.resolve().as_uri()}"/>'
        for namespace, path in _SCHEMAS.items()
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver, etree.XMLParser(no_network=True)))


def valid_answer(content: bytes) -> etree._Element:
    """The root of an answer, which must be well-formed, valid, and an OAI-PMH document."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    schema = _official()
    assert schema.validate(root), f"{schema.error_log}\n{content[:2000].decode(errors='replace')}"
    assert root.tag == f"{{{OAI}}}OAI-PMH"
    return root
