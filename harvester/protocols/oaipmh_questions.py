"""OAI-PMH 2.0: the questions. Only the arguments that are not empty are sent."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from harvester.protocols.base import Request
from harvester.protocols.oaipmh_envelope import GET_RECORD, IDENTIFY, LIST_IDENTIFIERS, LIST_RECORDS
from registry.model.datestamp import Granularity, format_datestamp
from registry.model.run import Window
from registry.model.source import SourceDescription

BEGINNINGS = {f"{LIST_RECORDS} {granularity}": granularity for granularity in Granularity}
"""The tokens with which lists begin: our own, which the answer to Identify gets."""


def ask_identify(source: SourceDescription) -> Request:
    """Who are you?"""
    return _request(source, verb=IDENTIFY)


def ask_formats(source: SourceDescription) -> Request:
    """Which metadata formats are there?"""
    return _request(source, verb="ListMetadataFormats")


def ask_sets(source: SourceDescription, token: str = "") -> Request:
    """Which sets are there?"""
    return _request(source, verb="ListSets", resumptionToken=token)


def ask_records(source: SourceDescription, window: Window, granularity: Granularity) -> Request:
    """The first page of the records of ``window``."""
    return _request(source, verb=LIST_RECORDS, **_selection(source, window, granularity))


def continue_records(source: SourceDescription, token: str) -> Request:
    """The next page of the records of a list."""
    return _request(source, verb=LIST_RECORDS, resumptionToken=token)


def ask_identifiers(
    source: SourceDescription, window: Window, granularity: Granularity, token: str = ""
) -> Request:
    """A page of the headers of ``window``, for ``oaipmh.header_reader``."""
    selection = {"resumptionToken": token} if token else _selection(source, window, granularity)
    return _request(source, verb=LIST_IDENTIFIERS, **selection)


def ask_record(source: SourceDescription, identifier: str) -> Request:
    """One record."""
    return _request(source, verb=GET_RECORD, identifier=identifier, metadataPrefix=source.metadata_prefix)


def _selection(source: SourceDescription, window: Window, granularity: Granularity) -> dict[str, str]:
    since = format_datestamp(window.since, granularity) if window.since else ""
    return {"metadataPrefix": source.metadata_prefix, "set": source.set_spec, "from": since}


def _request(source: SourceDescription, **arguments: str) -> Request:
    """A GET with those ``arguments`` that are not empty (3.1.1.1: every reserved character is escaped)."""
    query = urlencode({name: value for name, value in arguments.items() if value}, quote_via=quote, safe="")
    base, _, _ = source.location.partition("#")
    separator = "&" if "?" in base else "?"
    return Request(f"{base}{separator}{query}")


def verb_of(request: Request) -> str:
    """What a request asks."""
    return dict(parse_qsl(urlsplit(request.url).query)).get("verb", "")
