"""The tables of OAI-PMH against the official schema."""

from __future__ import annotations

import re

from lxml import etree

from schemas import oaipmh
from tests.shared import SHARED, needs_shared

XS = {"xs": "http://www.w3.org/2001/XMLSchema"}


def official(kind: str) -> set[str]:
    tree = etree.parse(str(SHARED / "data/xsd/OAI-PMH.xsd"))
    values = tree.xpath(f"//xs:simpleType[@name='{kind}']//xs:enumeration/@value", namespaces=XS)
    assert isinstance(values, list)
    return {str(value) for value in values}


@needs_shared
def test_verbs_and_errors_are_those_of_the_schema() -> None:
    assert set(oaipmh.VERBS) == official("verbType")
    assert set(oaipmh.ERRORS) == official("OAI-PMHerrorcodeType")


@needs_shared
def test_patterns_are_those_of_the_schema() -> None:
    tree = etree.parse(str(SHARED / "data/xsd/OAI-PMH.xsd"))
    for kind, pattern in (
        ("setSpecType", oaipmh.SET_SPEC_PATTERN),
        ("metadataPrefixType", oaipmh.METADATA_PREFIX_PATTERN),
    ):
        written = tree.xpath(f"//xs:simpleType[@name='{kind}']//xs:pattern/@value", namespaces=XS)
        assert written == [pattern]
        assert re.fullmatch(pattern, "catalogue" if kind != "setSpecType" else "division:330000:330100")


def test_only_lists_can_be_resumed() -> None:
    resumed = {name for name, verb in oaipmh.VERBS.items() if verb.exclusive}
    assert resumed == {"ListSets", "ListIdentifiers", "ListRecords"}
    assert oaipmh.VERBS["ListRecords"].arguments == {
        "metadataPrefix",
        "from",
        "until",
        "set",
        "resumptionToken",
    }
