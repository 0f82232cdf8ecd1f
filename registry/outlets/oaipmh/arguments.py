"""The arguments of a request, checked against the table of verbs (OAI-PMH 2.0, sections 2.5, 3.1 and 4)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.model.datestamp import Granularity, is_datestamp, parse_datestamp
from registry.model.identifier import is_identifier
from registry.model.issue import Text
from registry.outlets.oaipmh.errors import Complaint, ProtocolError
from schemas.oaipmh import METADATA_PREFIX_PATTERN, SET_SPEC_PATTERN, VERBS

MAX_COMPLAINTS = 8
"""How many faulty arguments an answer names."""
_MAX_NAME = 40

_PREFIX = re.compile(METADATA_PREFIX_PATTERN)
_SET_SPEC = re.compile(SET_SPEC_PATTERN)
_RELATIVE = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=@]+")
"""No identifier of ours, but still a URI reference that an answer may repeat."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that follows the rules: a verb, and its other arguments by name as they came."""

    verb: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Window:
    """``from`` and ``until``, both inclusive (None: no bound)."""

    since: datetime | None
    until: datetime | None


def request_from(pairs: Sequence[tuple[str, str]]) -> Request:
    """The request that ``pairs`` of names and values (in any order, from a query or a form) make.

    Raises :class:`ProtocolError` (badVerb, or every badArgument).
    """
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise ProtocolError.of("badVerb")
    others = [(name, value) for name, value in pairs if name != "verb"]
    faults = [*_faults_of_names(verbs[0], [name for name, _ in others]), *_faults_of_values(others)]
    if faults:
        raise ProtocolError([Complaint("badArgument", fault) for fault in faults[:MAX_COMPLAINTS]])
    request = Request(verbs[0], dict(others))
    window_of(request)
    return request


def _faults_of_names(verb: str, names: Sequence[str]) -> Iterator[Text]:
    rules = VERBS[verb]
    for name, count in Counter(names).items():
        shown = name[:_MAX_NAME]
        if name not in rules.arguments:
            yield Text(f"{verb} 没有参数 {shown}", f"{verb} has no argument {shown}")
        elif count > 1:
            yield Text(f"参数 {name} 重复", f"{name} is repeated")
    if rules.exclusive and rules.exclusive in names:
        if len(set(names)) > 1:
            yield Text(f"{rules.exclusive} 只能单独使用", f"{rules.exclusive} excludes all other arguments")
        return
    for name in sorted(rules.required - set(names)):
        yield Text(f"缺少参数 {name}", f"{name} is missing")


def _faults_of_values(arguments: Sequence[tuple[str, str]]) -> Iterator[Text]:
    for name, value in arguments:
        if name in _WELL_FORMED and not _WELL_FORMED[name](value):
            yield Text(f"参数 {name} 的取值不合规", f"the value of {name} is ill-formed")


_WELL_FORMED: Mapping[str, Callable[[str], bool]] = {
    "metadataPrefix": lambda value: _PREFIX.fullmatch(value) is not None,
    "set": lambda value: _SET_SPEC.fullmatch(value) is not None,
    "from": is_datestamp,
    "until": is_datestamp,
    "identifier": lambda value: is_identifier(value) or _RELATIVE.fullmatch(value) is not None,
}


def window_of(request: Request) -> Window:
    """The window that a request asks for; a day as ``until`` ends with its last second.

    Raises :class:`ProtocolError` (badArgument) where ``from`` and ``until`` differ in granularity, or
    ``from`` is later.
    """
    bounds = {
        name: parse_datestamp(request.arguments[name])
        for name in ("from", "until")
        if name in request.arguments
    }
    if len({granularity for _, granularity in bounds.values()}) > 1:
        raise ProtocolError.of(
            "badArgument", Text("from 与 until 的粒度不同", "from and until differ in granularity")
        )
    since, _ = bounds.get("from", (None, None))
    until, granularity = bounds.get("until", (None, None))
    if until is not None and granularity is Granularity.DAY:
        until += timedelta(days=1, seconds=-1)
    if since is not None and until is not None and since > until:
        raise ProtocolError.of("badArgument", Text("from 晚于 until", "from is later than until"))
    return Window(since, until)
