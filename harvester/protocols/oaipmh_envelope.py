"""What an OAI-PMH answer says beside its records: date, errors, token, and the answers to a probe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from lxml import etree

from harvester.protocols import faults
from harvester.protocols.base import Envelope, Identity, OfferedFormat, OfferedSet
from harvester.protocols.stream import ElementStream, line_of
from registry.model.datestamp import Granularity, parse_datestamp
from registry.model.issue import Issue, refuses
from schemas.fault import Fault
from schemas.oaipmh import OAI, VERBS

IDENTIFY = "Identify"
LIST_RECORDS = "ListRecords"
LIST_IDENTIFIERS = "ListIdentifiers"
GET_RECORD = "GetRecord"
NO_RECORDS_MATCH = "noRecordsMatch"
BAD_TOKEN = "badResumptionToken"  # noqa: S105 (an error code of OAI-PMH)
UNKNOWN_RECORD = "idDoesNotExist"
TOKEN_BYTES = 2048

_TEXT_LENGTH = 200
_NAME_LENGTH = 500
_ERRORS_READ = 20  # of one answer; there are eight codes
_OFFERS_READ = 1000  # sets or formats of one answer, which people look at
_ROOT = f"{{{OAI}}}OAI-PMH"


def read_envelope(stream: ElementStream) -> Envelope:
    """The envelope of an answer whose last chunk has been fed. Raises ``XmlRefused`` where it broke off."""
    root = stream.close()
    issues: list[Issue] = list(stream.decoder.issues)
    if root is None:
        fault = faults.WEB_PAGE if stream.is_web_page else faults.EMPTY
        return Envelope(complete=False, issues=(*issues, fault.issue()))
    if root.tag != _ROOT:
        found = faults.WRONG_ROOT.issue(line=line_of(root), found=_clip(str(root.tag)), expected="OAI-PMH")
        return Envelope(complete=False, issues=(*issues, found))
    return _Reading(root, issues).envelope()


class _Reading:
    """One root element being read, and the issues found on the way."""

    def __init__(self, root: etree._Element, issues: list[Issue]) -> None:
        self._root = root
        self._issues = issues

    def envelope(self) -> Envelope:
        responded = self._moment(_child(self._root, "responseDate"), faults.RESPONSE_DATE)
        errors = islice(self._root.iterfind(f"{{{OAI}}}error"), _ERRORS_READ)
        codes = tuple(dict.fromkeys(map(self._error, errors)))
        answer = next((each for each in self._root if _name(each) in VERBS), None)
        if answer is None and not codes:
            self._issues.append(faults.WITHOUT_LIST.issue())
        token, total, end_told, identity = "", None, True, None
        formats: tuple[OfferedFormat, ...] = ()
        sets: tuple[OfferedSet, ...] = ()
        if answer is not None:
            token, total, end_told = self._token(answer)
            if _name(answer) == IDENTIFY:
                identity = self._identity(answer)
                token = f"{LIST_RECORDS} {identity.granularity}"
            formats = tuple(_format(each) for each in _offers(answer, "metadataFormat"))
            sets = tuple(_set(each) for each in _offers(answer, "set"))
        return Envelope(
            token=token,
            declared_total=total,
            response_date=responded,
            complete=not refuses(tuple(self._issues)),
            error_codes=codes,
            issues=tuple(self._issues),
            name=identity.name if identity else "",
            answered="" if answer is None else _name(answer),
            end_told=end_told,
            identity=identity,
            formats=formats,
            sets=sets,
        )

    def _error(self, error: etree._Element) -> str:
        """The code of one ``error``. That nothing matched is an answer; the others end the walk."""
        code = _clip(error.get("code") or "")
        if code != NO_RECORDS_MATCH:
            text = _clip(error.text or "") or "—"
            self._issues.append(faults.REPORTED.issue(line=line_of(error), code=code, text=text))
        return code

    def _token(self, answer: etree._Element) -> tuple[str, int | None, bool]:
        """The resumption token of a list, the size that the source gives for the whole list, and whether there
        is such an element at all."""
        element = answer.find(f"{{{OAI}}}resumptionToken")
        if element is None:
            return "", None, False
        token = (element.text or "").strip()
        if len(token.encode()) > TOKEN_BYTES:
            self._issues.append(faults.TOKEN_LENGTH.issue(line=line_of(element), limit=TOKEN_BYTES))
            token = ""
        size = element.get("completeListSize")
        if size is None:
            return token, None, True
        if size.isascii() and size.isdecimal() and int(size[:18]) > 0:
            return token, int(size[:18]), True
        self._issues.append(faults.LIST_SIZE.issue(line=line_of(element), text=_clip(size)))
        return token, None, True

    def _identity(self, answer: etree._Element) -> Identity:
        granularity = _text(answer, "granularity")
        if granularity not in set(Granularity):
            self._issues.append(faults.GRANULARITY.issue(text=_clip(granularity)))
            granularity = Granularity.DAY
        return Identity(
            name=_text(answer, "repositoryName")[:_NAME_LENGTH],
            base_url=_text(answer, "baseURL")[:_NAME_LENGTH],
            granularity=Granularity(granularity),
            deleted_record=_clip(_text(answer, "deletedRecord")),
            earliest=self._moment(_child(answer, "earliestDatestamp"), faults.EARLIEST),
        )

    def _moment(self, element: etree._Element | None, fault: Fault) -> datetime | None:
        text = "" if element is None else (element.text or "").strip()
        try:
            return parse_datestamp(text)[0]
        except ValueError:
            self._issues.append(
                fault.issue(line=None if element is None else line_of(element), text=_clip(text))
            )
            return None


def _offers(answer: etree._Element, name: str) -> Iterator[etree._Element]:
    return islice(answer.iterfind(f"{{{OAI}}}{name}"), _OFFERS_READ)


def _format(element: etree._Element) -> OfferedFormat:
    return OfferedFormat(
        *(_text(element, name)[:_NAME_LENGTH] for name in ("metadataPrefix", "schema", "metadataNamespace"))
    )


def _set(element: etree._Element) -> OfferedSet:
    return OfferedSet(*(_text(element, name)[:_NAME_LENGTH] for name in ("setSpec", "setName")))


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(f"{{{OAI}}}{name}")


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(f"{{{OAI}}}{name}") or "").strip()


def _name(element: etree._Element) -> str:
    """The local name of an element of OAI-PMH, empty for any other."""
    namespace, _, name = str(element.tag).rpartition("}")
    return name if namespace == f"{{{OAI}" else ""


def _clip(text: str) -> str:
    return " ".join(text.split())[:_TEXT_LENGTH]
