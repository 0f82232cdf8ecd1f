"""The only maker of XML parsers, and the one spelling of an element that is digested and published.

Every parser here reads UTF-8 (see :mod:`schemas.encoding`), loads no DTD, resolves no entity, asks no
network, keeps libxml2's size limits and never recovers. Comments, processing instructions and white space
between elements are dropped while parsing: they carry nothing in any of our formats.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from lxml import etree

from schemas.canonical import canonical
from schemas.encoding import StreamDecoder, decode_declared
from schemas.refusal import DOCTYPE, ILL_FORMED, XmlRefused

__all__ = [
    "StreamDecoder",
    "XmlRefused",
    "canonical",
    "check_prolog",
    "decode_declared",
    "ended",
    "ill_formed",
    "line_of",
    "parse",
    "parse_decoded",
    "parse_packaged",
    "pull_parser",
    "text_of",
]


def parse(content: bytes) -> etree._Element:
    """The root element of ``content`` (whole, in any encoding we accept).

    Raises :class:`XmlRefused` where it is ill-formed, carries a DOCTYPE or lies about its encoding.
    Warnings about the encoding are dropped: call :func:`decode_declared` first to have them.
    """
    fed, _ = decode_declared(content)
    try:
        return parse_decoded(fed)
    except etree.XMLSyntaxError as error:
        raise ill_formed(error) from error


def parse_decoded(content: bytes) -> etree._Element:
    """The root element of ``content`` as a :class:`StreamDecoder` gives it. Raises ``XMLSyntaxError`` where it
    is ill-formed, :class:`XmlRefused` for a DOCTYPE."""
    root = etree.fromstring(content, _PARSER)
    check_prolog(root)
    return root


PullParser: TypeAlias = etree.XMLPullParser
"""What :func:`pull_parser` makes, for annotations elsewhere."""


def pull_parser(*tags: str) -> PullParser:
    """A parser to be fed with what a :class:`StreamDecoder` gives; its events are the ends of ``tags``
    (``{namespace}name``). Take them by :func:`ended`, and turn its ``XMLSyntaxError`` into
    :func:`ill_formed`; at the end of the answer call :func:`check_prolog` on the root."""
    return etree.XMLPullParser(
        ("end",),
        tag=tags or None,
        encoding="utf-8",
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
    )


def ended(parser: PullParser) -> Iterator[etree._Element]:
    """The elements that ended since the last call. Raises :class:`XmlRefused` for a DOCTYPE."""
    events: Iterator[tuple[str, Any]] = parser.read_events()
    for _, element in events:
        check_prolog(element)
        yield element


def check_prolog(element: etree._Element) -> None:
    """Raise :class:`XmlRefused` where the document of ``element`` has a DOCTYPE, as the parser saw it."""
    if element.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused(DOCTYPE)


def ill_formed(error: etree.XMLSyntaxError) -> XmlRefused:
    """What to raise for a syntax error of libxml2, with its line.

    Raises ``MemoryError`` where libxml2 only had no memory left, which it reports as such an error too.
    """
    if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
        raise MemoryError("libxml2 has no memory left") from error
    return XmlRefused(ILL_FORMED, line=error.lineno, reason=error.msg or "?")


def line_of(element: etree._Element) -> int | None:
    """The line of its answer on which ``element`` began (1 = first); None for one that was never parsed."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def text_of(element: etree._Element) -> str:
    """All text inside ``element``, without white space at its ends."""
    return "".join(map(str, element.itertext())).strip()


def parse_packaged(path: Path) -> etree._ElementTree:
    """A file of this package (a schema), which may refer to its neighbours. Never for data from outside."""
    return etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True))


_PARSER = etree.XMLParser(
    encoding="utf-8",
    load_dtd=False,
    dtd_validation=False,
    attribute_defaults=False,
    resolve_entities=False,
    no_network=True,
    huge_tree=False,
    recover=False,
    remove_blank_text=True,
    remove_comments=True,
    remove_pis=True,
)
