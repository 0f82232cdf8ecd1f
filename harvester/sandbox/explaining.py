"""Why the schema refuses a record, asked of a process of its own.

xmlschema takes longer to load than everything else in a child, most walks never need it, and a confined child can
load nothing any more. So the first refused record has the parent start a second child, confined like the first,
that only explains: the record goes there as bytes, through the parent, and issues come back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from lxml import etree

from registry.model.issue import Issue
from schemas.xml import line_of, parse_decoded
from schemas.xsd import explain

_HIGHEST_LINE: Final = 0xFFFF  # that libxml2 keeps in an element

AskForReasons = Callable[[bytes], Sequence[Issue]]
"""Hands the bytes of a refused record over and waits for the answer of :func:`reasons`."""


def explain_elsewhere(element: etree._Element, ask: AskForReasons) -> tuple[Issue, ...]:
    """What :func:`schemas.xsd.explain` says of ``element``, with the lines of the answer that it stands in."""
    lines = [line_of(each) for each in element.iter()]
    issues = ask(etree.tostring(element, encoding="utf-8", with_tail=False))
    return tuple(replace(issue, line=_line(lines, issue.line)) for issue in issues)


def reasons(content: bytes) -> list[Issue]:
    """Why the schema refuses the element ``content`` (UTF-8). ``line`` says which element of it is meant, the
    first being 1."""
    element = parse_decoded(content)
    for number, each in enumerate(element.iter(), 1):
        each.sourceline = min(number, _HIGHEST_LINE)  # type: ignore[assignment]  # no setter in the stubs
    return list(explain(element))


def _line(lines: Sequence[int | None], number: int | None) -> int | None:
    return lines[number - 1] if number and 0 < number <= len(lines) else None
