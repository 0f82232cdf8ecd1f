"""The fingerprint: what an approver approves, and nothing else."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from registry.model.source import Protocol, SourceDescription, SourceScope

SOURCE = SourceDescription(
    id=1, code="hz", register_id=2, register_code="330100", protocol=Protocol.OAI_PMH,
    location="https://data.hangzhou.gov.cn/oai?a=1", metadata_prefix="catalogue", namespace="hangzhou.gov.cn",
    scope=SourceScope(("oai:x:",), ("330100",), ("credit",)), set_spec="credit", credentials="env:HZ",
    ca_bundle="file:ca.pem", allowed_networks=("10.1.0.0/16",),
)  # fmt: skip
SCOPE = SOURCE.scope

APPROVED: list[dict[str, Any]] = [
    {"protocol": Protocol.XML_DOCUMENT},
    {"location": "http://data.hangzhou.gov.cn/oai?a=1"},
    {"location": "https://data.ningbo.gov.cn/oai?a=1"},
    {"location": "https://data.hangzhou.gov.cn:8443/oai?a=1"},
    {"location": "https://data.hangzhou.gov.cn/oai2?a=1"},
    {"location": "https://data.hangzhou.gov.cn/oai?a=2"},
    {"location": "https://user@data.hangzhou.gov.cn/oai?a=1"},
    {"location": "https://:secret@data.hangzhou.gov.cn/oai?a=1"},
    {"metadata_prefix": "oai_dc"},
    {"namespace": "ningbo.gov.cn"},
    {"scope": replace(SCOPE, identifier_prefixes=())},
    {"scope": replace(SCOPE, co_reports_with=("hz",))},
    {"scope": replace(SCOPE, divisions=("330100", "330200"))},
    {"scope": replace(SCOPE, categories=("credit:6.2",))},
    {"scope": SourceScope(SCOPE.divisions, SCOPE.identifier_prefixes, SCOPE.categories)},
    {"set_spec": ""},
    {"credentials": "env:NB"},
    {"ca_bundle": ""},
    {"allowed_networks": ()},
]


@pytest.mark.parametrize("change", APPROVED, ids=str)
def test_every_approved_field_changes_it(change: dict[str, Any]) -> None:
    assert replace(SOURCE, **change).fingerprint != SOURCE.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"id": 9},
        {"code": "other"},
        {"register_id": 9},
        {"register_code": "330000"},
        {"location": "https://DATA.hangzhou.gov.cn/oai?a=1#fragment"},
        {"allowed_networks": ["10.1.0.0/16"]},
    ],
    ids=str,
)
def test_nothing_else_does(change: dict[str, Any]) -> None:
    """Names and schedules are not part of the description at all; a fragment is never sent."""
    assert replace(SOURCE, **change).fingerprint == SOURCE.fingerprint


def test_the_order_of_a_scope_does_not_count() -> None:
    two = replace(SOURCE, scope=replace(SCOPE, divisions=("330100", "330200")))
    turned = replace(SOURCE, scope=replace(SCOPE, divisions=("330200", "330100")))
    assert two.fingerprint == turned.fingerprint


@pytest.mark.parametrize("protocol", [Protocol.FOLDER, Protocol.REGISTER])
@pytest.mark.parametrize("location", ["/data/a#c", "/data/a", "/Data/a#b", "/data/a?b"])
def test_a_folder_is_no_url(protocol: Protocol, location: str) -> None:
    one = replace(SOURCE, protocol=protocol, location="/data/a#b")
    assert replace(one, location=location).fingerprint != one.fingerprint


def test_every_field_is_either_approved_or_only_names_the_source() -> None:
    """A new field of the description must take a stand."""
    naming = {"id", "code", "register_id", "register_code", "owned", "owned_elsewhere"}
    approved = {name for change in APPROVED for name in change}
    assert {each.name for each in fields(SourceDescription)} == naming | approved


def test_the_brake_does_not_stand_between_levels() -> None:
    internal = {each for each in Protocol if replace(SOURCE, protocol=each).is_internal}
    assert internal == {Protocol.REGISTER}


@pytest.mark.parametrize(
    "location",
    [
        "https://data.hangzhou.gov.cn/other",
        "https://DATA.hangzhou.gov.cn:443/",
        "https://data.hangzhou.gov.cn./oai",
    ],
)
def test_a_host_is_one_however_it_is_written(location: str) -> None:
    """Else those who write it differently would burden it twice."""
    assert replace(SOURCE, location=location).host == SOURCE.host == "https://data.hangzhou.gov.cn:443"
