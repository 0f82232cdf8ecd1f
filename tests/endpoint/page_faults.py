"""Faults of the OAI-PMH list: tokens, records and datestamps."""

from __future__ import annotations

from dataclasses import replace

from tests.endpoint.exchange import Visit
from tests.endpoint.provider import Page
from tests.endpoint.records import Record, dublin_core, sample_records


def _is_list(page: Page) -> bool:
    return page.error is None and page.verb in ("ListRecords", "ListIdentifiers")


def token_loop(page: Page, visit: Visit, period: int) -> Page:
    """The tokens of ``period`` pages, over and over, each with the first records of the list."""
    if not _is_list(page) and (page.error or ("", ""))[0] != "badResumptionToken":
        return page
    token = visit.arguments.get("resumptionToken", "")
    step = int(token.removeprefix("loop-")) if token.startswith("loop-") else -1
    records = page.records or sample_records(3)
    return replace(page, records=records, error=None, token=f"loop-{(step + 1) % period}")


def new_tokens(page: Page, visit: Visit) -> Page:
    """Another token every time, always with the same records."""
    if not _is_list(page) and (page.error or ("", ""))[0] != "badResumptionToken":
        return page
    return replace(page, records=sample_records(3), error=None, token=f"new-{visit.number}")


def bad_token_on_page_2(page: Page, visit: Visit) -> Page:
    bad = visit.is_continued and _is_list(page)
    return replace(page, error=("badResumptionToken", "expired")) if bad else page


def without_token(page: Page, visit: Visit) -> Page:
    """The list ends in the middle, and only ``completeListSize`` could have told."""
    return replace(page, token="") if _is_list(page) else page


def with_record(page: Page, visit: Visit, record: Record) -> Page:
    """One more record at the end of the first page."""
    if not _is_list(page) or visit.is_continued:
        return page
    return replace(page, records=[*page.records, record])


def repeated(page: Page, visit: Visit, same: bool) -> Page:
    if not _is_list(page) or not page.records:
        return page
    first = page.records[0]
    metadata = first.metadata if same else dublin_core("另一内容", first.identifier)
    return replace(page, records=[*page.records, replace(first, metadata=metadata)])


def shrunk(page: Page, visit: Visit, percent: int) -> Page:
    """A list of which ``percent`` of a hundred are left, all on one page."""
    if not _is_list(page):
        return page
    total = page.total or 0
    left = list(page.records)[: total * percent // 100]
    return replace(page, records=left, token="", total=len(left) or None)


def all_deleted(page: Page, visit: Visit) -> Page:
    return replace(page, records=[replace(each, deleted=True) for each in page.records])


def stamped(page: Page, visit: Visit, datestamp: str) -> Page:
    return replace(page, records=[replace(each, datestamp=datestamp) for each in page.records])


def renamed(page: Page, visit: Visit) -> Page:
    return replace(page, name="另一个目录")
