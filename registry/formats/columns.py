"""The columns of the tables that are imported and exported. ``docs/import.md`` explains them; a test keeps both equal.

A heading is the Chinese name or the short name of GB/T 21063.3 and of the construction profile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from registry.formats.composing import Content
from schemas.codes.categories import category
from schemas.codes.labels import label, labels


class Column(NamedTuple):
    """One column: its headings, the element that it fills (``IdPoC/rpOrgName``), and how it is read.

    ``codes``: the list of codes (``schemas.codes.labels``) whose labels may stand for codes; ``many``:
    several values, separated by semicolons; ``is_day``: a date in any usual way of writing it.
    """

    zh: str
    name: str
    path: str
    mandatory: bool = False
    codes: str = ""
    many: bool = False
    is_day: bool = False


COLUMNS: Final = (
    Column("元数据标识符", "mdId", "mdId", mandatory=True),
    Column("信息资源名称", "resTitle", "resTitle", mandatory=True),
    Column("信息资源发布日期", "pubDate", "pubDate", is_day=True),
    Column("信息资源摘要", "abstract", "abstract", mandatory=True),
    Column("信息资源提供方", "rpOrgName", "IdPoC/rpOrgName", mandatory=True),
    Column("提供方地址", "cntAdd", "IdPoC/cntAdd"),
    Column("关键字", "keyword", "DescKeys/keyword", many=True),
    Column("分类标准", "cateStd", "TpCat/cateStd"),
    Column("类目名称", "cateName", "TpCat/cateName"),
    Column("类目编码", "cateCode", "TpCat/cateCode"),
    Column("在线资源链接地址", "onLineSrc", "onLineSrc", many=True),
    Column("信息资源标识符", "resID", "resID"),
    Column("元数据更新日期", "mdDateUpd", "mdDateUpd", is_day=True),
    Column("所属目录", "catalogue", "catalogue", mandatory=True, codes="catalogue"),
    Column("指导目录项目", "item", "item", mandatory=True),
    Column("行政区划代码", "division", "division", mandatory=True),
    Column("项目编码", "projectCode", "project/projectCode"),
    Column("项目名称", "projectName", "project/projectName"),
    Column("项目地址", "projectAddress", "project/projectAddress"),
    Column("建设性质", "projectNature", "project/projectNature"),
    Column("项目类别", "projectType", "project/projectType"),
    Column("行业编码", "industryCode", "project/industryCode"),
    Column("投资规模", "scale", "project/scale"),
    Column("审批备案机关编号", "approvalNumber", "project/approvalNumber"),
    Column("建设单位项目编号", "ownerNumber", "project/ownerNumber"),
    Column("建设时间", "startDate", "project/startDate", is_day=True),
    Column("主体角色", "partyRole", "party/partyRole", codes="party_role"),
    Column("主体名称", "partyName", "party/partyName"),
    Column("主体标识种类", "partyIdScheme", "party/partyIdScheme", codes="id_scheme"),
    Column("主体标识", "partyId", "party/partyId"),
    Column("资质名称", "qualificationName", "qualification/qualificationName"),
    Column("资质等级", "qualificationLevel", "qualification/qualificationLevel"),
    Column("证书编号", "certificateNumber", "qualification/certificateNumber"),
    Column("发证机关", "issuedBy", "qualification/issuedBy"),
    Column("发证日期", "issueDate", "qualification/issueDate", is_day=True),
    Column("有效期至", "validUntil", "qualification/validUntil", is_day=True),
    Column("业绩名称", "achievementName", "achievement/achievementName"),
    Column("承担角色", "achievementRole", "achievement/achievementRole", codes="party_role"),
    Column("业绩项目编码", "achievementProject", "achievement/achievementProject"),
    Column("合同金额（万元）", "contractAmount", "achievement/contractAmount"),
    Column("竣工日期", "completionDate", "achievement/completionDate", is_day=True),
    Column("奖项名称", "awardName", "award/awardName"),
    Column("奖项级别", "awardLevel", "award/awardLevel"),
    Column("颁奖单位", "awardedBy", "award/awardedBy"),
    Column("获奖日期", "awardDate", "award/awardDate", is_day=True),
    Column("行为类别", "conductKind", "conduct/conductKind", codes="conduct_kind"),
    Column("行为代码标准", "conductScheme", "conduct/conductScheme"),
    Column("行为代码", "conductCode", "conduct/conductCode"),
    Column("事实与处理内容", "conductFact", "conduct/conductFact"),
    Column("决定文书号", "docNumber", "conduct/docNumber"),
    Column("决定机关", "authority", "conduct/authority"),
    Column("决定日期", "decisionDate", "conduct/decisionDate", is_day=True),
    Column("公布日期", "madePublic", "conduct/madePublic", is_day=True),
    Column("公布期限截止日", "publicUntil", "conduct/publicUntil", is_day=True),
    Column("行为状态", "conductStatus", "conduct/conductStatus", codes="conduct_status"),
    Column("信用等级", "gradeLevel", "grade/gradeLevel", codes="grade"),
    Column("地方原始等级", "gradeOriginal", "grade/gradeOriginal"),
    Column("评定单位", "gradedBy", "grade/gradedBy"),
    Column("评定日期", "gradeDate", "grade/gradeDate", is_day=True),
    Column("来源部门", "sourceDepartment", "sourceDepartment"),
    Column("收集日期", "collectionDate", "collectionDate", is_day=True),
    Column("共享类型", "sharing", "sharing", mandatory=True, codes="sharing"),
    Column("是否开放", "openness", "openness", mandatory=True, codes="openness"),
    Column("更新周期", "updateCycle", "updateCycle", codes="update_cycle"),
    Column("信息资源格式", "format", "format", codes="format", many=True),
    Column("密级", "secrecy", "secrecy"),
)
"""In the order of the schema: so that the record's elements come out in it."""

