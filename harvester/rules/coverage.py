"""What a record is about: where, under which item, how secret; and whether its source may speak for that."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from harvester.rules.base import RECORD, Arguments, CheckRule, Fields, Subject
from registry.model.issue import Severity, Text
from schemas.codes import categories, divisions

ORDINARY: Final = "普通"
_ORDINARY: Final = ORDINARY.encode()


def _division_unknown(fields: Fields, _: Subject) -> Arguments | None:
    code = fields[b"division"].decode()
    return None if divisions.is_known(code) else {"value": code}


def _division_out_of_time(fields: Fields, subject: Subject) -> Arguments | None:
    code = fields[b"division"].decode()
    if divisions.is_valid(code, subject.day) or not divisions.is_known(code):
        return None
    return {"value": code, "day": subject.day.isoformat()}


def _division_foreign(fields: Fields, subject: Subject) -> Arguments | None:
    allowed = subject.source.scope.divisions
    code = fields[b"division"].decode()
    if not allowed or code in allowed or not divisions.is_known(code):
        return None
    if not set(allowed).isdisjoint(divisions.path(code, subject.day)):
        return None
    return {"value": code, "source": subject.source.code, "allowed": ", ".join(allowed)}


def _item_unknown(fields: Fields, _: Subject) -> Arguments | None:
    catalogue, item = fields[b"catalogue"].decode(), fields[b"item"].decode()
    if categories.category(catalogue, item) is not None:
        return None
    return {"value": item, "catalogue": catalogue}


def _item_foreign(fields: Fields, subject: Subject) -> Arguments | None:
    allowed = subject.source.scope.categories
    if not allowed or _is_within(fields[b"catalogue"], fields[b"item"], allowed):
        return None
    item = f"{fields[b'catalogue'].decode()}:{fields[b'item'].decode()}"
    return {"value": item, "source": subject.source.code, "allowed": ", ".join(allowed)}


@lru_cache(maxsize=1024)
def _is_within(catalogue: bytes, item: bytes, allowed: tuple[str, ...]) -> bool:
    return any(categories.is_within(catalogue.decode(), item.decode(), scope) for scope in allowed)


def _secret(fields: Fields, _: Subject) -> Arguments | None:
    return None if fields.get(b"secrecy", _ORDINARY) == _ORDINARY else {}


DIVISION_UNKNOWN = CheckRule(
    code="division-unknown",
    severity=Severity.ERROR,
    since=1,
    on=(RECORD,),
    of_codes=True,
    about="division",
    check=_division_unknown,
    title=Text("行政区划代码不存在", "unknown division"),
    message=Text("行政区划代码“{value}”不存在", "there is no division with the code “{value}”"),
    hint=Text("请按 GB/T 2260 填写六位代码", "give the six digits of GB/T 2260"),
    good="<division>330106</division>",
    bad="<division>000001</division>",
)
DIVISION_OUT_OF_TIME = CheckRule(
    code="division-out-of-time",
    severity=Severity.WARNING,
    since=1,
    on=(RECORD,),
    of_codes=True,
    about="division",
    check=_division_out_of_time,
    title=Text("行政区划代码当时无效", "division not in force"),
    message=Text("行政区划代码“{value}”在 {day} 无效", "the division “{value}” was not in force on {day}"),
    hint=Text("请使用记录日期当时有效的代码", "use the code that was in force on the date of the record"),
    good="<division>330106</division>",
    bad="<division>330103</division>",
)
DIVISION_FOREIGN = CheckRule(
    code="division-foreign",
    severity=Severity.ERROR,
    since=1,
    on=(RECORD,),
    of_codes=True,
    about="division",
    check=_division_foreign,
    title=Text("行政区划超出来源范围", "division of somebody else"),
    message=Text(
        "来源 {source} 只能提供 {allowed} 及其下级区划的记录，而不是“{value}”",
        "the source {source} may speak for {allowed} and what lies below, not for “{value}”",
    ),
    hint=Text("请由主管该区划的来源报送", "let the source that answers for this division send it"),
    good="<division>330106</division>",
    bad="<division>420106</division>",
)
ITEM_UNKNOWN = CheckRule(
    code="item-unknown",
    severity=Severity.ERROR,
    since=1,
    on=(RECORD,),
    of_codes=True,
    about="item",
    check=_item_unknown,
    title=Text("目录项不存在", "unknown item"),
    message=Text("目录 {catalogue} 中没有项“{value}”", "the catalogue {catalogue} has no item “{value}”"),
    hint=Text("请对照指导目录填写", "use an item of the guidance catalogue"),
    good="<catalogue>credit</catalogue><item>6.2</item>",
    bad="<catalogue>credit</catalogue><item>9.9</item>",
)
ITEM_FOREIGN = CheckRule(
    code="item-foreign",
    severity=Severity.ERROR,
    since=1,
    on=(RECORD,),
    of_codes=True,
    about="item",
    check=_item_foreign,
    title=Text("目录项超出来源范围", "item of somebody else"),
    message=Text(
        "来源 {source} 只能提供 {allowed} 的记录，而不是“{value}”",
        "the source {source} may speak for {allowed}, not for “{value}”",
    ),
    hint=Text("请由主管该项的来源报送", "let the source that answers for this item send it"),
    good="<catalogue>credit</catalogue><item>6.2</item>",
    bad="<catalogue>credit</catalogue><item>4</item>",
)
SECRET = CheckRule(
    code="secrecy",
    severity=Severity.ERROR,
    since=1,
    on=(RECORD,),
    of_codes=True,
    about="secrecy",
    check=_secret,
    title=Text("涉密", "secret"),
    message=Text(
        "密级不是“普通”，本系统拒收且不保存原文", "its secrecy is not 普通 (ordinary): refused, and not kept"
    ),
    hint=Text("请立即从公开接口撤下该记录", "take the record out of the public endpoint at once"),
    good="<secrecy>普通</secrecy>",
    bad="<secrecy>秘密</secrecy>",
)
