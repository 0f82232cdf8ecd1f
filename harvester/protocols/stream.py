"""Elements of one kind, cut from XML as it comes in, in memory that does not grow with the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

from schemas.gauge import TreeLimits
from schemas.refusal import XmlRefused
from schemas.xml import StreamDecoder, StreamParser, parse_decoded

_PROLOG = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?")
_WEB_PAGE = re.compile(rb"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_ROOT = re.compile(rb"\s*+(?:<\?xml[^>]*+>\s*+)?+<([^\s<>!?/]++)")
_DECISIVE = len("<!DOCTYPE html>")


class ElementStream:
    """Feeds chunks to a parser and hands out the elements of ``tag`` that have ended.

    An answer that comes in one chunk is parsed at once, which costs two thirds. Otherwise an element stays in
    the tree until the next one has ended: the parser may still touch the last one. After that it belongs to
    whoever holds it. Nothing is parsed of what begins as a web page does.
    """

    def __init__(self, tag: str, limits: TreeLimits = TreeLimits()) -> None:
        self.decoder = StreamDecoder()
        self.is_web_page = False
        self.is_empty = True
        self._tag = tag
        self._limits = limits
        self._parser: StreamParser | None = None
        self._head = b""
        self._begun = False
        self._last: etree._Element | None = None
        self._whole = b""
        self._root: etree._Element | None = None

    def feed(self, chunk: bytes) -> Iterator[etree._Element]:
        """Take a chunk. Raises ``XmlRefused`` after the elements that ended before the fault."""
        if self.is_web_page:
            return
        self.is_empty = self.is_empty and not chunk.strip()
        content = self.decoder.feed(chunk)
        if not self._begun:
            self._head += content
            first = self._first_tag()
            if len(first) < _DECISIVE and b">" not in first:
                return
            content = self._begin()
            if elements := self._parse_whole(content):
                yield from elements
                return
        if content:
            yield from self._parse(content)

    def close(self) -> etree._Element | None:
        """The root with what was not handed out (and the last element that was); None for a web page or an
        empty answer. Raises ``XmlRefused`` where the document is not whole."""
        if self.is_empty:
            return None
        content = b"" if self.is_web_page else self.decoder.close()
        if not self._begun:
            self._head += content
            content = self._begin()
        if self.is_web_page:
            return None
        if self._root is not None and not content.strip():
            return self._root
        parser = self._streaming()
        for _ in parser.feed(content):
            pass
        return parser.close()

    def _first_tag(self) -> bytes:
        prolog = _PROLOG.match(self._head)
        return self._head[prolog.end() if prolog else 0 :][:_DECISIVE]

    def _begin(self) -> bytes:
        self.is_web_page = _WEB_PAGE.match(self._first_tag()) is not None
        content, self._head, self._begun = self._head, b"", True
        return b"" if self.is_web_page else content

    def _parse_whole(self, content: bytes) -> list[etree._Element]:
        """The elements of an answer that ``content`` is all of. None of them where it is not, or where it is
        not well-formed or too large, or where they stand in different places (perhaps one within another)."""
        if not _is_whole(content):
            return []
        try:
            root = parse_decoded(content, self._limits)
        except (etree.XMLSyntaxError, XmlRefused):
            return []  # the streaming parser hands out what stands before the fault
        elements = list(root.iter(self._tag))
        if len({element.getparent() for element in elements}) != 1:
            return []
        self._whole, self._root = content, root
        return elements

    def _streaming(self) -> StreamParser:
        """The parser for a stream. It has read what came before, also where that looked like all of it."""
        if self._parser is None:
            self._parser = StreamParser(self._tag, self._limits)
            if self._root is not None:
                for _ in self._parser.feed(self._whole):
                    pass  # handed out already
                self._root = None
        return self._parser

    def _parse(self, content: bytes) -> Iterator[etree._Element]:
        if self._root is not None and not content.strip():
            return
        for element in self._streaming().feed(content):
            if self._last is not None:
                _release(self._last, element)
            self._last = element
            yield element


def _is_whole(content: bytes) -> bool:
    """Whether ``content`` ends as its root element must."""
    root = _ROOT.match(content)
    return root is not None and content.rstrip().endswith(b"</%b>" % root[1])


def _release(last: etree._Element, element: etree._Element) -> None:
    """Take ``last`` out of the tree, and the wrappers that it leaves empty: they ended before ``element``."""
    parent = last.getparent()
    if parent is None:
        return
    parent.remove(last)
    if parent is element.getparent():
        return
    still_open = set(element.iterancestors())
    while not len(parent) and parent not in still_open and (outer := parent.getparent()) is not None:
        outer.remove(parent)
        parent = outer


def line_of(element: etree._Element) -> int | None:
    """The line of the answer that ``element`` begins on (1 = first)."""
    return cast("int | None", element.sourceline)
