"""One XML file that is a complete list: asked for with the conditions of HTTP, cut as it streams in."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from harvester.protocols import faults
from harvester.protocols.base import Envelope, RawRecord, Request, WithoutTokens
from harvester.protocols.stream import ElementStream
from registry.formats import FORMATS
from registry.formats.lists import identifier_of
from registry.model.issue import Issue
from registry.model.run import Window
from registry.model.source import SourceDescription
from schemas.gauge import TreeLimits
from schemas.oaipmh import OAI


class XmlDocument(WithoutTokens):
    """The row of ``PROTOCOLS``. There is one answer to a walk, hence no token."""

    def ask(self, source: SourceDescription, window: Window, token: str) -> Request:
        conditions = {"If-None-Match": window.etag, "If-Modified-Since": window.last_modified}
        return Request(
            source.location, {name: value for name, value in conditions.items() if value}, whole_list=True
        )

    def reader(self, source: SourceDescription, limits: TreeLimits = TreeLimits()) -> DocumentReader:
        return DocumentReader(FORMATS[source.metadata_prefix].record_tag, limits=limits)


class DocumentReader:
    """Hands out the elements of ``record_tag``, wherever in the document they stand.

    A record goes by the identifier of the entry that it stands in (``registry.formats.lists``); where it stands in
    none, the format's key mints it. A document without a single record is incomplete: an emptied list cannot be
    told from a document of another kind.
    """

    def __init__(self, record_tag: str, document: str = "", limits: TreeLimits = TreeLimits()) -> None:
        self._record_tag = record_tag
        self._stream = ElementStream(record_tag, limits)
        self._prefix = f"{document}: " if document else ""
        self._count = 0

    def feed(self, chunk: bytes) -> Iterator[RawRecord]:
        for element in self._stream.feed(chunk):
            self._count += 1
            raw = etree.tostring(element, encoding="utf-8", with_tail=False)
            place = f"{self._prefix}record {self._count}, line {element.sourceline}"
            yield RawRecord(identifier_of(element), None, False, element, raw, place, inner=raw)

    def close(self) -> Envelope:
        root = self._stream.close()
        issues: tuple[Issue, ...] = tuple(self._stream.decoder.issues)
        fault = None
        if root is None:
            fault = (faults.WEB_PAGE if self._stream.is_web_page else faults.EMPTY).issue()
        elif str(root.tag).startswith(f"{{{OAI}}}"):
            fault = faults.WRONG_ROOT.issue(found="OAI-PMH", expected=element_named(self._record_tag))
        elif not self._count:
            fault = faults.NO_RECORDS.issue(expected=element_named(self._record_tag))
        return Envelope(complete=fault is None, issues=issues if fault is None else (*issues, fault))


def element_named(tag: str) -> str:
    """A tag as people write it: the element's name, and its namespace where it has one."""
    name = etree.QName(tag)
    return f"{name.localname} ({name.namespace})" if name.namespace else name.localname
