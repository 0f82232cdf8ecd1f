"""Answers as bytes (OAI-PMH 2.0, sections 3.2 and 4), put together by joining: nothing here parses or builds a
tree, because a walk over a register must cost little more than reading it.

Documents are pasted as they are stored. They are self-contained, so that whoever harvests them can verify their
digest; where their schemas lie is therefore said once, on the root element.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.model.datestamp import Granularity, format_datestamp
from registry.model.version import Line
from registry.outlets.oaipmh.errors import Complaint
from registry.outlets.oaipmh.markup import attribute, element, text
from registry.outlets.oaipmh.provenance import about
from schemas.oaipmh import IDENTIFIER, OAI, XSI


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around every answer of one repository: ``schema_locations`` (namespace → location) of
    everything that may stand in it."""

    base_url: str
    schema_locations: Mapping[str, str]

    def around(self, body: Iterable[bytes], dated: datetime, arguments: Mapping[str, str]) -> bytes:
        """The whole answer: ``dated`` its responseDate, ``arguments`` (the verb too) what it repeats."""
        locations = " ".join(f"{space} {place}" for space, place in self.schema_locations.items())
        head = (
            b'<?xml version="1.0" encoding="UTF-8"?>\n'
            b'<OAI-PMH xmlns="%b" xmlns:xsi="%b" xsi:schemaLocation="%b"><responseDate>%b</responseDate>'
            b"<request%b>%b</request>"
        ) % (
            OAI.encode(),
            XSI.encode(),
            attribute(locations),
            format_datestamp(dated).encode(),
            b"".join(b' %b="%b"' % (name.encode(), attribute(value)) for name, value in arguments.items()),
            text(self.base_url),
        )
        return b"".join((head, *body, b"</OAI-PMH>\n"))


def errors(complaints: Iterable[Complaint]) -> list[bytes]:
    """The ``error`` elements."""
    return [b'<error code="%b">%b</error>' % (each.code.encode(), text(each.text)) for each in complaints]


@dataclass(frozen=True, slots=True)
class Repository:
    """What Identify says. ``sample``: (repository identifier, sample identifier) where all identifiers are
    of the oai-identifier scheme and one namespace; else None."""

    name: str
    base_url: str
    admin_email: str
    earliest: datetime
    sample: tuple[str, str] | None


def identify(repository: Repository) -> list[bytes]:
    """The answer to Identify."""
    body = [
        b"<Identify>",
        element("repositoryName", repository.name),
        element("baseURL", repository.base_url),
        element("protocolVersion", "2.0"),
        element("adminEmail", repository.admin_email),
        element("earliestDatestamp", format_datestamp(repository.earliest)),
        element("deletedRecord", "persistent"),
        element("granularity", Granularity.SECOND),
        element("compression", "gzip"),
    ]
    if repository.sample is not None:
        namespace, identifier = repository.sample
        body += [
            b'<description><oai-identifier xmlns="%b">' % IDENTIFIER.encode(),
            element("scheme", "oai"),
            element("repositoryIdentifier", namespace),
            element("delimiter", ":"),
            element("sampleIdentifier", identifier),
            b"</oai-identifier></description>",
        ]
    return [*body, b"</Identify>"]


def metadata_formats(formats: Iterable[tuple[str, str, str]]) -> list[bytes]:
    """The answer to ListMetadataFormats: (prefix, schema location, namespace) of each."""
    listed = (
        b"<metadataFormat>"
        + element("metadataPrefix", prefix)
        + element("schema", location)
        + element("metadataNamespace", namespace)
        + b"</metadataFormat>"
        for prefix, location, namespace in formats
    )
    return [b"<ListMetadataFormats>", *listed, b"</ListMetadataFormats>"]


def sets(named: Iterable[tuple[str, str]]) -> list[bytes]:
    """The answer to ListSets: (set spec, name) of each."""
    listed = (
        b"<set>" + element("setSpec", spec) + element("setName", name) + b"</set>" for spec, name in named
    )
    return [b"<ListSets>", *listed, b"</ListSets>"]


@dataclass(frozen=True, slots=True)
class Headers:
    """What the headers of one page share. ``stamps``: (last sequence, datestamp) of the publications that
    hold it, in order; ``specs``: set specs by membership; ``asked_set``: the set asked for, or empty."""

    stamps: Sequence[tuple[int, datetime]]
    specs: Mapping[int, Sequence[str]]
    asked_set: str = ""

    def ends_of(self, listed: Iterable[tuple[Line, bool]]) -> Iterable[bytes]:
        """For each line what follows its identifier in the header. A deleted one names no set but the one
        that was asked for: where a text belongs that is not shown is nobody's business."""
        known: dict[int, bytes] = {}
        stamps = iter(self.stamps)
        last, stamp, deleted = -1, b"", b""
        for line, shown in listed:
            while line.sequence > last:
                last, datestamp = next(stamps)
                stamp = b"</identifier><datestamp>%b</datestamp>" % format_datestamp(datestamp).encode()
                known.clear()
                deleted = stamp + (element("setSpec", self.asked_set) if self.asked_set else b"")
            if not shown:
                yield deleted
                continue
            end = known.get(line.membership_id)
            if end is None:
                specs = b"".join(element("setSpec", spec) for spec in self.specs[line.membership_id])
                end = known[line.membership_id] = stamp + specs
            yield end


def headers(listed: Sequence[tuple[Line, bool]], shared: Headers) -> list[bytes]:
    """The ``header`` elements of ListIdentifiers."""
    return [
        (_HEADER if shown else _DELETED_HEADER) % (text(line.identifier), end)
        for (line, shown), end in zip(listed, shared.ends_of(listed), strict=True)
    ]


_HEADER = b"<header><identifier>%b%b</header>"
_DELETED_HEADER = b'<header status="deleted"><identifier>%b%b</header>'


def records(
    listed: Sequence[tuple[Line, bool]], contents: Iterable[bytes], shared: Headers, *, converted: bool
) -> list[bytes]:
    """The pieces of the ``record`` elements. ``contents``: the metadata of each line (of deleted ones:
    anything); ``converted``: they were made from the stored documents, rather than being them."""
    pieces: list[bytes] = []
    for (line, shown), end, content in zip(listed, shared.ends_of(listed), contents, strict=True):
        identifier = text(line.identifier)
        if shown:
            pieces += (
                b"<record><header><identifier>", identifier, end, b"</header><metadata>", content,
                b"</metadata>", about(line.path, identifier, converted), b"</record>",
            )  # fmt: skip
        else:
            pieces += (b"<record>", _DELETED_HEADER % (identifier, end), b"</record>")
    return pieces


def resumption_token(value: str, cursor: int) -> bytes:
    """The token behind an incomplete list; empty behind its last part."""
    return b'<resumptionToken cursor="%d">%b</resumptionToken>' % (cursor, text(value))
