"""Lists of records, each within the entry that it stands for: what exports write, and what imports read again.

A document stays what its source wrote; the identifier that it goes by is another thing, and stands beside it:
``<entry xmlns="urn:mulu:list:1" identifier="oai:hangzhou.example:1"><record …>…</record></entry>``.
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

NAMESPACE: Final = "urn:mulu:list:1"
ENTRY_TAG: Final = f"{{{NAMESPACE}}}entry"
_IDENTIFIER: Final = "identifier"
_NAMESPACES: Final[Any] = {None: NAMESPACE}


def entry(identifier: str, record: bytes) -> bytes:
    """The entry of this identifier around ``record`` (one element as UTF-8, without declaration), on as many lines.

    Raises ``ValueError`` for an identifier that XML cannot hold.
    """
    element = etree.Element(ENTRY_TAG, nsmap=_NAMESPACES)
    element.set(_IDENTIFIER, identifier)
    begin = etree.tostring(element, encoding="utf-8").removesuffix(b"/>")
    return b"%b>%b</entry>" % (begin, record)


def identifier_of(record: etree._Element) -> str:
    """The identifier that ``record`` stands under in its document; empty where it stands in no entry."""
    parent = record.getparent()
    if parent is None or parent.tag != ENTRY_TAG:
        return ""
    return (parent.get(_IDENTIFIER) or "").strip()


__all__ = ["ENTRY_TAG", "NAMESPACE", "entry", "identifier_of"]
