"""What a record and its project are called, and whether its source may speak of them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from harvester.rules.base import IDENTIFIER, RECORD, Arguments, CheckRule, Fields, Subject
from harvester.rules.citizens import has_citizen_number
from registry.formats.leaves import plain
from registry.model.identifier import is_identifier, owner_prefix
from registry.model.issue import Severity, Text
from registry.model.ownership import owned_by_another

_BRACKETS: Final = str.maketrans("[﹝（(【］﹞）)】]", "〔〔〔〔〔〕〕〕〕〕〕")
_DOCUMENT_NUMBER: Final = re.compile(r"[^〔\s]*〔\d{4}〕\D*\d\S*")
_PROJECT_CODE: Final = re.compile(
    rb"[0-9]{6}[0-9A-Z]{8}[0-9X][0-9]{4}.+"  # division, organisation, year, sequence
    rb"|[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}"  # of the investment approval platform
    rb"|[0-9]{16}"  # of the ministry
)


def fold_document_number(text: str) -> str:
    """``text`` (决定文书号) as it is compared: without white space, the year in 〔 〕, whichever brackets came."""
    return re.sub(r"\s+", "", text).translate(_BRACKETS)


def _identifier(_: Fields, subject: Subject) -> Arguments | None:
    return None if is_identifier(subject.identifier) else {"identifier": subject.identifier}


def _citizen_number(fields: Fields, subject: Subject) -> Arguments | None:
    if not fields:
        return {} if has_citizen_number(unquote(subject.identifier)) else None
    if not subject.suspicious:
        return None
    return {} if any(has_citizen_number(plain(fields[name])) for name in (b"mdId", b"resID")) else None


def _prefix(_: Fields, subject: Subject) -> Arguments | None:
    prefixes = subject.source.scope.identifier_prefixes
    if not prefixes or owner_prefix(subject.identifier, prefixes) is not None:
        return None
    allowed = ", ".join(prefixes)
    return {"identifier": subject.identifier, "source": subject.source.code, "allowed": allowed}


def _owned(_: Fields, subject: Subject) -> Arguments | None:
    source = subject.source
    if not source.owned_elsewhere:
        return None
    found = owned_by_another(subject.identifier, source.owned, source.owned_elsewhere)
    if found is None:
        return None
    named = {"identifier": subject.identifier, "source": source.code}
    return {**named, "prefix": found.prefix, "owner": found.owner}


def _project_code(fields: Fields, _: Subject) -> Arguments | None:
    code = fields.get(b"projectCode")
    return None if code is None or _PROJECT_CODE.fullmatch(code) else {"value": plain(code)}


def _document_number(fields: Fields, _: Subject) -> Arguments | None:
    number = plain(fields.get(b"docNumber", b""))
    if not number or _DOCUMENT_NUMBER.fullmatch(number):
        return None
    return None if _DOCUMENT_NUMBER.fullmatch(fold_document_number(number)) else {"value": number}


IDENTIFIER_INVALID = CheckRule(
    code="identifier-invalid",
    severity=Severity.ERROR,
    since=1,
    on=(IDENTIFIER,),
    check=_identifier,
    title=Text("标识符无效", "invalid identifier"),
    message=Text("标识符“{identifier}”不是有效的 URI", "the identifier “{identifier}” is no valid URI"),
    hint=Text(
        "请使用不超过 512 字、不含空格和不可见字符的 URI",
        "use a URI of at most 512 characters without spaces or invisible characters",
    ),
    good="oai:hangzhou.example:36040312345678920120001",
    bad="hangzhou 0001",
)
IDENTIFIER_CITIZEN_NUMBER = CheckRule(
    code="identifier-citizen-number",
    severity=Severity.ERROR,
    since=1,
    on=(IDENTIFIER, RECORD),
    check=_citizen_number,
    title=Text("标识符含公民身份号码", "citizen number in an identifier"),
    message=Text("标识符中含有公民身份号码", "an identifier contains a citizen number"),
    hint=Text("请改用不含个人信息的标识符", "use an identifier without personal data"),
    good="<mdId>hangzhou-2024-0001</mdId>",
    bad="<mdId>11010519491231002X</mdId>",
)
IDENTIFIER_FOREIGN = CheckRule(
    code="identifier-foreign",
    severity=Severity.ERROR,
    since=1,
    on=(IDENTIFIER,),
    check=_prefix,
    title=Text("标识符超出来源范围", "identifier of somebody else"),
    message=Text(
        "来源 {source} 只能提供以 {allowed} 开头的标识符，而不是“{identifier}”",
        "the source {source} may speak for identifiers that begin with {allowed}, not for “{identifier}”",
    ),
    hint=Text(
        "请由其所有者报送，或为该来源申请增加标识符前缀", "let its owner send it, or apply for another prefix"
    ),
    good="oai:hangzhou.example:1",
    bad="oai:ningbo.example:1",
)
IDENTIFIER_OWNED = CheckRule(
    code="identifier-owned",
    severity=Severity.ERROR,
    since=1,
    on=(IDENTIFIER,),
    check=_owned,
    title=Text("标识符属于另一来源", "identifier that another source owns"),
    message=Text(
        "“{identifier}”属于来源 {owner}（其前缀 {prefix} 已获批准），来源 {source} 不能提供",
        "“{identifier}” belongs to the source {owner}, which owns what begins with {prefix}; {source} may not bring it",
    ),
    hint=Text(
        "请由其所有者报送；若确属共同报送，双方均须用 --co-reports-with 声明并获批准",
        "let its owner send it; where both report it on purpose, both declare it (--co-reports-with) and are approved",
    ),
    good="oai:hangzhou.example:1",
    bad="oai:hangzhou.example:metro:1",
)
PROJECT_CODE = CheckRule(
    code="project-code-shape",
    severity=Severity.WARNING,
    since=1,
    on=(RECORD,),
    about="projectCode",
    check=_project_code,
    title=Text("项目编码格式", "shape of a project code"),
    message=Text(
        "项目编码“{value}”不符合编码规则", "the project code “{value}” does not follow the coding rule"
    ),
    hint=Text(
        "行政区划代码 6 位 + 组织机构代码 9 位 + 年度 4 位 + 顺序号（也接受投资平台代码）",
        "division (6) + organisation code (9) + year (4) + sequence; codes of the investment platform pass too",
    ),
    good="<projectCode>330106M000100Y420240001</projectCode>",
    bad="<projectCode>2024-0001</projectCode>",
)
DOCUMENT_NUMBER = CheckRule(
    code="document-number-shape",
    severity=Severity.NOTE,
    since=1,
    on=("conduct",),
    about="docNumber",
    check=_document_number,
    title=Text("决定文书号格式", "shape of a document number"),
    message=Text("文书号“{value}”缺少年份或序号", "the document number “{value}” lacks its year or sequence"),
    hint=Text("例如：杭建罚〔2024〕12号", "for example 杭建罚〔2024〕12号"),
    good="<docNumber>杭建罚[2024]12号</docNumber>",
    bad="<docNumber>十二号决定</docNumber>",
)
