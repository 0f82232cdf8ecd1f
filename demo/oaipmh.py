"""A small OAI-PMH 2.0 provider over the records of one place: pure, from arguments to bytes.

Selective harvesting by datestamp (seconds or days) and by set, resumption tokens that carry their position,
persistent deletions. Section numbers are those of the protocol, version 2.0 of 2002-06-14.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from demo.arguments import Refusal, Request, checked, parsed_moment, told_moment
from demo.catalogue import FORMATS, XSI
from demo.places import Place
from demo.records import SampleRecord

OAI = "http://www.openarchives.org/OAI/2.0/"
_NSMAP: dict[Any, str] = {None: OAI, "xsi": XSI}
_SCHEMA = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"

SETS = {"project": "项目信息公开目录", "credit": "信用信息共享目录"}


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider of one place. ``records`` in the order of their datestamps; ``page``: how many an
    answer holds."""

    place: Place
    records: Sequence[SampleRecord]
    base_url: str
    page: int = 50

    def answer(self, arguments: Iterable[tuple[str, str]], now: datetime) -> bytes:
        """The response to a request with these arguments, at the moment ``now`` (aware)."""
        root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap=_NSMAP)
        root.set(f"{{{XSI}}}schemaLocation", _SCHEMA)
        _add(root, "responseDate", told_moment(now))
        asked = _add(root, "request", self.base_url)
        try:
            request = checked(list(arguments))
            body = self._body(request)
            for name, text in request.told:
                asked.set(name, text)
            root.append(body)
        except Refusal as refusal:
            for name, text in refusal.told:
                asked.set(name, text)
            _add(root, "error", refusal.message).set("code", refusal.code)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)

    def _body(self, request: Request) -> etree._Element:
        body = etree.Element(f"{{{OAI}}}{request.verb}")
        match request.verb:
            case "Identify":
                self._identify(body)
            case "ListSets":
                _list_sets(body, request)
            case "ListMetadataFormats":
                self._list_formats(body, request)
            case "GetRecord":
                self._get_record(body, request)
            case _:
                self._list(body, request)
        return body

    def _identify(self, body: etree._Element) -> None:
        for name, text in (
            ("repositoryName", f"{self.place.name}工程建设信息目录（示例）"),
            ("baseURL", self.base_url),
            ("protocolVersion", "2.0"),
            ("adminEmail", f"catalogue@{self.place.host}"),
            ("earliestDatestamp", told_moment(self.records[0].datestamp)),
            ("deletedRecord", "persistent"),
            ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
        ):
            _add(body, name, text)

    def _find(self, request: Request) -> SampleRecord:
        for record in self.records:
            if record.identifier == request.arguments["identifier"]:
                return record
        raise Refusal("idDoesNotExist", "no record has this identifier", request.told)

    def _list_formats(self, body: etree._Element, request: Request) -> None:
        if "identifier" in request.arguments:
            self._find(request)
        for prefix, offered in FORMATS.items():
            row = _add(body, "metadataFormat")
            _add(row, "metadataPrefix", prefix)
            _add(row, "schema", offered.schema)
            _add(row, "metadataNamespace", offered.namespace)

    def _get_record(self, body: etree._Element, request: Request) -> None:
        prefix = _known_prefix(request.arguments["metadataPrefix"], request)
        _add_record(body, self._find(request), prefix)

    def _list(self, body: etree._Element, request: Request) -> None:
        selection = _Selection.of(request)
        chosen = [record for record in self.records if selection.holds(record)]
        page = chosen[selection.position : selection.position + self.page]
        if not page:
            if selection.position:
                raise Refusal("badResumptionToken", "the token points behind the list", request.told)
            raise Refusal("noRecordsMatch", "nothing was changed in this range", request.told)
        for record in page:
            if request.verb == "ListRecords":
                _add_record(body, record, selection.prefix)
            else:
                _add_header(body, record)
        following = selection.position + len(page)
        if following < len(chosen) or selection.position:
            text = selection.token(following) if following < len(chosen) else ""
            token = _add(body, "resumptionToken", text)
            token.set("completeListSize", str(len(chosen)))
            token.set("cursor", str(selection.position))


@dataclass(frozen=True, slots=True)
class _Selection:
    """What a list request asks for; a token spells it with the position behind the last page."""

    position: int
    prefix: str
    since: str
    until: str
    set_spec: str

    @classmethod
    def of(cls, request: Request) -> _Selection:
        arguments = request.arguments
        if "resumptionToken" not in arguments:
            _known_prefix(arguments["metadataPrefix"], request)
            names = ("metadataPrefix", "from", "until", "set")
            return cls(0, *(arguments.get(name, "") for name in names))
        parts = arguments["resumptionToken"].split("!")
        if len(parts) != 5 or not parts[4].isdecimal() or parts[0] not in FORMATS:
            raise Refusal("badResumptionToken", "this provider gave no such token", request.told)
        return cls(int(parts[4]), *parts[:4])

    def token(self, position: int) -> str:
        return "!".join((self.prefix, self.since, self.until, self.set_spec, str(position)))

    def holds(self, record: SampleRecord) -> bool:
        if self.set_spec and record.set_spec != self.set_spec:
            return False
        if self.since and record.datestamp < parsed_moment(self.since, end=False):
            return False
        return not self.until or record.datestamp <= parsed_moment(self.until, end=True)


def _known_prefix(prefix: str, request: Request) -> str:
    if prefix not in FORMATS:
        raise Refusal("cannotDisseminateFormat", f"offered are {', '.join(FORMATS)}", request.told)
    return prefix


def _list_sets(body: etree._Element, request: Request) -> None:
    if "resumptionToken" in request.arguments:
        raise Refusal("badResumptionToken", "this list is never split", request.told)
    for spec, name in SETS.items():
        row = _add(body, "set")
        _add(row, "setSpec", spec)
        _add(row, "setName", name)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{OAI}}}{name}")
    child.text = text
    return child


def _add_header(parent: etree._Element, record: SampleRecord) -> None:
    header = _add(parent, "header")
    if record.deleted:
        header.set("status", "deleted")
    _add(header, "identifier", record.identifier)
    _add(header, "datestamp", told_moment(record.datestamp))
    _add(header, "setSpec", record.set_spec)


def _add_record(parent: etree._Element, record: SampleRecord, prefix: str) -> None:
    row = _add(parent, "record")
    _add_header(row, record)
    if not record.deleted:
        _add(row, "metadata").append(FORMATS[prefix].write(record))
