"""A record for trying rules: the tests plant every rule's samples into it, and a child warms up on it."""

from __future__ import annotations

from datetime import date
from typing import Final

from lxml import etree

from registry.model.source import OwnedPrefix, Protocol, SourceDescription, SourceScope
from schemas.xml import parse
from schemas.xsd import NAMESPACE

TODAY: Final = date(2024, 6, 1)
IDENTIFIER: Final = "oai:hangzhou.example:2024-0001"
SOURCE: Final = SourceDescription(
    id=1,
    code="hangzhou",
    register_id=1,
    register_code="330100",
    protocol=Protocol.OAI_PMH,
    location="https://www.hangzhou.example/oai",
    metadata_prefix="catalogue",
    namespace="hangzhou.example",
    scope=SourceScope(("oai:hangzhou.example:",), ("330100",), ("project", "credit:6")),
    owned_elsewhere=(OwnedPrefix.of("oai:hangzhou.example:metro:", "metro"),),
)
"""A source with a narrow scope, a part of which is another's, so that there is something to overstep."""

_RECORD: Final = f"""\
<record xmlns="{NAMESPACE}">
<mdId>hangzhou-2024-0001</mdId>
<resTitle>道路改造工程施工单位行政处罚</resTitle>
<pubDate>2024-03-05</pubDate>
<abstract>杭州市西湖区道路改造工程施工单位的行政处罚信息</abstract>
<IdPoC><rpOrgName>杭州市城乡建设委员会</rpOrgName><cntAdd>杭州市上城区解放东路18号</cntAdd></IdPoC>
<TpCat><cateStd>信用信息共享目录</cateStd><cateName>行政处罚</cateName><cateCode>6.2</cateCode></TpCat>
<onLineSrc>https://www.hangzhou.example/1</onLineSrc>
<resID>330100/2024-0001</resID>
<mdDateUpd>2024-03-06</mdDateUpd>
<catalogue>credit</catalogue>
<item>6.2</item>
<division>330106</division>
<project><projectCode>330106M000100Y420240001</projectCode></project>
<party><partyRole>construction</partyRole><partyName>某建设有限公司</partyName>\
<partyIdScheme>uscc</partyIdScheme><partyId>91350100M000100Y43</partyId></party>
<qualification><qualificationName>市政一级</qualificationName></qualification>
<conduct><conductKind>bad</conductKind>\
<conductScheme>national</conductScheme><conductCode>D1-3-01</conductCode>\
<docNumber>杭建罚〔2024〕12号</docNumber><authority>杭州市城乡建设委员会</authority>\
<decisionDate>2024-03-01</decisionDate><madePublic>2024-03-05</madePublic><publicUntil>2025-03-05</publicUntil>\
<conductStatus>effective</conductStatus></conduct>
<sharing>1</sharing>
<openness>1</openness>
<secrecy>普通</secrecy>
</record>"""


def sample_record(*fragments: str) -> etree._Element:
    """The record, in which each element of ``fragments`` stands in the place of its first namesake."""
    record = parse(_RECORD.encode())
    for fragment in fragments:
        for planted in parse(f'<plant xmlns="{NAMESPACE}">{fragment}</plant>'.encode()):
            namesake = next(record.iter(str(planted.tag)))
            parent = namesake.getparent()
            assert parent is not None
            parent.replace(namesake, planted)
    return record
