"""Faults of a page: its token, its datestamps, its name, and whether it answers what was asked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tests.endpoint.exchange import Level, Table, Visit, rows
from tests.endpoint.provider import Page
from tests.endpoint.records import sample_records

_STAMPS = {
    "2099": "2099-12-31T23:59:59Z",
    "0001": "0001-01-01T00:00:00Z",
    "offset": "2024-01-01T08:00:00+08:00",
    "february": "2024-02-30T00:00:00Z",
    "day": "2024-01-01",
    "empty": "",
}
_CLOCKS = {"2099": _STAMPS["2099"], "0001": _STAMPS["0001"], "garbage": "\u202e<script>"}


def _is_list(page: Page) -> bool:
    return page.error is None and page.verb in ("ListRecords", "ListIdentifiers")


def _goes_on(page: Page) -> bool:
    """Whether this is a list, or would be one if its token had been good."""
    return _is_list(page) or (page.error or ("", ""))[0] == "badResumptionToken"


def token_loop(page: Page, visit: Visit, period: int) -> Page:
    """The tokens of ``period`` pages, over and over, each with the first records of the list."""
    if not _goes_on(page):
        return page
    token = visit.arguments.get("resumptionToken", "")
    step = int(token.removeprefix("loop-")) if token.startswith("loop-") else -1
    return replace(page, error=None, token=f"loop-{(step + 1) % period}")


def new_tokens(page: Page, visit: Visit) -> Page:
    """Another token every time, always with the same records."""
    if not _goes_on(page):
        return page
    return replace(page, records=page.records[:3], error=None, token=f"new-{visit.number}")


def endless(page: Page, visit: Visit) -> Page:
    """Another token and other records every time."""
    if not _goes_on(page):
        return page
    records = page.records if page.error is None else sample_records(3)
    others = [replace(each, identifier=f"{each.identifier}-{visit.number}") for each in records]
    return replace(page, records=others, error=None, token=f"more-{visit.number}", total=None)


def bad_token_on_page_2(page: Page, visit: Visit) -> Page:
    bad = visit.is_continued and _is_list(page)
    return replace(page, error=("badResumptionToken", "expired")) if bad else page


def without_token(page: Page, visit: Visit) -> Page:
    """The list ends in the middle, and only ``completeListSize`` could have told."""
    return replace(page, token="") if _is_list(page) else page


def long_token(page: Page, visit: Visit) -> Page:
    return replace(page, token="t" * 4096) if _is_list(page) else page


def strange_token(page: Page, visit: Visit) -> Page:
    """A token with white space, separators and the end of a header in it."""
    return replace(page, token="|".join((page.token, "&x=1#?/ 目录\t\r\n"))) if page.token else page


def false_total(page: Page, visit: Visit) -> Page:
    return replace(page, total=10**12) if _is_list(page) else page


def changing_total(page: Page, visit: Visit) -> Page:
    return replace(page, total=(page.total or 0) + visit.number) if _is_list(page) else page


def no_records(page: Page, visit: Visit) -> Page:
    """Pages without a record, each with the token of the next one."""
    return replace(page, records=[]) if _is_list(page) and visit.is_continued else page


def other_verb(page: Page, visit: Visit) -> Page:
    return replace(page, verb="Identify", records=[]) if _is_list(page) else page


def other_record(page: Page, visit: Visit) -> Page:
    """Whichever record is asked for, another one comes."""
    return replace(page, records=sample_records(1, "other.test")) if page.verb == "GetRecord" else page


def no_such_format(page: Page, visit: Visit) -> Page:
    return replace(page, error=("cannotDisseminateFormat", "no more")) if _is_list(page) else page


def stamped(page: Page, visit: Visit, datestamp: str) -> Page:
    return replace(page, records=[replace(each, datestamp=datestamp) for each in page.records])


def responded(page: Page, visit: Visit, datestamp: str) -> Page:
    """The clock of the source is wrong, its records are dated well."""
    return replace(page, responded=datestamp)


def renamed(page: Page, visit: Visit) -> Page:
    return replace(page, name="另一个目录")


_TABLE: Table = (
    *(
        (f"token-loop-{period}", f"tokens in a loop of {period}", partial(token_loop, period=period))
        for period in (1, 2, 7)
    ),
    ("new-tokens", "ever-new tokens with the same records", new_tokens),
    ("endless", "ever-new tokens with ever-new records", endless),
    ("bad-token-on-page-2", "badResumptionToken from the second page on", bad_token_on_page_2),
    ("lost-token", "the list ends after its first page", without_token),
    ("long-token", "a token of 4 KB", long_token),
    ("strange-token", "a token of white space, separators and Chinese (no fault)", strange_token),
    ("false-total", "a list that says it has 10^12 records", false_total),
    ("changing-total", "a list that says another size on every page", changing_total),
    ("no-records", "no record from the second page on, but tokens", no_records),
    ("other-verb", "another question is answered than was asked", other_verb),
    ("other-record", "GetRecord gives another record", other_record),
    ("no-such-format", "cannotDisseminateFormat", no_such_format),
    *(
        (f"stamped-{name}", f"datestamps “{stamp}”", partial(stamped, datestamp=stamp))
        for name, stamp in _STAMPS.items()
    ),
    *(
        (f"responded-{name}", f"answers that are dated “{stamp}”", partial(responded, datestamp=stamp))
        for name, stamp in _CLOCKS.items()
    ),
    ("renamed", "the repository has another name", renamed),
)

ROWS = rows(Level.PAGE, _TABLE)
