"""An OAI-PMH 2.0 provider over a given list of records, written for being told to misbehave.

It is a second reading of the specification, kept apart from the product's provider, so that neither hides
the other's mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from tests.endpoint.records import BEGINNING, Record

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/'
    ' http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">\n'
)
_LISTS = ("ListRecords", "ListIdentifiers")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer before it is written down. ``token`` None: no resumptionToken element; empty: the last.
    Beside an ``error`` stand the records that a fault may tell instead. ``responded``: another ``responseDate``
    than the clock's."""

    verb: str
    arguments: Mapping[str, str]
    records: Sequence[Record] = ()
    token: str | None = None
    total: int | None = None
    cursor: int = 0
    error: tuple[str, str] | None = None
    name: str = ""
    responded: str = ""


@dataclass(slots=True)
class Provider:
    """What it holds and how it says so. ``records`` may be changed between two requests; ``asides`` (by
    identifier) are told to GetRecord only."""

    records: list[Record]
    base_url: str = ""
    name: str = "测试市目录"
    prefix: str = "oai_dc"
    namespace: str = "http://www.openarchives.org/OAI/2.0/oai_dc/"
    page_size: int = 10
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    deleted_record: str = "persistent"
    set_names: Mapping[str, str] = field(default_factory=dict)
    asides: dict[str, Record] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def answer(self, arguments: Mapping[str, str], records: Sequence[Record] | None = None) -> Page:
        """What the records (or those that are told instead of them) give for the arguments of a request."""
        verb = arguments.get("verb", "")
        page = Page(verb, arguments, name=self.name)
        told = self.records if records is None else records
        if verb in _LISTS:
            return self._list(page, told)
        if verb == "GetRecord":
            return self._one(page, told)
        if verb == "ListSets" and not self.set_names:
            return replace(page, error=("noSetHierarchy", "there are no sets"))
        if verb in ("Identify", "ListMetadataFormats", "ListSets"):
            return page
        return replace(page, error=("badVerb", "there is no such verb"))

    def _selected(self, records: Sequence[Record], arguments: Mapping[str, str]) -> list[Record]:
        """Those records that a list request asks for."""
        since, until = arguments.get("from", ""), arguments.get("until", "")
        spec = arguments.get("set", "")
        return [
            each
            for each in records
            if since <= each.datestamp[: len(since) or None]
            and (not until or each.datestamp[: len(until)] <= until)
            if not spec or any(f"{one}:".startswith(f"{spec}:") for one in each.sets)
        ]

    @property
    def now(self) -> str:
        """What its clock says, as a datestamp."""
        return f"{self.clock():%Y-%m-%dT%H:%M:%SZ}"

    def write(self, page: Page) -> bytes:
        """The answer's bytes."""
        parts = [_HEAD, f"<responseDate>{escape(page.responded or self.now)}</responseDate>\n"]
        repeated = "".join(f" {name}={quoteattr(value)}" for name, value in page.arguments.items())
        parts.append(f"<request{'' if page.error else repeated}>{escape(self.base_url)}</request>\n")
        if page.error:
            code, text = page.error
            parts.append(f"<error code={quoteattr(code)}>{escape(text)}</error>\n")
        else:
            parts.append(f"<{page.verb}>\n{self._content(page)}</{page.verb}>\n")
        return "".join([*parts, "</OAI-PMH>\n"]).encode("utf-8", "surrogateescape")

    def _list(self, page: Page, records: Sequence[Record]) -> Page:
        arguments = dict(page.arguments)
        cursor = 0
        if token := arguments.get("resumptionToken", ""):
            try:
                cursor_text, since, until, spec, *_ = token.split("|")
                cursor = int(cursor_text)
            except ValueError:
                return replace(page, records=records[:3], error=("badResumptionToken", "not one of ours"))
            arguments = {"from": since, "until": until, "set": spec}
        elif arguments.get("metadataPrefix") != self.prefix:
            return replace(page, error=("cannotDisseminateFormat", f"only {self.prefix}"))
        selected = self._selected(records, arguments)
        if not selected:
            return replace(page, error=("noRecordsMatch", "nothing there"))
        following = cursor + self.page_size
        more = following < len(selected)
        selection = (arguments.get("from", ""), arguments.get("until", ""), arguments.get("set", ""))
        last = "" if cursor else None
        return replace(
            page,
            records=selected[cursor:following],
            token="|".join((str(following), *selection)) if more else last,
            total=len(selected),
            cursor=cursor,
        )

    def _one(self, page: Page, records: Sequence[Record]) -> Page:
        found = [
            each
            for each in (*self.asides.values(), *records)
            if each.identifier == page.arguments.get("identifier")
        ]
        if not found:
            return replace(page, error=("idDoesNotExist", "no such record"))
        return replace(page, records=found[:1])

    def _content(self, page: Page) -> str:
        if page.verb == "Identify":
            return self._identify(page.name)
        if page.verb == "ListMetadataFormats":
            return (
                f"<metadataFormat><metadataPrefix>{self.prefix}</metadataPrefix>"
                f"<schema>{self.namespace}schema.xsd</schema>"
                f"<metadataNamespace>{self.namespace}</metadataNamespace></metadataFormat>\n"
            )
        if page.verb == "ListSets":
            return "".join(
                f"<set><setSpec>{spec}</setSpec><setName>{escape(name)}</setName></set>\n"
                for spec, name in self.set_names.items()
            )
        write = _header if page.verb == "ListIdentifiers" else _record
        return "".join([*map(write, page.records), _token(page)])

    def _identify(self, name: str) -> str:
        earliest = f"{BEGINNING:%Y-%m-%dT%H:%M:%SZ}"[: len(self.granularity)]
        return (
            f"<repositoryName>{escape(name)}</repositoryName><baseURL>{escape(self.base_url)}</baseURL>"
            f"<protocolVersion>2.0</protocolVersion><adminEmail>catalogue@endpoint.test</adminEmail>"
            f"<earliestDatestamp>{earliest}</earliestDatestamp>"
            f"<deletedRecord>{self.deleted_record}</deletedRecord>"
            f"<granularity>{self.granularity}</granularity>\n"
        )


def _header(record: Record) -> str:
    status = ' status="deleted"' if record.deleted else ""
    sets = "".join(f"<setSpec>{escape(spec)}</setSpec>" for spec in record.sets)
    return (
        f"<header{status}><identifier>{escape(record.identifier)}</identifier>"
        f"<datestamp>{escape(record.datestamp)}</datestamp>{sets}</header>\n"
    )


def _record(record: Record) -> str:
    metadata = "" if record.deleted else f"<metadata>{record.metadata}</metadata>"
    return f"<record>{_header(record)}{metadata}</record>\n"


def _token(page: Page) -> str:
    if page.token is None:
        return ""
    size = "" if page.total is None else f' completeListSize="{page.total}" cursor="{page.cursor}"'
    return f"<resumptionToken{size}>{escape(page.token)}</resumptionToken>\n"
