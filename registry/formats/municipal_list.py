"""The format ``municipal_list``: the plain list of projects that municipal platforms publish.

``MetaDatas/MetaViewData/PROPERTIES`` with Chinese element names and no namespace, one PROPERTIES a project.
Each becomes a record of the project catalogue, item 2.1 基本信息. Contact persons, telephones and e-mail
addresses are not carried over; what such a list publishes is open and shared unconditionally.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from lxml import etree

from registry.formats.base import Format, ParsedRecord, ReadContext, Reading
from registry.formats.composing import Content, compose
from registry.model.issue import Issue, Severity, Text, refuses
from schemas.codes.categories import category
from schemas.codes.labels import label
from schemas.fault import Fault
from schemas.xml import line_of, text_of

RECORD_TAG: Final = "PROPERTIES"
ITEM: Final = "2.1"

MANDATORY: Final = ("项目编号", "项目名称", "建设单位", "行政区划代码")
CARRIED: Final = (
    *MANDATORY,
    "建设时间",
    "投资规模",
    "项目概况",
    "建设单位地址",
    "组织机构代码",
    "行业编码",
    "项目类别",
    "建设单位项目编号",
    "审批备案机关编号",
    "项目地址",
    "建设性质",
    "发布部门",
)
NEVER_CARRIED: Final = ("建设单位联系电话", "项目联系人", "项目联系人电话", "项目联系人电子邮箱")

MISSING: Final = Fault(
    "municipal-missing",
    Severity.ERROR,
    Text("缺少 {name} 或其内容为空", "{name} is missing or empty"),
    Text("请填写该必填项", "fill in this mandatory element"),
)
REPEATED: Final = Fault(
    "municipal-repeated",
    Severity.ERROR,
    Text("{name} 出现了不止一次", "{name} occurs more than once"),
    Text("每个 PROPERTIES 中每项只写一次", "write each element once in a PROPERTIES"),
)
UNKNOWN: Final = Fault(
    "municipal-unknown",
    Severity.NOTE,
    Text("未知元素 {name} 未予采集", "the unknown element {name} was left out"),
    Text("如需采集，请与登记系统管理员联系", "ask the manager of the register if it should be carried"),
)
NO_DATE: Final = Fault(
    "municipal-date",
    Severity.WARNING,
    Text("{name} 的内容“{value}”不是日期，未予采集", "{name}: “{value}” is no date and was left out"),
    Text("日期请写作 YYYY-MM-DD", "write dates as YYYY-MM-DD"),
)
FAULTS: Final = (MISSING, REPEATED, UNKNOWN, NO_DATE)

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?")
_SHOWN = 80  # characters of a wrong value that are repeated in a message


def key(element: etree._Element) -> str:
    """The 项目编号."""
    return (element.findtext("项目编号") or "").strip()


def read(element: etree._Element, context: ReadContext) -> Reading:
    """The record of one PROPERTIES, or why there is none."""
    values, issues = _values(element)
    issues += [
        MISSING.issue(f"{RECORD_TAG}/{name}", line_of(element), name=name)
        for name in MANDATORY
        if not values.get(name)
    ]
    started = _day(values.get("建设时间", ""))
    if started is None and values.get("建设时间"):
        value = values["建设时间"][:_SHOWN]
        issues.append(NO_DATE.issue(f"{RECORD_TAG}/建设时间", line_of(element), name="建设时间", value=value))
    if refuses(tuple(issues)):
        return tuple(issues)
    record = compose(_record(values, started, context.identifier or values["项目编号"]))
    return ParsedRecord(record, tuple(issues))


def _values(element: etree._Element) -> tuple[dict[str, str], list[Issue]]:
    """The texts of the child elements by name, and issues about names."""
    values: dict[str, str] = {}
    issues: list[Issue] = []
    for child in element:
        name, path = str(child.tag), f"{RECORD_TAG}/{child.tag}"
        if name in NEVER_CARRIED:
            continue
        if name not in CARRIED:
            issues.append(UNKNOWN.issue(path, line_of(child), name=name))
        elif name in values:
            issues.append(REPEATED.issue(path, line_of(child), name=name))
        else:
            values[name] = text_of(child)
    return values, issues


def _record(values: dict[str, str], started: date | None, identifier: str) -> dict[str, Content]:
    """The content of the record, in the order of the schema."""

    def value(name: str) -> str:
        return values.get(name, "")

    basic = category("project", ITEM)
    owner, code = value("建设单位"), value("组织机构代码")
    publisher = value("发布部门") or owner
    return {
        "mdId": identifier,
        "resTitle": value("项目名称"),
        "abstract": value("项目概况") or _abstract(values),
        "IdPoC": {"rpOrgName": publisher, "cntAdd": value("建设单位地址") if publisher == owner else ""},
        "TpCat": {
            "cateStd": label("catalogue", "project").zh,
            "cateName": basic.label.zh if basic else ITEM,
            "cateCode": ITEM,
        },
        "resID": value("项目编号"),
        "catalogue": "project",
        "item": ITEM,
        "division": value("行政区划代码"),
        "project": {
            "projectCode": value("项目编号"),
            "projectName": value("项目名称"),
            "projectAddress": value("项目地址"),
            "projectNature": value("建设性质"),
            "projectType": value("项目类别"),
            "industryCode": value("行业编码"),
            "scale": value("投资规模"),
            "approvalNumber": value("审批备案机关编号"),
            "ownerNumber": value("建设单位项目编号"),
            "startDate": started.isoformat() if started else "",
        },
        "party": {
            "partyRole": "owner",
            "partyName": owner,
            "partyIdScheme": ("uscc" if len(code) == 18 else "organisation") if code else "",
            "partyId": code,
        },
        "sharing": "1",
        "openness": "1",
    }


def _abstract(values: dict[str, str]) -> str:
    """A summary for a project whose 项目概况 is empty: the schema demands one."""
    return "；".join((values["项目名称"], *_named(values, "建设性质", "投资规模", "项目地址", "建设单位")))


def _named(values: dict[str, str], *names: str) -> Iterator[str]:
    return (f"{name}：{values[name]}" for name in names if values.get(name))


def _day(text: str) -> date | None:
    """The day that ``text`` means in one of the usual ways to write it."""
    found = _DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


MUNICIPAL_LIST: Final = Format(
    prefix="municipal_list",
    label=Text("市级项目清单", "Municipal list of projects"),
    namespace="",
    schema_location="",
    record_tag=RECORD_TAG,
    key=key,
    read=read,
    sample="<PROPERTIES xmlns=''><项目编号>330106M000100Y420240001</项目编号><项目名称>道路改造</项目名称>"
    "<建设单位>某建设有限公司</建设单位><行政区划代码>330106</行政区划代码></PROPERTIES>",
)
