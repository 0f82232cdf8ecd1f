"""The rules at work on one record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from lxml import etree

from harvester.rules import RULES
from harvester.rules.base import (
    CODES,
    GROUPS,
    IDENTIFIER,
    RECORD,
    Arguments,
    Check,
    CheckRule,
    Fields,
    Rule,
    Subject,
    TextRule,
    own_day,
)
from registry.formats.leaves import Leaves
from registry.model.issue import Issue
from registry.model.source import SourceDescription
from schemas.xml import line_of
from schemas.xsd import NAMESPACE

_Pairs = tuple[tuple[CheckRule, Check], ...]


def _pairs(rules: Iterable[CheckRule]) -> _Pairs:
    return tuple((rule, rule.check) for rule in rules)


_TEXT_RULES: Final = tuple(rule for rule in RULES.values() if isinstance(rule, TextRule))
_CHECK_RULES: Final = tuple(rule for rule in RULES.values() if isinstance(rule, CheckRule))
_IDENTIFIER_RULES: Final = _pairs(rule for rule in _CHECK_RULES if IDENTIFIER in rule.on)
_SINGLE_RULES: Final = _pairs(rule for rule in _CHECK_RULES if RECORD in rule.on and not rule.of_codes)
_CODE_RULES: Final = _pairs(rule for rule in _CHECK_RULES if RECORD in rule.on and rule.of_codes)
_GROUPS: Final = tuple(
    (name, fields, _pairs(rule for rule in _CHECK_RULES if name in rule.on))
    for name, fields in GROUPS.items()
)
_SPACE: Final = " \t\r\n"  # of XML: other characters that are white space for Python are to be shown
_REMEMBERED: Final = 10_000  # combinations of codes
_LOCATED: Final = 50  # findings of one record, of which no more are shown anyway


class Finding(NamedTuple):
    """A rule that found something: in the ``nth`` (from 0) group ``group``, or (empty) in the record itself."""

    rule: CheckRule
    arguments: Arguments
    group: str
    nth: int


class Examiner:
    """The rules, asked about the records of one source on one day. Not for several threads."""

    def __init__(self, source: SourceDescription, today: date) -> None:
        self._source = source
        self._today = today
        self._passed: set[tuple[bytes | None, ...]] = set()

    def identify(self, identifier: str) -> list[Issue]:
        """What the rules find in an identifier alone, of a deleted record too."""
        subject = Subject(identifier, {}, self._source, self._today, suspicious=True)
        found = _ask(_IDENTIFIER_RULES, {}, subject, "", 0)
        return [finding.rule.issue(finding.arguments) for finding in found]

    def examine(self, identifier: str, leaves: Leaves, suspicious: bool) -> list[Finding]:
        """What the rules find in a record, valid against the schema, that has these ``leaves``;
        ``suspicious`` as in :class:`Subject`."""
        fields = leaves.first
        subject = Subject(identifier, fields, self._source, self._today, suspicious)
        found = _ask(_SINGLE_RULES, fields, subject, "", 0)
        codes = (*map(fields.get, CODES), own_day(fields)[:4])
        if codes not in self._passed:
            wrong = _ask(_CODE_RULES, fields, subject, "", 0)
            found += wrong
            if not wrong and len(self._passed) < _REMEMBERED:
                self._passed.add(codes)
        for name, wanted, rules in _GROUPS:
            if wanted[0] not in fields:
                continue
            if leaves.names.count(wanted[0]) == 1:
                found += _ask(
                    rules, {field: fields[field] for field in wanted if field in fields}, subject, name, 0
                )
            else:
                for nth, group in enumerate(_groups(leaves, wanted)):
                    found += _ask(rules, group, subject, name, nth)
        return found


def _ask(rules: _Pairs, fields: Fields, subject: Subject, group: str, nth: int) -> list[Finding]:
    found = []
    for rule, check in rules:
        arguments = check(fields, subject)
        if arguments is not None:
            found.append(Finding(rule, arguments, group, nth))
    return found


def _groups(leaves: Leaves, wanted: tuple[bytes, ...]) -> list[dict[bytes, bytes]]:
    """The groups that begin with the first of ``wanted``, with those of their texts that are wanted."""
    groups: list[dict[bytes, bytes]] = []
    for name, text in zip(leaves.names, leaves.texts, strict=True):
        if name == wanted[0]:
            groups.append({})
        if groups and name in wanted:
            groups[-1][name] = text
    return groups


def apply(findings: Sequence[Finding], record: etree._Element) -> tuple[list[Issue], bool]:
    """The issues of ``findings`` with their places in ``record``; whether something was taken out of it."""
    groups = {name: list(record.iter(_tag(name))) for name in {finding.group for finding in findings} if name}
    issues: list[Issue] = []
    doomed: list[etree._Element] = []
    for rule, arguments, group, nth in findings:
        element = groups[group][nth] if group else record
        if rule.removes:
            doomed.append(element)
        about = arguments.get("element", rule.about)
        named = next(element.iter(_tag(about)), element) if about else element
        issues.append(_issue(rule, arguments, named, record, located=len(issues) < _LOCATED))
    for element in doomed:
        _remove(element)
    return issues, bool(doomed)


def _issue(
    rule: Rule, arguments: Arguments, element: etree._Element, record: etree._Element, *, located: bool
) -> Issue:
    """One finding. Its place is told only where ``located``: to find it takes a walk among the siblings."""
    return rule.issue(arguments, place_of(element, record) if located else "", line_of(element))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def amend(record: etree._Element) -> list[Issue]:
    """Mask and clean every text of ``record``, in place: for records that
    :func:`harvester.rules.masking.is_suspicious` names, valid or not."""
    issues: list[Issue] = []
    for element in list(record.iter(etree.Element)):
        if element.text and element.text.strip(_SPACE):
            _amend(element, record, issues)
    return issues


def _amend(element: etree._Element, record: etree._Element, issues: list[Issue]) -> None:
    name, text = etree.QName(element).localname, element.text or ""
    for rule in _TEXT_RULES:
        if name in rule.spares or (amended := rule.amend(text)) == text:
            continue
        issues.append(_issue(rule, {}, element, record, located=len(issues) < _LOCATED))
        if name in rule.removes:
            _remove(element)
            return
        element.text = text = amended


def place_of(element: etree._Element, record: etree._Element) -> str:
    """Where ``element`` stands in ``record``, as ``/record/conduct[2]/decisionDate``."""
    steps: list[str] = []
    while element is not record:
        parent = element.getparent()
        if parent is None:
            break
        name = etree.QName(element).localname
        same = [child for child in parent if child.tag == element.tag]
        steps.append(f"{name}[{same.index(element) + 1}]" if len(same) > 1 else name)
        element = parent
    return "/".join(["", "record", *reversed(steps)])


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
