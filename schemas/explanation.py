"""Why a record is not valid against the catalogue schema, as issues that its publisher can act on.

Works on xmlschema's errors: they know the place, the reason and what was expected. Imported only when a record
was refused: xmlschema takes a third of a second to load.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import Any, Final

import xmlschema
from lxml import etree
from xmlschema.validators import (
    XMLSchemaChildrenValidationError,
    XMLSchemaDecodeError,
    XMLSchemaValidationError,
    XsdAttributeGroup,
    XsdElement,
    XsdEnumerationFacets,
    XsdGroup,
    XsdMaxLengthFacet,
    XsdMinLengthFacet,
    XsdPatternFacets,
)

from schemas.catalogue import FILE, NAMESPACE
from schemas.fault import Fault
from schemas.issue import Issue, Severity, Text
from schemas.xml import line_of

_MOST = 50  # issues of one record that are worth telling
_SHOWN = 80  # characters of a wrong value that are repeated in a message
_PREFIX = re.compile(r"[^/:\[\]]+:")


def _error(code: str, zh: str, en: str, hint_zh: str, hint_en: str) -> Fault:
    return Fault(code, Severity.ERROR, Text(zh, en), Text(hint_zh, hint_en))


MISSING: Final = _error(
    "schema-missing",
    "缺少元素 {expected}",
    "the element {expected} is missing",
    "请补充该必填元素；元素次序固定",
    "add this mandatory element; the order of elements is fixed",
)
UNEXPECTED: Final = _error(
    "schema-unexpected",
    "此处不应出现元素 {found}",
    "the element {found} is not allowed here",
    "请对照模式说明检查元素名称、次序和重复次数",
    "compare name, order and number of elements with the description of the schema",
)
NOT_LISTED: Final = _error(
    "schema-code",
    "“{value}”不在允许的代码之内（{allowed}）",
    "“{value}” is none of the allowed codes ({allowed})",
    "请改用代码表中的代码",
    "use a code of the list",
)
ILL_SHAPED: Final = _error(
    "schema-pattern",
    "“{value}”不符合规定的格式 {pattern}",
    "“{value}” does not have the form {pattern}",
    "请按规定的格式填写",
    "write the value in this form",
)
TOO_LONG: Final = _error(
    "schema-long",
    "文字过长：共 {length} 字，上限 {limit} 字",
    "the text has {length} characters, {limit} are allowed",
    "请缩短该文字",
    "shorten the text",
)
EMPTY: Final = _error(
    "schema-empty", "元素为空", "the element is empty", "请填写内容，或删除该元素", "fill or remove it"
)
NO_VALUE: Final = _error(
    "schema-value",
    "“{value}”不是有效的日期或数值",
    "“{value}” is no valid date or number: {reason}",
    "日期写作 YYYY-MM-DD，数字不带单位",
    "write dates as YYYY-MM-DD and numbers without units",
)
ATTRIBUTE: Final = _error(
    "schema-attribute",
    "此元素带有不允许的属性",
    "an attribute is not allowed: {reason}",
    "本模式的元素没有属性，请删除",
    "elements of this schema have no attributes; remove it",
)
NESTED: Final = _error(
    "schema-nested",
    "此元素只能包含文字，不能包含其他元素",
    "this element holds text, no other elements",
    "请删除其中的元素，只留文字",
    "remove the elements inside and keep the text",
)
STRAY_TEXT: Final = _error(
    "schema-text",
    "元素之间夹有文字",
    "there is text between the elements",
    "请删除元素之间的文字",
    "remove the text between the elements",
)
NO_RECORD: Final = _error(
    "schema-record",
    "不是目录记录：{reason}",
    "not a record of the catalogue: {reason}",
    "根元素应为命名空间 urn:mulu:catalogue:1 中的 record",
    "the root must be record in the namespace urn:mulu:catalogue:1",
)
INVALID: Final = _error(
    "schema-invalid",
    "不符合目录模式：{reason}",
    "not valid against the catalogue schema: {reason}",
    "请对照模式说明检查该记录",
    "compare the record with the description of the schema",
)

FAULTS: Final = (
    MISSING,
    UNEXPECTED,
    NOT_LISTED,
    ILL_SHAPED,
    TOO_LONG,
    EMPTY,
    NO_VALUE,
    ATTRIBUTE,
    NESTED,
    STRAY_TEXT,
    NO_RECORD,
    INVALID,
)


def reasons(element: etree._Element) -> tuple[Issue, ...]:
    """One issue for every fault that xmlschema finds in ``element``, at most 50; none if it finds none."""
    errors = islice(_schema().iter_errors(element), _MOST)
    return tuple(_issue(error, element) for error in errors)


def unexplained(element: etree._Element, reason: str, line: int | None) -> Issue:
    """The issue for a record that libxml2 refuses, for ``reason`` on ``line``, and xmlschema does not."""
    return INVALID.issue(_place("", element), line, reason=reason.replace(f"{{{NAMESPACE}}}", ""))


@cache
def _schema() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(str(FILE), allow="local")


def _issue(error: XMLSchemaValidationError, element: etree._Element) -> Issue:
    place, line = _place(error.path or "", element), error.sourceline
    if isinstance(error, XMLSchemaChildrenValidationError):
        return _content(error, place, line)
    text = error.obj.strip() if isinstance(error.obj, str) else ""
    value = text[:_SHOWN]
    if not text and isinstance(error.validator, (XsdMinLengthFacet, XsdPatternFacets, XsdEnumerationFacets)):
        return EMPTY.issue(place, line)
    reason = (error.reason or "?").replace("{" + NAMESPACE + "}", "")
    match error.validator:
        case XsdEnumerationFacets(enumeration=codes):
            return NOT_LISTED.issue(place, line, value=value, allowed=", ".join(map(str, codes or ())))
        case XsdMaxLengthFacet(value=limit):
            return TOO_LONG.issue(place, line, length=len(text), limit=limit)
        case XsdPatternFacets() as patterns:
            form = " ".join(str(pattern.get("value")) for pattern in patterns)
            return ILL_SHAPED.issue(place, line, value=value, pattern=form)
    if isinstance(error, XMLSchemaDecodeError):
        return (NO_VALUE if value else EMPTY).issue(place, line, value=value, reason=reason)
    return _structure(error.validator).issue(place, line, reason=reason)


def _structure(validator: object) -> Fault:
    """What is wrong where no value and no order of elements is."""
    kinds: tuple[tuple[type, Fault], ...] = (
        (XsdAttributeGroup, ATTRIBUTE),
        (XsdElement, NESTED),
        (XsdGroup, STRAY_TEXT),
        (xmlschema.XMLSchema10, NO_RECORD),
    )
    return next((fault for kind, fault in kinds if isinstance(validator, kind)), INVALID)


def _content(error: XMLSchemaChildrenValidationError, place: str, line: int | None) -> Issue:
    """An element that is missing where something later stands (or nothing), or one that may not stand here."""
    names = [_local(particle.name) for particle in _elements(error.validator)]
    expected = [_local(particle.name) for particle in error.expected or ()]
    found = _local(error.invalid_tag)
    if expected and (not found or (found in names and names.index(found) > names.index(expected[0]))):
        return MISSING.issue(place, line, expected=" | ".join(expected))
    child: Any = error.invalid_child
    return UNEXPECTED.issue(place, line if child is None else line_of(child), found=found)


def _elements(group: Any) -> list[Any]:
    return list(group.iter_elements())


def _local(name: Any) -> str:
    return str(name or "").rpartition("}")[2]


def _place(path: str, element: etree._Element) -> str:
    """The path within the record, without prefixes: ``/record/IdPoC[2]/rpOrgName``."""
    return _PREFIX.sub("", path) or f"/{_local(element.tag)}"
