"""Faults of a list that moves while it is walked over, ends in silence, or is all that can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.endpoint.exchange import Level, Table, Visit, rows
from tests.endpoint.provider import Page
from tests.endpoint.records import Record


def slipped(records: Sequence[Record], visit: Visit) -> Sequence[Record]:
    """Behind the first page a record is gone from its head, and a new one stands at its end: the size stays, and
    what stood at the edge of the second page is passed over."""
    first = visit.arguments.get("verb") in ("Identify", "ListRecords") and not visit.is_continued
    if first or not records:
        return records
    return [*records[1:], replace(records[-1], identifier=f"{records[-1].identifier}-new")]


def untold_end(page: Page, visit: Visit) -> Page:
    """The last page of a list that was resumed has no resumptionToken at all."""
    return replace(page, token=None) if page.token == "" else page


def no_single_records(page: Page, visit: Visit) -> Page:
    return replace(page, error=("badVerb", "no GetRecord here")) if page.verb == "GetRecord" else page


_PAGES: Table = (
    ("untold-end", "the last page has no empty token", untold_end),
    ("no-single-records", "GetRecord is not known", no_single_records),
)
_LISTS: Table = (("slipped", "a record slips over the edge of a page that has been read", slipped),)

ROWS = (*rows(Level.LIST, _LISTS), *rows(Level.PAGE, _PAGES))
