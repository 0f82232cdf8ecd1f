"""Catalogue records in which every text that people type holds the same string."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final
from xml.sax.saxutils import escape

from tests.endpoint import Record
from tests.endpoint.records import CATALOGUE

_LENGTHS: Final = {"code": 64, "name": 200, "title": 500, "number": 200, "passage": 10_000, "link": 2000}
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TEMPLATE: Final = f"""<record xmlns="{CATALOGUE}"><mdId>{{key}}</mdId><resTitle>{{title}}</resTitle>
<pubDate>{{past}}</pubDate><abstract>{{passage}}</abstract><IdPoC><rpOrgName>{{name}}</rpOrgName></IdPoC>
<DescKeys><keyword>{{name}}</keyword><thesaName>{{name}}</thesaName></DescKeys>
<TpCat><cateStd>{{name}}</cateStd><cateName>{{name}}</cateName><cateCode>{{code}}</cateCode></TpCat>
<onLineSrc>{{link}}</onLineSrc><resID>330100/{{key}}</resID>
<MdContact><rpOrgName>{{name}}</rpOrgName></MdContact>
<catalogue>project</catalogue><item>2.1</item><division>330100</division>
<project><projectCode>330106M000100Y420240001</projectCode><projectName>{{title}}</projectName>
<projectAddress>{{name}}</projectAddress><projectNature>{{name}}</projectNature><projectType>{{name}}</projectType>
<industryCode>{{code}}</industryCode><scale>{{title}}</scale><approvalNumber>{{code}}</approvalNumber>
<ownerNumber>{{code}}</ownerNumber></project>
<party><partyRole>construction</partyRole><partyName>{{name}}</partyName></party>
<qualification><qualificationName>{{name}}</qualificationName><qualificationLevel>{{name}}</qualificationLevel>
<certificateNumber>{{code}}</certificateNumber><issuedBy>{{name}}</issuedBy></qualification>
<achievement><achievementName>{{title}}</achievementName></achievement>
<award><awardName>{{title}}</awardName><awardLevel>{{name}}</awardLevel><awardedBy>{{name}}</awardedBy></award>
<conduct><conductKind>good</conductKind><conductScheme>{{code}}</conductScheme><conductCode>{{code}}</conductCode>
<conductFact>{{passage}}</conductFact><docNumber>{{number}}</docNumber><authority>{{name}}</authority>
<decisionDate>{{past}}</decisionDate><madePublic>{{past}}</madePublic><publicUntil>{{coming}}</publicUntil>
<conductStatus>effective</conductStatus></conduct>
<grade><gradeLevel>A</gradeLevel><gradeOriginal>{{code}}</gradeOriginal><gradedBy>{{name}}</gradedBy></grade>
<sourceDepartment>{{name}}</sourceDepartment><sharing>1</sharing><openness>1</openness></record>"""


def sendable(text: str) -> str:
    """``text`` without the characters that XML cannot carry at all."""
    return _FORBIDDEN.sub("", text)


def filled(
    key: str, text: str, today: date, *, link: str = "https://endpoint.test/1", code: str = ""
) -> Record:
    """A record under ``key`` whose texts are ``text``, cut to what each element holds; ``code`` instead of it where a
    code or a number belongs."""
    texts = {kind: escape(sendable(text)[:length]) for kind, length in _LENGTHS.items()}
    if code:
        texts["code"] = texts["number"] = escape(code)
    days = {"past": today - timedelta(days=40), "coming": today + timedelta(days=300)}
    metadata = _TEMPLATE.format(**{**texts, "link": escape(sendable(link)), "key": escape(key)}, **days)
    return Record(f"oai:endpoint.test:{key}", f"{today - timedelta(days=1)}T00:00:00Z", metadata)
