"""When a register may speak of its identifiers as oai-identifiers of one namespace."""

from __future__ import annotations

import pytest

from registry.model.source import Protocol, SourceDescription, SourceScope
from registry.outlets.oaipmh.identifiers import common_namespace, is_oai_identifier


def source(
    protocol: Protocol, namespace: str = "", *prefixes: str, metadata: str = "municipal_list"
) -> SourceDescription:
    """A source of some register."""
    scope = SourceScope(identifier_prefixes=prefixes)
    return SourceDescription(1, "s", 1, "330100", protocol, "x", metadata, namespace, scope)


FOLDER = source(Protocol.FOLDER, "hangzhou.gov.cn")
OAI = source(Protocol.OAI_PMH, "hangzhou.gov.cn")
BOUND = source(Protocol.OAI_PMH, "", "oai:hangzhou.gov.cn:")


@pytest.mark.parametrize(
    ("sources", "namespace"),
    [
        ([], None),
        ([FOLDER], "hangzhou.gov.cn"),
        ([FOLDER, BOUND], "hangzhou.gov.cn"),
        ([FOLDER, source(Protocol.XML_DOCUMENT, "ningbo.gov.cn")], None),
        ([source(Protocol.FOLDER, "hangzhou.gov.cn", metadata="catalogue")], None),
        ([source(Protocol.FOLDER, "a.b", "oai:hangzhou.gov.cn:", metadata="catalogue")], "hangzhou.gov.cn"),
        ([OAI], None),
        ([FOLDER, OAI], None),
        ([source(Protocol.REGISTER)], None),
        ([source(Protocol.FOLDER, "undotted")], None),
        ([source(Protocol.OAI_PMH, "", "oai:hangzhou.gov.cn:3301")], None),
        ([source(Protocol.OAI_PMH, "", "oai:a.b:", "oai:c.d:")], None),
    ],
)
def test_one_namespace_or_none(sources: list[SourceDescription], namespace: str | None) -> None:
    assert common_namespace(sources) == namespace


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("oai:a.b:1", True),
        ("oai:a.b:%E7%9B%AE/1", True),
        ("oai:a.b:目", False),
        ("oai:a.b:", False),
        ("oai:a.c:1", False),
        ("urn:x:1", False),
    ],
)
def test_samples(identifier: str, expected: bool) -> None:
    assert is_oai_identifier(identifier, "a.b") is expected
