"""Putting a catalogue record together: elements in the schema's order, empty ones left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from schemas.xsd import NAMESPACE

Content = str | Mapping[str, "Content"] | Sequence["Content"] | None
"""A text; named child elements in order; several elements of one name; or nothing."""


def compose(content: Mapping[str, Content]) -> etree._Element:
    """A ``record`` holding ``content`` in its order. Empty texts, mappings and sequences make no element.

    Raises ``ValueError`` for text that XML cannot hold.
    """
    namespaces: Any = {None: NAMESPACE}
    record = etree.Element(f"{{{NAMESPACE}}}record", nsmap=namespaces)
    _fill(record, content)
    return record


def _fill(parent: etree._Element, content: Mapping[str, Content]) -> None:
    for name, value in content.items():
        each = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
        for one in each:
            _append(parent, name, one)


def _append(parent: etree._Element, name: str, content: Content) -> None:
    if isinstance(content, Mapping):
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        _fill(element, content)
        if len(element) == 0:
            parent.remove(element)
    elif isinstance(content, str) and content.strip():
        etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = content.strip()
