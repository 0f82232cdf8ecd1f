"""Texts that are changed before a document is built: the rules to :mod:`harvester.rules.masking`."""

from __future__ import annotations

from typing import Final

from harvester.rules.base import TextRule
from harvester.rules.masking import (
    mask_citizen_numbers,
    mask_contact_data,
    mask_labelled_contact_data,
    show_invisible,
)
from registry.model.issue import Severity, Text

_NUMBERS: Final = frozenset(
    (
        "mdId",
        "resID",
        "onLineSrc",
        "servURL",
        "cateCode",
        "projectCode",
        "industryCode",
        "approvalNumber",
        "ownerNumber",
        "partyId",
        "certificateNumber",
        "achievementProject",
        "contractAmount",
        "conductScheme",
        "conductCode",
        "docNumber",
        "gradeOriginal",
    )
)
_REFUSED_ELSEWHERE: Final = frozenset(("mdId", "resID", "onLineSrc", "servURL"))

INVISIBLE = TextRule(
    code="text-invisible",
    severity=Severity.NOTE,
    since=1,
    amend=show_invisible,
    title=Text("不可见字符", "invisible characters"),
    message=Text(
        "文字含控制字符或方向控制符，已去除或显示为 �",
        "control or bidi characters were removed or shown as �",
    ),
    hint=Text("请检查录入或导出程序", "check where the text was typed or exported"),
    good="<abstract>道路改造工程</abstract>",
    bad="<abstract>道路\u202e改造\u0085工程</abstract>",
)
CITIZEN_NUMBER = TextRule(
    code="text-citizen-number",
    severity=Severity.NOTE,
    since=1,
    amend=mask_citizen_numbers,
    spares=_REFUSED_ELSEWHERE,
    title=Text("公民身份号码", "citizen number"),
    message=Text("文字含公民身份号码，已遮盖", "a citizen number was masked"),
    hint=Text("请勿在公开信息中写公民身份号码", "keep citizen numbers out of public information"),
    good="<abstract>项目代码 36040312345678920120001，批文 91350100M000100Y43</abstract>",
    bad="<abstract>负责人身份证１１０１０５１９４９１２３１００２Ｘ</abstract>",
)
CONTACT = TextRule(
    code="text-contact",
    severity=Severity.NOTE,
    since=1,
    amend=mask_contact_data,
    spares=_NUMBERS,
    removes=frozenset(("cntAdd",)),
    title=Text("联系方式", "contact data"),
    message=Text(
        "联系人、电话或电子邮箱不离开来源单位，已去除",
        "contact persons, telephones and e-mail addresses stay at the origin: removed",
    ),
    hint=Text("联系地址请只写单位地址", "give only the address of the organisation"),
    good="<cntAdd>杭州市上城区解放东路18号</cntAdd>",
    bad="<cntAdd>张三 0571-87654321</cntAdd>",
)
CONTACT_IN_CODE = TextRule(
    code="text-contact-code",
    severity=Severity.NOTE,
    since=1,
    amend=mask_labelled_contact_data,
    spares=_REFUSED_ELSEWHERE,
    title=Text("编号中的联系方式", "contact data in a number"),
    message=Text(
        "编号中写有联系人、电话或电子邮箱，已去除",
        "a number held a contact person, a telephone or an e-mail address: removed",
    ),
    hint=Text("编号一项请只写编号", "give nothing but the number"),
    good="<docNumber>13800138000</docNumber>",
    bad="<docNumber>电话13800138000</docNumber>",
)
