"""The only maker of XML parsers, and the one spelling of an element that is digested and published.

Every parser here reads UTF-8 (see :mod:`schemas.encoding`), loads no DTD, resolves no entity, asks no
network, keeps libxml2's size limits and ours (:mod:`schemas.gauge`), and never recovers. Comments, processing
instructions and white space between elements are dropped while parsing: they carry nothing in any of our formats.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from schemas.canonical import canonical
from schemas.encoding import StreamDecoder, decode_declared
from schemas.gauge import Gauge, TreeLimits, nodes_at_most, nodes_in
from schemas.refusal import DOCTYPE, ILL_FORMED, PARSER_LIMIT, TREE_NODES, XmlRefused

__all__ = [
    "StreamDecoder",
    "StreamParser",
    "XmlRefused",
    "canonical",
    "check_prolog",
    "decode_declared",
    "ill_formed",
    "line_of",
    "parse",
    "parse_decoded",
    "parse_packaged",
    "text_of",
]


_PIECE = 1 << 16
_LIMITS_OF_LIBXML2 = (etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_NAME_TOO_LONG)
_SAFE: dict[str, Any] = {
    "encoding": "utf-8",
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
    "recover": False,
    "remove_blank_text": True,
    "remove_comments": True,
    "remove_pis": True,
}
_PARSER = etree.XMLParser(**_SAFE)


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


def parse_decoded(content: bytes, limits: TreeLimits = TreeLimits()) -> etree._Element:
    """The root element of ``content`` as a :class:`StreamDecoder` gives it. Raises ``XMLSyntaxError`` where it
    is ill-formed, :class:`XmlRefused` for a DOCTYPE and for more nodes than ``limits`` allow."""
    if nodes_at_most(content) > limits.nodes and nodes_in(content) > limits.nodes:
        raise XmlRefused(TREE_NODES, limit=limits.nodes)
    root = etree.fromstring(content, _PARSER)
    check_prolog(root)
    return root


class StreamParser:
    """Parses what a :class:`StreamDecoder` gives, piece by piece; the elements of ``tag`` are handed out as they
    end. Whoever takes them may take them out of the tree, all but the last.

    What the tree would need is counted before the parser has a piece (:mod:`schemas.gauge`).
    """

    def __init__(self, tag: str, limits: TreeLimits = TreeLimits()) -> None:
        self._parser = etree.XMLPullParser(("end",), tag=tag, **_SAFE)
        self._gauge = Gauge(limits)
        self._root: etree._Element | None = None

    def feed(self, content: bytes) -> Iterator[etree._Element]:
        """The elements that ended in ``content``. Raises :class:`XmlRefused`, after those before the fault."""
        for at in range(0, len(content), _PIECE):
            piece, refusal = self._gauge.admit(
                content[at : at + _PIECE], self._written if self._root is not None else None
            )
            yield from self._parse(piece)
            if refusal is not None:
                raise refusal

    def close(self) -> etree._Element:
        """The root, with what was not taken out. Raises :class:`XmlRefused` where the document is not whole."""
        try:
            root: etree._Element = self._parser.close()
        except etree.XMLSyntaxError as error:
            raise ill_formed(error) from error
        check_prolog(root)
        return root

    def _parse(self, piece: bytes) -> Iterator[etree._Element]:
        fault = None
        try:
            self._parser.feed(piece)
        except etree.XMLSyntaxError as error:
            fault = error
        events: Iterator[tuple[str, Any]] = self._parser.read_events()
        for _, element in events:
            if self._root is None:
                check_prolog(element)
                self._root = element.getroottree().getroot()
            yield element
        if fault is not None:
            raise ill_formed(fault)

    def _written(self) -> bytes:
        assert self._root is not None
        return etree.tostring(self._root, encoding="utf-8")


def check_prolog(element: etree._Element) -> None:
    """Raise :class:`XmlRefused` where the document of ``element`` has a DOCTYPE, as the parser saw it."""
    if element.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused(DOCTYPE)


def ill_formed(error: etree.XMLSyntaxError) -> XmlRefused:
    """What to raise for a syntax error of libxml2, with its line.

    Raises ``MemoryError`` where libxml2 only had no memory left, which it reports as such an error too.
    """
    code = getattr(error, "code", None)
    if code == etree.ErrorTypes.ERR_NO_MEMORY:
        raise MemoryError("libxml2 has no memory left") from error
    fault = PARSER_LIMIT if code in _LIMITS_OF_LIBXML2 else ILL_FORMED
    return XmlRefused(fault, line=error.lineno, reason=" ".join((error.msg or "?").split()))


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
