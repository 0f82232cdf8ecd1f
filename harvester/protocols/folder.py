"""A folder of this installation as a source: one walk reads one delivery, one answer is one document.

The question is a URL of the scheme ``folder:``; :func:`open_answer` answers it in the parent, as
``harvester.http`` answers others. The answer begins with one line of JSON (:class:`Head`) that names the
document and the next one; the document's bytes follow. As with HTTP, an ``ETag`` (the delivery's name)
says what has been read already, and "not modified" that no delivery is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import msgspec

from harvester.errors import ProtocolFailure
from harvester.protocols.base import Envelope, RawRecord, Request, WithoutTokens
from harvester.protocols.deliveries import (
    MANIFEST,
    Delivery,
    DeliveryLimits,
    documents,
    find_delivery,
    next_delivery,
    read_document,
    refuse_loose,
)
from harvester.protocols.xml_document import DocumentReader
from registry.formats import FORMATS
from registry.model.issue import Text
from registry.model.run import Scope, Window
from registry.model.source import SourceDescription
from schemas.gauge import TreeLimits

SCHEME = "folder"
_GONE = Text("批次 {name} 中没有可读的文件", "nothing can be read from the delivery {name}")


class Head(msgspec.Struct, frozen=True):
    """The line before a document: its name, the token of the next one (or empty), the delivery's scope. ``withdrawn``:
    no document follows; these records are taken back."""

    document: str
    next: str
    scope: Scope
    withdrawn: tuple[str, ...] = ()


class Folder(WithoutTokens):
    """The row of ``PROTOCOLS``. A token is ``<delivery>/<document>``."""

    def ask(self, source: SourceDescription, window: Window, token: str) -> Request:
        query = urlencode({"after": window.etag, "token": token})
        return Request(f"{SCHEME}:{quote(source.location)}?{query}", whole_list=True)

    def reader(self, source: SourceDescription, limits: TreeLimits = TreeLimits()) -> FolderReader:
        return FolderReader(FORMATS[source.metadata_prefix].record_tag, limits)


class FolderReader:
    """Reads a head, then the document as :class:`DocumentReader` does."""

    def __init__(self, record_tag: str, limits: TreeLimits = TreeLimits()) -> None:
        self._record_tag = record_tag
        self._limits = limits
        self._line = b""
        self._head: Head | None = None
        self._document = DocumentReader(record_tag, limits=limits)

    def feed(self, chunk: bytes) -> Iterator[RawRecord]:
        if self._head is None:
            line, newline, chunk = (self._line + chunk).partition(b"\n")
            self._line = line
            if not newline:
                return
            self._head = msgspec.json.decode(line, type=Head)
            self._document = DocumentReader(self._record_tag, self._head.document, self._limits)
            yield from map(_withdrawn, self._head.withdrawn)
        if not self._head.withdrawn:
            yield from self._document.feed(chunk)

    def close(self) -> Envelope:
        head = self._head
        envelope = Envelope() if head is not None and head.withdrawn else self._document.close()
        return envelope if head is None else replace(envelope, token=head.next, scope=head.scope)


def _withdrawn(identifier: str) -> RawRecord:
    """A record that is taken back."""
    raw = msgspec.json.encode({"withdrawn": identifier})
    return RawRecord(identifier, None, True, None, raw, f"{MANIFEST}: {identifier}")


@dataclass(frozen=True, slots=True)
class FolderAnswer:
    """What a folder answers: status 200 with a document, or 304 where no delivery is new."""

    status: int
    headers: Mapping[str, str]
    _body: Iterator[bytes] = field(repr=False)

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    def chunks(self) -> Iterator[bytes]:
        """The head and the document's bytes, once. Raises ``ProtocolFailure``."""
        yield from self._body


@contextmanager
def open_answer(
    request: Request, source: SourceDescription, limits: DeliveryLimits | None = None
) -> Iterator[FolderAnswer]:
    """Answer a request that :class:`Folder` made. Raises ``FatalFailure`` where the folder cannot be read or holds
    documents outside of deliveries and no new delivery, ``ProtocolFailure`` where the manifest of the next one is
    none. Where a delivery cannot be read its answer raises that, so that it counts as read and later ones follow."""
    limits = limits or DeliveryLimits()
    location = Path(source.location)
    query = parse_qs(urlsplit(request.url).query)
    after, token = query.get("after", [""])[0], query.get("token", [""])[0]
    name, _, document = token.partition("/")
    delivery = find_delivery(location, name) if token else next_delivery(location, after)
    if delivery is None:
        refuse_loose(location)
        yield FolderAnswer(304, {"ETag": after}, iter(()))
        return
    try:
        current, following = _two_documents(delivery, limits, document)
    except ProtocolFailure as failure:
        yield refusal(delivery.name, failure)
        return
    onward = f"{delivery.name}/{following}" if following else ""
    head = Head(current, onward, delivery.scope, delivery.withdrawn if current == MANIFEST else ())
    headers = {"ETag": delivery.name, "Content-Type": "application/xml"}

    def body() -> Iterator[bytes]:
        yield msgspec.json.encode(head) + b"\n"
        yield from read_document(delivery, current, limits)

    yield FolderAnswer(200, headers, body())


def _two_documents(delivery: Delivery, limits: DeliveryLimits, first: str) -> tuple[str, str]:
    """The document to be read (``first``, where it is named) and the one behind it, or an empty name."""
    names = documents(delivery, limits, first)
    current, following = next(names, ""), next(names, "")
    if not current or (first and current != first):
        raise ProtocolFailure(_GONE.format(name=delivery.name))
    return current, following


def refusal(name: str, failure: ProtocolFailure) -> FolderAnswer:
    """The answer about a delivery that cannot be read as a whole: it raises ``failure`` when it is read."""

    return FolderAnswer(200, {"ETag": name}, map(_raised, (failure,)))


def _raised(failure: ProtocolFailure) -> bytes:
    raise failure
