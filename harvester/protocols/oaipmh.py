"""OAI-PMH 2.0: the walk over a list, and the reader of every answer that a harvester can get.

A walk asks Identify first (who is this, and how fine are its datestamps?), then ListRecords from the
window's beginning at that granularity, then one resumption token after the other. Source: the specification 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from xml.sax.saxutils import unescape

from lxml import etree

from harvester.protocols import faults
from harvester.protocols.base import Envelope, RawRecord, Request
from harvester.protocols.oaipmh_envelope import (
    BAD_TOKEN,
    IDENTIFY,
    LIST_RECORDS,
    NO_RECORDS_MATCH,
    TOKEN_BYTES,
    UNKNOWN_RECORD,
    read_envelope,
)
from harvester.protocols.oaipmh_questions import (
    BEGINNINGS,
    ask_identifiers,
    ask_identify,
    ask_record,
    ask_records,
    continue_records,
    verb_of,
)
from harvester.protocols.provenance import read_path
from harvester.protocols.stream import ElementStream, line_of
from registry.model.datestamp import parse_datestamp
from registry.model.issue import Issue
from registry.model.record import Hop
from registry.model.run import Window
from registry.model.source import SourceDescription
from schemas.gauge import TreeLimits
from schemas.oaipmh import OAI

_RECORD = f"{{{OAI}}}record"
_HEADER = f"{{{OAI}}}header"
_METADATA = f"{{{OAI}}}metadata"
_ABOUT = f"{{{OAI}}}about"
_IDENTIFIER = f"{{{OAI}}}identifier"
_DATESTAMP = f"{{{OAI}}}datestamp"
_SET_SPEC = f"{{{OAI}}}setSpec"

# How most records begin where libxml2 writes them. Header and metadata are the first children of the record, by
# their place alone, so that nothing inside a record can pass for them.
_USUAL = re.compile(
    rb"<record(?: xmlns(?::[A-Za-z0-9]++)?+=\"[^\"&]*+\")++><header><identifier>([^<&]++)</identifier>"
    rb"<datestamp>([^<&]++)</datestamp>((?:<setSpec>[^<&]++</setSpec>)*+)</header><metadata>"
)
_SETS = re.compile("<setSpec>([^<]++)")
_END = b"</metadata>"

_TOKEN_AT_THE_END = re.compile(
    rb"<resumptionToken(?:\s[^<>]*+)?>([^<>]++)</resumptionToken>\s*+</ListRecords>\s*+</OAI-PMH>\s*+\Z"
)


class OaiPmh:
    """The row of ``PROTOCOLS``. Tokens are the source's own, but for the one that Identify's answer gets."""

    def ask(self, source: SourceDescription, window: Window, token: str) -> Request:
        if not token:
            return ask_identify(source)
        if token in BEGINNINGS:
            return ask_records(source, window, BEGINNINGS[token])
        return continue_records(source, token)

    def misfit(self, token: str, envelope: Envelope, records: int) -> Issue | None:
        """A list is not over because something else was answered, or because "nothing matches" in its midst."""
        asked = LIST_RECORDS if token else IDENTIFY
        if NO_RECORDS_MATCH in envelope.error_codes:
            return None if token in BEGINNINGS else faults.LIST_CUT_OFF.issue()
        if envelope.answered and envelope.answered != asked:
            return faults.OTHER_ANSWER.issue(asked=asked, answered=envelope.answered)
        if token and envelope.answered and not records:
            return faults.NO_RECORD_LISTED.issue()
        return None

    def doubt(self, token: str, envelope: Envelope) -> Issue | None:
        """The last page of a list that was resumed must have an empty token (3.5)."""
        resumed = bool(token) and token not in BEGINNINGS
        return faults.END_UNTOLD.issue() if resumed and not envelope.end_told else None

    def refuses(self, token: str, envelope: Envelope) -> bool:
        """The source's own token, and it does not know it any more."""
        return bool(token) and token not in BEGINNINGS and BAD_TOKEN in envelope.error_codes

    @property
    def single(self) -> OaiPmhSingly:
        return OaiPmhSingly()

    def reader(self, source: SourceDescription, limits: TreeLimits = TreeLimits()) -> OaiPmhReader:
        return OaiPmhReader(limits=limits)


class OaiPmhSingly:
    """ListIdentifiers and GetRecord, beside the list of records."""

    def ask_identifiers(
        self, source: SourceDescription, window: Window, beginning: str, token: str
    ) -> Request:
        return ask_identifiers(source, window, BEGINNINGS[beginning], token)

    def ask_record(self, source: SourceDescription, identifier: str) -> Request:
        return ask_record(source, identifier)

    def misfit(self, request: Request, envelope: Envelope) -> Issue | None:
        """An answer to another verb, as a cache would give it."""
        asked = verb_of(request)
        if not envelope.answered or envelope.answered == asked:
            return None
        return faults.OTHER_ANSWER.issue(asked=asked, answered=envelope.answered)

    def is_unknown(self, envelope: Envelope) -> bool:
        return UNKNOWN_RECORD in envelope.error_codes

    def token_behind(self, end: bytes) -> str:
        """Only a token right before the end of the list and of the answer: nothing in a record stands there."""
        found = _TOKEN_AT_THE_END.search(end)
        if found is None or b"&#" in found[1]:
            return ""
        try:
            token = unescape(found[1].decode().strip(), {"&quot;": '"', "&apos;": "'"})
        except UnicodeDecodeError:
            return ""
        return token if len(token.encode()) <= TOKEN_BYTES else ""

    def identifier_reader(self, limits: TreeLimits = TreeLimits()) -> OaiPmhReader:
        return header_reader(limits)


