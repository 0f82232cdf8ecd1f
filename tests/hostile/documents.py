"""Hostile documents: the recorded ones, and our own; those that refer to something are pointed at lures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple
from xml.parsers import expat

from tests.invariants.lures import Lures
from tests.shared import SHARED

HOSTILE = SHARED / "data" / "hostile"


class Document(NamedTuple):
    """One hostile document; ``is_lure``: it asks for something that would betray its reader."""

    name: str
    content: bytes
    is_lure: bool = False


@cache
def recorded() -> tuple[Document, ...]:
    """Every file of the recorded ones, as it stands."""
    files = sorted(path for path in HOSTILE.rglob("*") if path.is_file())
    return tuple(Document(str(path.relative_to(HOSTILE)), path.read_bytes()) for path in files)


_OURS = {
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]><x>&e;</x>',
    "external parameter entity": '<!DOCTYPE x [<!ENTITY % e SYSTEM "{url}"> %e;]><x/>',
    "external subset": '<!DOCTYPE x SYSTEM "{url}"><x/>',
    "public subset": '<!DOCTYPE x PUBLIC "-//x//y" "{url}"><x/>',
    "include": '<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}" parse="text"/></x>',
    "schema location": '<x xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x {url}"/>',
    "schema without namespace": (
        '<x xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="{url}"/>'
    ),
    "style sheet": '<?xml-stylesheet type="text/xsl" href="{url}"?><x/>',
    "base": '<x xml:base="{url}"><y xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{url}"/></x>',
    "catalogue": '<?oasis-xml-catalog catalog="{url}"?><!DOCTYPE x SYSTEM "y"><x/>',
    "unparsed entity": '<!DOCTYPE x [<!NOTATION n SYSTEM "{url}"><!ENTITY e SYSTEM "{url}" NDATA n>]><x/>',
    "entity in an attribute": '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}"><!ATTLIST x a CDATA "&e;">]><x a="&e;"/>',
}
_REFERENCE = re.compile(rb"""((?:SYSTEM|PUBLIC\s+(?:"[^"]*"|'[^']*'))\s+|href\s*=\s*)("[^"]*"|'[^']*')""")


def luring(lures: Lures) -> Iterator[Document]:
    """Our own, and the recorded ones that refer to something: pointed at the pipe and at the listener, in UTF-8,
    UTF-16 and UTF-7 (which hides a DOCTYPE from whoever looks at the bytes)."""
    for kind, url in (("file", lures.file_url), ("http", lures.http_url), ("path", str(lures.pipe))):
        for name, template in _OURS.items():
            text = template.format(url=url)
            yield Document(f"{name}, {kind}", text.encode(), is_lure=True)
            yield Document(f"{name}, {kind}, UTF-16", text.encode("utf-16"), is_lure=True)
            yield Document(f"{name}, {kind}, UTF-7", _in_utf_7(text), is_lure=True)
        for document in recorded():
            pointed = _REFERENCE.sub(rb'\1"' + url.encode() + b'"', document.content)
            if pointed != document.content:
                yield Document(f"{document.name}, {kind}", pointed, is_lure=True)


def _in_utf_7(text: str) -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-7"?>' + text.replace("<", "+ADw-").replace(">", "+AD4-").encode()
    )


def is_well_formed(content: bytes) -> bool:
    """What another parser than ours says: well-formed, with namespaces, and without a DOCTYPE."""
    has_doctype = False

    def doctype(*_: object) -> None:
        nonlocal has_doctype
        has_doctype = True

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError):
        return False
    return not has_doctype