IDENTIFIER: Final = Column("条目标识符", "identifier", "entry/@identifier")
"""What the entry goes by, which is no part of the document (``registry.formats.lists``)."""

TABLE_COLUMNS: Final = (IDENTIFIER, *COLUMNS)
"""All columns of a table."""

BY_HEADING: Final[Mapping[str, Column]] = {
    heading.casefold(): column for column in TABLE_COLUMNS for heading in (column.zh, column.name)
}

_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?:[T ][\d:.]*)?")
_SEPARATOR = re.compile(r"[;；\n]+")
_YES_NO = {"是": "1", "否": "0"}
_USCC_LENGTH = 18


def column_of(heading: str) -> Column | None:
    """The column under a heading, whatever white space or case; None for any other."""
    return BY_HEADING.get("".join(heading.split()).casefold())


def content_of(row: Mapping[str, str]) -> dict[str, Content]:
    """The content of the record that a row makes, short names to texts; what the table leaves to us is filled in.

    Values that are not understood stay as they are: the rules will say what is wrong with them.
    """
    record: dict[str, Content] = {}
    for column in COLUMNS:
        value = _value(column, row.get(column.name, ""))
        outer, _, inner = column.path.partition("/")
        if not inner:
            record[outer] = value
        elif isinstance(group := record.setdefault(outer, {}), dict):
            group[inner] = value
    return _completed(record)


def _value(column: Column, text: str) -> Content:
    text = text.strip()
    if column.many:
        return [_one(column, part) for part in _SEPARATOR.split(text) if part.strip()]
    return _one(column, text)


def _one(column: Column, text: str) -> str:
    text = " ".join(text.split())
    if column.is_day:
        return _day(text)
    if column.codes:
        return _code(column.codes, text)
    return text


def _day(text: str) -> str:
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    try:
        return date(*(int(part) for part in found.groups() if part)).isoformat()
    except ValueError:
        return text


def _code(name: str, text: str) -> str:
    """The code that a label stands for."""
    wanted = text.casefold()
    for code, each in labels(name).items():
        if wanted in (each.zh.casefold(), each.en.casefold()):
            return code
    return _YES_NO.get(text, text) if name == "openness" else text


def _completed(record: dict[str, Content]) -> dict[str, Content]:
    """The record with what follows from the rest: its category, its resource identifier, kinds and states."""
    category_given, item = record["TpCat"], str(record["item"])
    if isinstance(category_given, dict) and not any(category_given.values()) and item:
        known = category(str(record["catalogue"]), item)
        category_given |= {
            "cateStd": label("catalogue", str(record["catalogue"])).zh,
            "cateName": known.label.zh if known else item,
            "cateCode": item,
        }
    record["resID"] = record["resID"] or record["mdId"]
    party, conduct = record["party"], record["conduct"]
    if isinstance(party, dict) and party["partyId"] and not party["partyIdScheme"]:
        is_uscc = len(str(party["partyId"])) == _USCC_LENGTH
        party["partyIdScheme"] = "uscc" if is_uscc else "organisation"
    if isinstance(party, dict) and party["partyName"] and not party["partyRole"]:
        party["partyRole"] = "other"
    if isinstance(conduct, dict) and any(conduct.values()) and not conduct["conductStatus"]:
        conduct["conductStatus"] = "effective"
    if isinstance(conduct, dict) and conduct["conductCode"] and not conduct["conductScheme"]:
        conduct["conductScheme"] = "national"
    return record


def mandatory_missing(columns: Sequence[Column]) -> list[Column]:
    """The mandatory columns that are not among ``columns``."""
    return [each for each in COLUMNS if each.mandatory and each not in columns]