class OaiPmhReader:
    """Reads the answer to any verb; the records in it are handed out on the way."""

    def __init__(
        self,
        tag: str = _RECORD,
        cut: Callable[[etree._Element, str], RawRecord] | None = None,
        limits: TreeLimits = TreeLimits(),
    ) -> None:
        self._stream = ElementStream(tag, limits)
        self._cut = cut or cut_record
        self._count = 0

    def feed(self, chunk: bytes) -> Iterator[RawRecord]:
        cut = self._cut
        for element in self._stream.feed(chunk):
            self._count += 1
            yield cut(element, f"record {self._count}, line {element.sourceline}")

    def close(self) -> Envelope:
        return read_envelope(self._stream)


def header_reader(limits: TreeLimits = TreeLimits()) -> OaiPmhReader:
    """A reader for ListIdentifiers: records without an element, known by their headers only."""
    return OaiPmhReader(_HEADER, cut_header, limits)


def cut_record(record: etree._Element, place: str) -> RawRecord:
    """A ``record``, taken apart. What is wrong with its wrapping becomes issues."""
    raw = etree.tostring(record, encoding="utf-8", with_tail=False)
    usual = _USUAL.match(raw)
    cut = _cut_usual(record, raw, place, usual) if usual else None
    return cut or _cut_unusual(record, raw, place)


def _cut_usual(record: etree._Element, raw: bytes, place: str, usual: re.Match[bytes]) -> RawRecord | None:
    """The same for a record with a header in which nothing is wrong, one element of metadata, and perhaps
    abouts; None for any other. Most of it is read from the bytes, which costs a third."""
    metadata = record[1]
    if len(metadata) != 1:
        return None
    path: tuple[Hop, ...] = ()
    for part in list(record)[2:] if len(record) > 2 else ():
        if part.tag != _ABOUT:
            return None
        path = read_path(part) or path
    identifier, sets = usual[1].decode().strip(), usual[3]
    try:
        datestamp = _moment(usual[2].decode().strip())
    except ValueError:
        return None
    if not identifier:
        return None
    begin = usual.end()
    inner = raw[begin : raw.find(_END, begin)]
    if not sets:
        return RawRecord(identifier, datestamp, False, metadata[0], raw, place, (), path, (), inner)
    named = tuple(each.strip() for each in _SETS.findall(sets.decode()))
    return RawRecord(identifier, datestamp, False, metadata[0], raw, place, (), path, named, inner)


def _cut_unusual(record: etree._Element, raw: bytes, place: str) -> RawRecord:
    """The same for a record in any form that OAI-PMH allows, and for what it does not allow."""
    header = metadata = None
    path: tuple[Hop, ...] = ()
    for part in record:
        tag = part.tag
        if tag == _HEADER:
            header = part
        elif tag == _METADATA:
            metadata = part
        elif tag == _ABOUT:
            path = read_path(part) or path
    if header is None:
        return RawRecord("", None, False, None, raw, place, (faults.NO_HEADER.issue(path="header"),), path)
    identifier, datestamp, sets, issues = _read_header(header)
    if header.get("status") == "deleted":
        return RawRecord(identifier, datestamp, True, None, raw, place, issues, path, sets)
    count = 0 if metadata is None else len(metadata)
    if metadata is None or count != 1:
        issues = (*issues, faults.METADATA.issue(path="metadata", count=count))
        return RawRecord(identifier, datestamp, False, None, raw, place, issues, path, sets)
    return RawRecord(identifier, datestamp, False, metadata[0], raw, place, issues, path, sets)


def cut_header(header: etree._Element, place: str) -> RawRecord:
    """A ``header`` of ListIdentifiers, as a record of which nothing else is known."""
    identifier, datestamp, sets, issues = _read_header(header)
    raw = etree.tostring(header, encoding="utf-8", with_tail=False)
    deleted = header.get("status") == "deleted"
    return RawRecord(identifier, datestamp, deleted, None, raw, place, issues, (), sets)


def _read_header(
    header: etree._Element,
) -> tuple[str, datetime | None, tuple[str, ...], tuple[Issue, ...]]:
    """Identifier, datestamp and setSpecs of a header, and what is wrong with it."""
    identifier = stamp = ""
    sets: tuple[str, ...] = ()
    for part in header:
        tag = part.tag
        if tag == _IDENTIFIER:
            identifier = (part.text or "").strip()
        elif tag == _DATESTAMP:
            stamp = (part.text or "").strip()
        elif tag == _SET_SPEC:
            sets += ((part.text or "").strip(),)
    issues: tuple[Issue, ...] = ()
    if not identifier:
        issues = (faults.NO_HEADER.issue("header/identifier", line_of(header)),)
    try:
        return identifier, _moment(stamp), sets, issues
    except ValueError:
        wrong = faults.DATESTAMP.issue("header/datestamp", line_of(header), text=stamp[:40])
        return identifier, None, sets, (*issues, wrong)


@lru_cache(maxsize=1024)
def _moment(datestamp: str) -> datetime:
    """Records that were published together share their datestamp."""
    return parse_datestamp(datestamp)[0]
