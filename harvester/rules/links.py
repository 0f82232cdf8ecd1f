"""Links that a reader could follow: only to the web, and without anybody's name in them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from harvester.rules.base import Arguments, CheckRule, Fields, Subject
from harvester.rules.citizens import has_citizen_number
from harvester.rules.masking import mask_contact_data
from registry.formats.leaves import plain
from registry.model.issue import Severity, Text

_WEB: Final = re.compile(rb"https?://[^/?#@\\\s]+([/?#]\S*)?", re.IGNORECASE)


def _scheme(fields: Fields, _: Subject) -> Arguments | None:
    for link in fields.values():
        if not _WEB.fullmatch(link):
            return {"value": plain(link)}
    return None


def _personal(fields: Fields, subject: Subject) -> Arguments | None:
    for link in fields.values():
        if subject.suspicious or b"%" in link:
            shown = unquote(plain(link))
            if has_citizen_number(shown) or mask_contact_data(shown) != shown:
                return {}
    return None


LINK_SCHEME = CheckRule(
    code="link-scheme",
    severity=Severity.WARNING,
    since=1,
    on=("onLineSrc", "ServInfo"),
    check=_scheme,
    removes=True,
    title=Text("链接不是网页地址", "not a link to the web"),
    message=Text(
        "链接“{value}”不是不带用户名的 http(s) 地址，已删除",
        "the link “{value}” is no http(s) address without a user name: removed",
    ),
    hint=Text("请使用 http 或 https 地址", "use an http or https address"),
    good="<onLineSrc>https://www.hangzhou.example/1</onLineSrc>",
    bad="<onLineSrc>javascript:alert(1)</onLineSrc>",
)
LINK_PERSONAL = CheckRule(
    code="link-personal",
    severity=Severity.WARNING,
    since=1,
    on=("onLineSrc", "ServInfo"),
    check=_personal,
    removes=True,
    title=Text("链接含个人信息", "personal data in a link"),
    message=Text(
        "链接中含有公民身份号码或联系方式，已删除", "a link holds a citizen number or contact data: removed"
    ),
    hint=Text("请使用不含个人信息的地址", "use an address without personal data"),
    good="<onLineSrc>https://www.hangzhou.example/1?id=36040312345678920120001</onLineSrc>",
    bad="<onLineSrc>https://www.hangzhou.example/1?id=11010519491231002X</onLineSrc>",
)
